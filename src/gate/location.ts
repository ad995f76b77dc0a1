import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { areaCodeOf } from './jurisdictions/area-codes.ts'
import { COUNTRIES_WITH_HOURS } from './jurisdictions/text-hours.ts'
import { ANYWHERE, stateOfZip, statesInZone, US_STATES } from './jurisdictions/us-states.ts'
import { countryZones, representative } from './jurisdictions/zones.ts'
import { canonicalZone } from './zone-clock.ts'

/** Every place where a contact may be, as far as the evidence goes. Interned: equal places are one object. */
export interface Location {
  /** IANA zones; never empty. */
  readonly zones: readonly string[]
  /** US states whose law may apply. Empty when the contact is in another country. */
  readonly states: readonly string[]
  /** Whose rules on hours may apply: `US` with the states as `US-TX`, and other countries. */
  readonly jurisdictions: readonly string[]
  /**
   * What was used, for the record: `timezone`, `state`, `postal_code`, `country`, `area_code`, `phone_country`, `device_timezone`,
   * or `none`.
   */
  readonly evidence: readonly string[]
  /** The device is in a zone where nothing else places the person: on a journey, or moved. */
  readonly travelling: boolean
}

/** Parts of the United States that also have a country code. State codes must never be taken for countries: DE is Germany too. */
const TERRITORIES: ReadonlySet<string> = new Set(['PR', 'VI', 'GU', 'MP', 'AS'])

const ALSO_CALLED: Readonly<Record<string, string>> = { USA: 'US', UK: 'GB' }

const MAX_LOCATIONS = 20_000
const locations = new Map<string, Location>()

/**
 * Where a contact may be: from the traits `timezone`, `country`, `state` and `postal_code`, from the phone number's area code, and from
 * the zone of the device that was last seen (`device_timezone`).
 *
 * Pieces of evidence add places, they never take any away, with one exception: an explicit zone that lies in the place which another
 * piece names says where in that place. A device only ever adds its zone. A person who moved, or whose number moved, so has both zones. Nothing known means
 * anywhere in the United States. Never the server's zone, never UTC.
 */
export function locate(traits: Readonly<Record<string, unknown>>, number: string | undefined): Location {
  const place = evidenceOf(traits, number)
  const key = JSON.stringify(place)
  const known = locations.get(key)
  if (known !== undefined) return known
  const location = combine(place)
  if (locations.size >= MAX_LOCATIONS) locations.clear()
  locations.set(key, location)
  return location
}

/** Only what says something about places, so that nothing personal is kept as a key. */
interface Evidence {
  readonly timezone?: string
  readonly deviceTimezone?: string
  readonly country?: string
  readonly state?: string
  readonly zipState?: string
  readonly areaCode?: string
  /** A number under +1 about which the area code says nothing. */
  readonly anywhereUs?: true
  readonly phoneCountries?: readonly string[]
}

function evidenceOf(traits: Readonly<Record<string, unknown>>, number: string | undefined): Evidence {
  const timezone = text(traits['timezone'])
  const deviceTimezone = text(traits['device_timezone'])
  const named = text(traits['country'])?.toUpperCase()
  const country = named === undefined ? undefined : (ALSO_CALLED[named] ?? named)
  const american = country === undefined || country === 'US' || TERRITORIES.has(country)
  const state = american ? text(traits['state'])?.toUpperCase() : undefined
  const zipState = american ? stateOfZip(text(traits['postal_code']) ?? '') : undefined
  return {
    ...(timezone === undefined ? {} : { timezone }),
    ...(deviceTimezone === undefined ? {} : { deviceTimezone }),
    ...(country === undefined ? {} : { country }),
    ...(state !== undefined && state in US_STATES ? { state } : {}),
    ...(zipState === undefined ? {} : { zipState }),
    ...(number === undefined ? {} : phoneEvidence(number)),
  }
}

function phoneEvidence(number: string): Evidence {
  if (number.startsWith('+1')) {
    const area = areaCodeOf(number)
    return area === undefined ? { anywhereUs: true } : { areaCode: number.slice(2, 5) }
  }
  const countries = parsePhoneNumberFromString(number)?.getPossibleCountries() ?? []
  return countries.length === 0 ? {} : { phoneCountries: countries }
}

