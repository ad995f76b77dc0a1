/** A state, or another part of the United States with mail and numbers of its own. */
export interface State {
  /** Every IANA zone in which people of the state live. Zones that have shared their rules since 2007 are named once. */
  readonly zones: readonly string[]
  /** First three digits of its ZIP codes, as inclusive ranges. */
  readonly zips: readonly (readonly [number, number])[]
}

const EASTERN = 'America/New_York'
const CENTRAL = 'America/Chicago'
const MOUNTAIN = 'America/Denver'
const ARIZONA = 'America/Phoenix'
const PACIFIC = 'America/Los_Angeles'
const ALASKA = 'America/Anchorage'
const ALEUTIAN = 'America/Adak'
const HAWAII = 'Pacific/Honolulu'
const ATLANTIC = 'America/Puerto_Rico'

/** Source: 49 CFR 71 (zones) and USPS Publication 65 (ZIP prefixes). Reviewed 2026-11-23. */
export const US_STATES: Readonly<Record<string, State>> = {
  AL: {
    zones: [CENTRAL],
    zips: [
      [350, 352],
      [354, 369],
    ],
  },
  AK: { zones: [ALASKA, ALEUTIAN], zips: [[995, 999]] },
  AZ: {
    zones: [ARIZONA, MOUNTAIN],
    zips: [
      [850, 853],
      [855, 857],
      [859, 860],
      [863, 865],
    ],
  },
  AR: { zones: [CENTRAL], zips: [[716, 729]] },
  CA: {
    zones: [PACIFIC],
    zips: [
      [900, 908],
      [910, 928],
      [930, 961],
    ],
  },
  CO: { zones: [MOUNTAIN], zips: [[800, 816]] },
  CT: { zones: [EASTERN], zips: [[60, 69]] },
  DC: {
    zones: [EASTERN],
    zips: [
      [200, 200],
      [202, 205],
      [569, 569],
    ],
  },
  DE: { zones: [EASTERN], zips: [[197, 199]] },
  FL: {
    zones: [EASTERN, CENTRAL],
    zips: [
      [320, 339],
      [341, 342],
      [344, 344],
      [346, 347],
      [349, 349],
    ],
  },
  GA: {
    zones: [EASTERN],
    zips: [
      [300, 319],
      [398, 399],
    ],
  },
  HI: { zones: [HAWAII], zips: [[967, 968]] },
  ID: { zones: [MOUNTAIN, PACIFIC], zips: [[832, 838]] },
  IL: {
    zones: [CENTRAL],
    zips: [
      [600, 620],
      [622, 629],
    ],
  },
  IN: { zones: [EASTERN, CENTRAL], zips: [[460, 479]] },
  IA: {
    zones: [CENTRAL],
    zips: [
      [500, 516],
      [520, 528],
    ],
  },
  KS: {
    zones: [CENTRAL, MOUNTAIN],
    zips: [
      [660, 662],
      [664, 679],
    ],
  },
  KY: { zones: [EASTERN, CENTRAL], zips: [[400, 427]] },
  LA: {
    zones: [CENTRAL],
    zips: [
      [700, 701],
      [703, 708],
      [710, 714],
    ],
  },
  ME: { zones: [EASTERN], zips: [[39, 49]] },
  MD: {
    zones: [EASTERN],
    zips: [
      [206, 212],
      [214, 219],
    ],
  },
  MA: {
    zones: [EASTERN],
    zips: [
      [10, 27],
      [55, 55],
    ],
  },
  MI: { zones: [EASTERN, CENTRAL], zips: [[480, 499]] },
  MN: {
    zones: [CENTRAL],
    zips: [
      [550, 551],
      [553, 567],
    ],
  },
  MS: { zones: [CENTRAL], zips: [[386, 397]] },
  MO: {
    zones: [CENTRAL],
    zips: [
      [630, 631],
      [633, 641],
      [644, 658],
    ],
  },
  MT: { zones: [MOUNTAIN], zips: [[590, 599]] },
  NE: {
    zones: [CENTRAL, MOUNTAIN],
    zips: [
      [680, 681],
      [683, 693],
    ],
  },
  NV: {
    zones: [PACIFIC, MOUNTAIN],
    zips: [
      [889, 891],
      [893, 895],
      [897, 898],
    ],
  },
  NH: { zones: [EASTERN], zips: [[30, 38]] },
  NJ: { zones: [EASTERN], zips: [[70, 89]] },
  NM: {
    zones: [MOUNTAIN],
    zips: [
      [870, 871],
      [873, 875],
      [877, 884],
    ],
  },
  NY: {
    zones: [EASTERN],
    zips: [
      [5, 5],
      [100, 149],
    ],
  },
  NC: { zones: [EASTERN], zips: [[270, 289]] },
  ND: { zones: [CENTRAL, MOUNTAIN], zips: [[580, 588]] },
  OH: { zones: [EASTERN], zips: [[430, 459]] },
  OK: {
    zones: [CENTRAL],
    zips: [
      [730, 731],
      [734, 741],
      [743, 749],
    ],
  },
  OR: { zones: [PACIFIC, MOUNTAIN], zips: [[970, 979]] },
  PA: { zones: [EASTERN], zips: [[150, 196]] },
  RI: { zones: [EASTERN], zips: [[28, 29]] },
  SC: { zones: [EASTERN], zips: [[290, 299]] },
  SD: { zones: [CENTRAL, MOUNTAIN], zips: [[570, 577]] },
  TN: { zones: [EASTERN, CENTRAL], zips: [[370, 385]] },
  TX: {
    zones: [CENTRAL, MOUNTAIN],
    zips: [
      [733, 733],
      [750, 770],
      [772, 799],
      [885, 885],
    ],
  },
  UT: { zones: [MOUNTAIN], zips: [[840, 847]] },
  VT: {
    zones: [EASTERN],
    zips: [
      [50, 54],
      [56, 59],
    ],
  },
  VA: {
    zones: [EASTERN],
    zips: [
      [201, 201],
      [220, 246],
    ],
  },
  WA: {
    zones: [PACIFIC],
    zips: [
      [980, 986],
      [988, 994],
    ],
  },
  WV: { zones: [EASTERN], zips: [[247, 268]] },
  WI: {
    zones: [CENTRAL],
    zips: [
      [530, 532],
      [534, 535],
      [537, 549],
    ],
  },
  WY: { zones: [MOUNTAIN], zips: [[820, 831]] },
  PR: {
    zones: [ATLANTIC],
    zips: [
      [6, 7],
      [9, 9],
    ],
  },
  VI: { zones: [ATLANTIC], zips: [[8, 8]] },
  GU: { zones: ['Pacific/Guam'], zips: [[969, 969]] },
  MP: { zones: ['Pacific/Guam'], zips: [] },
  AS: { zones: ['Pacific/Pago_Pago'], zips: [] },
}

/** Beyond the date line no hour is fit for them and for New York as well; their own numbers name them. */
const FAR: ReadonlySet<string> = new Set(['GU', 'MP', 'AS'])

/** Where somebody may be of whom nothing is known. */
export const ANYWHERE: { readonly states: readonly string[]; readonly zones: readonly string[] } = (() => {
  const states = Object.keys(US_STATES).filter((state) => !FAR.has(state))
  return { states, zones: [...new Set(states.flatMap((state) => US_STATES[state]?.zones ?? []))] }
})()

/** The state of a ZIP or ZIP+4 code. Military mail and unassigned prefixes have none. */
export function stateOfZip(zip: string): string | undefined {
  const prefix = /^(\d{3})\d{2}(?:-?\d{4})?$/.exec(zip.trim())?.[1]
  if (prefix === undefined) return undefined
  const number = Number(prefix)
  return Object.entries(US_STATES).find(([, { zips }]) =>
    zips.some(([from, to]) => from <= number && number <= to),
  )?.[0]
}

export function statesInZone(zone: string): readonly string[] {
  return Object.entries(US_STATES).flatMap(([state, { zones }]) => (zones.includes(zone) ? [state] : []))
}
