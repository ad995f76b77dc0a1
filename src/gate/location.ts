import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { areaCodeOf } from './jurisdictions/area-codes.ts'
import { ANYWHERE, stateOfZip, statesInZone, US_STATES } from './jurisdictions/us-states.ts'
import { countryZones, representative } from './jurisdictions/zones.ts'
import { canonicalZone } from './zone-clock.ts'

/** Every place where a contact may be, as far as the evidence goes. Interned: equal places are one object. */
export interface Location {
  /** IANA zones; never empty. */
  readonly zones: readonly string[]
  /** US states whose law may apply. Empty when the contact is in another country. */
  readonly states: readonly string[]
  /** What was used, for the record: `timezone`, `state`, `postal_code`, `country`, `area_code`, `phone_country`, or `none`. */
  readonly evidence: readonly string[]
}

/** Parts of the United States that also have a country code. State codes must never be taken for countries: DE is Germany too. */
const TERRITORIES: ReadonlySet<string> = new Set(['PR', 'VI', 'GU', 'MP', 'AS'])

const MAX_LOCATIONS = 20_000
const locations = new Map<string, Location>()

/**
 * Where a contact may be, from the traits `timezone`, `country`, `state` and `postal_code` and from the phone number's area code.
 *
 * Pieces of evidence add places, they never take any away, with one exception: an explicit zone that lies in the place which another
 * piece names says where in that place. A person who moved, or whose number moved, so has both zones. Nothing known means
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
  const country = text(traits['country'])?.toUpperCase()
  const american = country === undefined || country === 'US' || country === 'USA' || TERRITORIES.has(country)
  const state = american ? text(traits['state'])?.toUpperCase() : undefined
  const zipState = american ? stateOfZip(text(traits['postal_code']) ?? '') : undefined
  return {
    ...(timezone === undefined ? {} : { timezone }),
    ...(country === undefined ? {} : { country: country === 'USA' ? 'US' : country }),
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
  const explicit = evidence.timezone === undefined ? undefined : canonicalZone(evidence.timezone)
  const zone = explicit === undefined ? undefined : placeOf(representative(explicit))
  const zones = new Set<string>(zone === undefined ? [] : [zone])
  const states = new Set<string>()
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
  addState('state', evidence.state)
  addState('postal_code', evidence.zipState)
  if (evidence.country !== undefined && evidence.country !== 'US') {
    if (TERRITORIES.has(evidence.country)) addState('country', evidence.country)
    else add('country', countryZones(evidence.country))
  }
  const area = evidence.areaCode === undefined ? undefined : areaCodeOf(`+1${evidence.areaCode}0000000`)
  if (area !== undefined) add('area_code', area.zones.length > 0 ? area.zones : countryZones(area.country), area.state)
  add(
    'phone_country',
    (evidence.phoneCountries ?? []).flatMap((country) => countryZones(country)),
  )

  if (zones.size === 0) return { zones: ANYWHERE.zones, states: ANYWHERE.states, evidence: ['none'] }
  // A zone of the United States that no named state explains: the law of each of its states may apply.
  for (const one of zones) {
    const local = statesInZone(one)
    if (!local.some((state) => states.has(state))) for (const state of local) states.add(state)
  }
  if (evidence.anywhereUs === true && states.size === 0) {
    for (const state of ANYWHERE.states) states.add(state)
    for (const one of ANYWHERE.zones) zones.add(one)
  }
  return { zones: [...zones].toSorted(), states: [...states].toSorted(), evidence: used }
}

/** UTC, GMT and the like are where servers are: they say nothing about a person. */
function placeOf(zone: string): string | undefined {
  return zone.includes('/') && !zone.startsWith('Etc/') ? zone : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' && value.length <= 64 ? value.trim() : undefined
}