function combine(evidence: Evidence): Location {
  const zone = zoneOf(evidence.timezone)
  const zones = new Set<string>(zone === undefined ? [] : [zone])
  const states = new Set<string>()
  const countries = new Set<string>()
  const used: string[] = zone === undefined ? [] : ['timezone']

  const add = (kind: string, placeZones: readonly string[], state?: string): void => {
    if (placeZones.length === 0) return
    used.push(kind)
    if (state !== undefined) states.add(state)
    if (zone === undefined || !placeZones.includes(zone)) for (const one of placeZones) zones.add(one)
  }
  const addState = (kind: string, state: string | undefined): void => {
    if (state !== undefined) add(kind, US_STATES[state]?.zones ?? [], state)
  }
  const addCountry = (kind: string, country: string, placeZones = countryZones(country)): void => {
    if (placeZones.length > 0) countries.add(country)
    add(kind, placeZones)
  }
  addState('state', evidence.state)
  addState('postal_code', evidence.zipState)
  if (evidence.country !== undefined && evidence.country !== 'US') {
    if (TERRITORIES.has(evidence.country)) addState('country', evidence.country)
    else addCountry('country', evidence.country)
  }
  const area = evidence.areaCode === undefined ? undefined : areaCodeOf(`+1${evidence.areaCode}0000000`)
  if (area?.state !== undefined) add('area_code', area.zones, area.state)
  else if (area !== undefined) addCountry('area_code', area.country, area.zones.length > 0 ? area.zones : undefined)
  const called = (evidence.phoneCountries ?? []).filter((country) => countryZones(country).length > 0)
  for (const country of called) countries.add(country)
  add('phone_country', called.flatMap(countryZones))

  const device = zoneOf(evidence.deviceTimezone)
  const travelling = device !== undefined && zones.size > 0 && !zones.has(device)
  if (device !== undefined) {
    zones.add(device)
    used.push('device_timezone')
  }
  if (zones.size === 0) return ANYWHERE_KNOWN

  for (const one of zones) explain(one, states, countries)
  if (evidence.anywhereUs === true && states.size === 0) {
    for (const state of ANYWHERE.states) states.add(state)
    for (const one of ANYWHERE.zones) zones.add(one)
  }
  return located([...zones], [...states], [...countries], used, travelling)
}

/** A zone that no named state or country explains: the law of each that lies in it may apply. */
function explain(zone: string, states: Set<string>, countries: Set<string>): void {
  const local = statesInZone(zone)
  if (!local.some((state) => states.has(state))) for (const state of local) states.add(state)
  if (local.length > 0) return
  const here = COUNTRIES_WITH_HOURS.filter((country) => countryZones(country).includes(zone))
  if (![...countries].some((country) => countryZones(country).includes(zone))) {
    for (const country of here) countries.add(country)
  }
}

function located(
  zones: readonly string[],
  states: readonly string[],
  countries: readonly string[],
  evidence: readonly string[],
  travelling: boolean,
): Location {
  const american = states.length === 0 ? [] : ['US', ...states.map((state) => `US-${state}`)]
  return {
    zones: zones.toSorted(),
    states: states.toSorted(),
    jurisdictions: [...american, ...countries].toSorted(),
    evidence,
    travelling,
  }
}

const ANYWHERE_KNOWN: Location = {
  ...located(ANYWHERE.zones, ANYWHERE.states, [], ['none'], false),
  zones: ANYWHERE.zones,
  states: ANYWHERE.states,
}

/** The zone under the name that the tables know, or undefined where the text names none. */
function zoneOf(name: string | undefined): string | undefined {
  const canonical = name === undefined ? undefined : canonicalZone(name)
  return canonical === undefined ? undefined : placeOf(representative(canonical))
}

/** UTC, GMT and the like are where servers are: they say nothing about a person. */
function placeOf(zone: string): string | undefined {
  return zone.includes('/') && !zone.startsWith('Etc/') ? zone : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 64 ? value.trim() : undefined
}
