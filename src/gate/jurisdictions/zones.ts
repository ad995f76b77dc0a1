/** Zones of the United States that have kept the time of another one since 2007, under the one's name. Source: tzdata `northamerica`. */
const SAME_TIME: Readonly<Record<string, string>> = {
  'America/Detroit': 'America/New_York',
  'America/Indiana/Indianapolis': 'America/New_York',
  'America/Indianapolis': 'America/New_York',
  'America/Indiana/Marengo': 'America/New_York',
  'America/Indiana/Petersburg': 'America/New_York',
  'America/Indiana/Vevay': 'America/New_York',
  'America/Indiana/Vincennes': 'America/New_York',
  'America/Indiana/Winamac': 'America/New_York',
  'America/Kentucky/Louisville': 'America/New_York',
  'America/Louisville': 'America/New_York',
  'America/Kentucky/Monticello': 'America/New_York',
  'America/Indiana/Knox': 'America/Chicago',
  'America/Indiana/Tell_City': 'America/Chicago',
  'America/Menominee': 'America/Chicago',
  'America/North_Dakota/Beulah': 'America/Chicago',
  'America/North_Dakota/Center': 'America/Chicago',
  'America/North_Dakota/New_Salem': 'America/Chicago',
  'America/Boise': 'America/Denver',
  'America/Juneau': 'America/Anchorage',
  'America/Metlakatla': 'America/Anchorage',
  'America/Nome': 'America/Anchorage',
  'America/Sitka': 'America/Anchorage',
  'America/Yakutat': 'America/Anchorage',
  EST5EDT: 'America/New_York',
  CST6CDT: 'America/Chicago',
  MST7MDT: 'America/Denver',
  PST8PDT: 'America/Los_Angeles',
}

/** The zone under whose name the tables of states know this one; itself if they do not. */
export function representative(zone: string): string {
  return SAME_TIME[zone] ?? zone
}

const byCountry = new Map<string, readonly string[]>()

/** The zones of a country (ISO 3166 alpha-2) by the runtime's CLDR data; empty if it knows none. */
export function countryZones(country: string): readonly string[] {
  if (!/^[A-Z]{2}$/.test(country)) return []
  let zones = byCountry.get(country)
  if (zones === undefined) {
    // A getter until ES2025, a method since; TypeScript's library knows neither yet.
    const locale: Intl.Locale & { readonly timeZones?: readonly string[]; getTimeZones?(): readonly string[] } =
      new Intl.Locale(`und-${country}`)
    zones = [...new Set((locale.getTimeZones?.() ?? locale.timeZones ?? []).map(representative))]
    byCountry.set(country, zones)
  }
  return zones
}
