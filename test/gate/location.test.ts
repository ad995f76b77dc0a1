import { describe, expect, test } from 'vitest'
import { rulesFor } from '../../src/gate/hours.ts'
import { areaCodeOf } from '../../src/gate/jurisdictions/area-codes.ts'
import { ANYWHERE, stateOfZip, US_STATES } from '../../src/gate/jurisdictions/us-states.ts'
import { locate } from '../../src/gate/location.ts'
import { closesAt, isOpen, nextOpening } from '../../src/gate/window.ts'

const NOW = Date.parse('2026-07-15T16:00:00Z')
const iso = (instant: number | undefined): string =>
  instant === undefined ? 'never' : new Date(instant).toISOString().slice(0, 16)

describe('where a contact may be', () => {
  test.each([
    ['a number in New York', {}, '+12125550100', ['America/New_York'], ['NY'], ['area_code']],
    [
      'a number of an area in two zones',
      {},
      '+18505550100',
      ['America/Chicago', 'America/New_York'],
      ['FL'],
      ['area_code'],
    ],
    [
      'the zone that says where in such an area',
      { timezone: 'America/Chicago' },
      '+18505550100',
      ['America/Chicago'],
      ['FL'],
      ['timezone', 'area_code'],
    ],
    [
      'a ZIP code',
      { postal_code: '33101-1234' },
      undefined,
      ['America/Chicago', 'America/New_York'],
      ['FL'],
      ['postal_code'],
    ],
    ['a state in small letters', { state: 'az' }, undefined, ['America/Denver', 'America/Phoenix'], ['AZ'], ['state']],
    [
      'a state and a number of another',
      { state: 'CT' },
      '+13125550100',
      ['America/Chicago', 'America/New_York'],
      ['CT', 'IL'],
      ['state', 'area_code'],
    ],
    ['a Canadian number', {}, '+14165550100', ['America/Toronto'], [], ['area_code']],
    ['a Jamaican number', {}, '+18765550100', ['America/Jamaica'], [], ['area_code']],
    ['a British number', {}, '+442079460958', ['Europe/London'], [], ['phone_country']],
    ['Germany is not Delaware', { country: 'DE' }, undefined, ['Europe/Berlin'], [], ['country']],
    [
      'a state of another country is none of ours',
      { country: 'DE', state: 'TX' },
      undefined,
      ['Europe/Berlin'],
      [],
      ['country'],
    ],
    ['Puerto Rico by its country code', { country: 'PR' }, undefined, ['America/Puerto_Rico'], ['PR'], ['country']],
  ])('%s', (_what, traits, number, zones, states, evidence) => {
    const place = locate(traits, number)
    if (!('country' in traits && traits.country === 'DE')) expect(place.zones).toEqual(zones)
    else expect(place.zones).toContain(zones[0])
    expect(place.states).toEqual(states)
    expect(place.evidence).toEqual(evidence)
  })

  test('a person who lives in California and kept a New York number has both clocks and the laws of both', () => {
    const place = locate({ timezone: 'America/Los_Angeles' }, '+12125550100')
    expect(place.zones).toEqual(['America/Los_Angeles', 'America/New_York'])
    expect(place.states).toEqual(expect.arrayContaining(['CA', 'NY', 'WA']))
  })

  test.each([
    ['nothing', {}, undefined],
    ['a toll-free number', {}, '+18005550100'],
    ['a number of no known area', {}, '+15555550100'],
    ['a zone that does not exist', { timezone: 'Mars/Base' }, undefined],
    ['an offset, which knows no daylight saving time', { timezone: '-05:00' }, undefined],
    ['a zone that is not a text', { timezone: 5 }, undefined],
    ['the zone of a server', { timezone: 'UTC' }, undefined],
    ['the zone of a server under another name', { timezone: 'Etc/GMT+5' }, undefined],
  ])('%s means anywhere in the United States', (_what, traits, number) => {
    expect(locate(traits, number)).toMatchObject({ ...ANYWHERE, evidence: ['none'], travelling: false })
  })

  test('an American zone under another name still brings the laws of its states, also with a toll-free number', () => {
    for (const timezone of ['US/Eastern', 'America/Detroit', 'America/Indiana/Vevay', 'America/Kentucky/Louisville']) {
      const place = locate({ timezone }, '+18005550100')
      expect(place.zones).toEqual(['America/New_York'])
      expect(place.states).toEqual(expect.arrayContaining(['FL', 'NY', 'PA', 'MI', 'IN']))
    }
  })

  test('a zone elsewhere and an American number that may be anywhere: there, and anywhere in the United States', () => {
    const place = locate({ timezone: 'Europe/Berlin' }, '+18005550100')
    expect(place.zones).toEqual(['Europe/Berlin', ...ANYWHERE.zones].toSorted())
    expect(place.states).toEqual(ANYWHERE.states.toSorted())
  })

  test('the twenty-five area codes that libphonenumber knows in several zones have several here', () => {
    const several =
      '208 219 250 270 308 418 423 541 574 605 606 620 701 709 775 785 807 812 850 867 879 906 907 928 986'
    for (const code of several.split(' ')) {
      expect([code, areaCodeOf(`+1${code}5550100`)?.zones.length]).not.toEqual([code, 1])
    }
  })

  test('every zone in the tables is a zone, every state has one, and no area code is in two places', () => {
    const zones = Object.values(US_STATES).flatMap((state) => state.zones)
    for (const zone of new Set(zones)) expect(() => new Intl.DateTimeFormat('en-US', { timeZone: zone })).not.toThrow()
    expect(Object.keys(US_STATES)).toHaveLength(56)
    for (let code = 200; code < 1_000; code++) {
      const area = areaCodeOf(`+1${code}5550100`)
      if (area?.country === 'US') expect(area.zones.length).toBeGreaterThan(0)
    }
  })

  test.each([
    ['10001', 'NY'],
    ['33101', 'FL'],
    ['02903', 'RI'],
    ['06510', 'CT'],
    ['00901', 'PR'],
    ['79901', 'TX'],
    ['99501', 'AK'],
    ['96813', 'HI'],
    ['82001', 'WY'],
    ['20001', 'DC'],
    ['09001', undefined],
    ['1000', undefined],
    ['SW1A 1AA', undefined],
  ])('ZIP %s is in %s', (zip, state) => {
    expect(stateOfZip(zip)).toBe(state)
  })

  test('no ZIP prefix is in two states', () => {
    for (let prefix = 0; prefix < 1_000; prefix++) {
      const states = Object.entries(US_STATES).filter(([, { zips }]) =>
        zips.some(([from, to]) => from <= prefix && prefix <= to),
      )
      expect([prefix, states.length]).not.toEqual([prefix, 2])
    }
  })
})

describe('the hours of the law', () => {
  const openings = (number: string, from: string, window?: { fromMinute: number; toMinute: number }) => {
    const place = locate({}, number)
    const { hours } = rulesFor('sms', place, window === undefined ? undefined : [window], Date.parse(from))
    if (hours === undefined) throw new Error('no hours')
    const opens = nextOpening(hours, place.zones, Date.parse(from))
    return `${iso(opens)} to ${iso(opens === undefined ? undefined : closesAt(hours, place.zones, opens))}`
  }

  test.each([
    ['New York: the federal hours', '+12125550100', '2026-07-16T02:00Z', '2026-07-16T12:00 to 2026-07-17T01:00'],
    ['Connecticut: 9 to 20', '+12035550100', '2026-07-16T02:00Z', '2026-07-16T13:00 to 2026-07-17T00:00'],
    ['Florida, one zone: 8 to 20', '+13055550100', '2026-07-16T02:00Z', '2026-07-16T12:00 to 2026-07-17T00:00'],
    [
      'Florida, two zones: 8 Central to 20 Eastern',
      '+18505550100',
      '2026-07-16T02:00Z',
      '2026-07-16T13:00 to 2026-07-17T00:00',
    ],
    ['Texas on a Sunday: from noon', '+12145550100', '2026-07-19T06:00Z', '2026-07-19T17:00 to 2026-07-20T02:00'],
    [
      'Alabama on a Sunday: not before Monday',
      '+12055550100',
      '2026-07-19T06:00Z',
      '2026-07-20T13:00 to 2026-07-21T01:00',
    ],
    ['Rhode Island on a Saturday', '+14015550100', '2026-07-18T05:00Z', '2026-07-18T14:00 to 2026-07-18T21:00'],
    ['Rhode Island on Thanksgiving', '+14015550100', '2026-11-26T05:00Z', '2026-11-26T15:00 to 2026-11-26T22:00'],
    ['Louisiana on Christmas Day', '+15045550100', '2026-12-25T06:00Z', '2026-12-26T14:00 to 2026-12-27T02:00'],
    [
      'New Jersey: the stricter of statute and charts',
      '+12015550100',
      '2026-07-16T02:00Z',
      '2026-07-16T12:00 to 2026-07-17T00:00',
    ],
    ['Pennsylvania before its new law', '+12155550100', '2026-07-19T06:00Z', '2026-07-19T12:00 to 2026-07-20T01:00'],
    [
      'Pennsylvania on a Sunday after a law that nobody could confirm',
      '+12155550100',
      '2026-11-15T06:00Z',
      '2026-11-15T13:00 to 2026-11-16T02:00',
    ],
    ['Pennsylvania on Good Friday', '+12155550100', '2026-04-03T06:00Z', '2026-04-04T12:00 to 2026-04-05T01:00'],
    ['Rhode Island on Victory Day', '+14015550100', '2026-08-10T05:00Z', '2026-08-10T14:00 to 2026-08-10T21:00'],
    ['Louisiana on Mardi Gras', '+15045550100', '2026-02-17T07:00Z', '2026-02-18T14:00 to 2026-02-19T02:00'],
    ['Utah on Pioneer Day, a Friday', '+18015550100', '2026-07-24T07:00Z', '2026-07-25T14:00 to 2026-07-26T03:00'],
    [
      'France on a Saturday evening: not before Monday',
      '+33612345678',
      '2026-07-18T18:30Z',
      '2026-07-20T08:00 to 2026-07-20T18:00',
    ],
    ['France on Bastille Day', '+33612345678', '2026-07-14T04:00Z', '2026-07-15T08:00 to 2026-07-15T18:00'],
    ['Germany on Ascension Day', '+4915112345678', '2026-05-14T04:00Z', '2026-05-15T06:00 to 2026-05-15T18:00'],
    [
      'Spain on a Friday night: not before Monday, by the clock of the Canaries',
      '+34612345678',
      '2026-07-17T20:00Z',
      '2026-07-20T08:00 to 2026-07-20T19:00',
    ],
    ['Italy on the day before a holiday', '+393123456789', '2026-12-24T05:00Z', '2026-12-24T09:00 to 2026-12-24T18:00'],
    ['Poland on Corpus Christi', '+48512345678', '2026-06-04T05:00Z', '2026-06-05T06:00 to 2026-06-05T18:00'],
    ['Britain', '+447400123456', '2026-07-16T05:00Z', '2026-07-16T08:00 to 2026-07-16T19:00'],
    ['Canada on a Saturday', '+14165550100', '2026-07-18T05:00Z', '2026-07-18T14:00 to 2026-07-18T22:00'],
    ['Phoenix in summer', '+16025550100', '2026-07-16T06:00Z', '2026-07-16T15:00 to 2026-07-17T04:00'],
    ['Honolulu', '+18085550100', '2026-07-16T09:00Z', '2026-07-16T18:00 to 2026-07-17T07:00'],
    ['the day on which clocks go forward', '+12125550100', '2026-03-08T05:00Z', '2026-03-08T12:00 to 2026-03-09T01:00'],
    ['the day on which clocks go back', '+12125550100', '2026-11-01T04:00Z', '2026-11-01T13:00 to 2026-11-02T02:00'],
  ])('%s', (_what, number, from, expected) => {
    expect(openings(number, from.replace('Z', ':00Z'))).toBe(expected)
  })

  test('a person who may be anywhere is reached on weekdays when no state and no zone objects, and never on a Sunday', () => {
    // 10:00 in Honolulu to 18:00 on the coast that is furthest east, where the law of the strictest state is kept everywhere.
    expect(openings('+18005550100', '2026-07-16T02:00:00Z')).toBe('2026-07-16T20:00 to 2026-07-16T22:00')
    expect(openings('+18005550100', '2026-07-19T02:00:00Z')).toBe('2026-07-20T20:00 to 2026-07-20T22:00')
    const place = locate({}, '+18005550100')
    const { hours } = rulesFor('sms', place, undefined, NOW)
    if (hours === undefined) throw new Error('no hours')
    for (let minute = 0; minute < 2 * 1_440; minute += 15) {
      const saturdayNightToMonday = Date.parse('2026-07-19T04:00:00Z') + minute * 60_000
      const sundaySomewhere = place.zones.some(
        (timeZone) =>
          new Intl.DateTimeFormat('en-US', { timeZone, weekday: 'long' }).format(saturdayNightToMonday) === 'Sunday',
      )
      if (sundaySomewhere) expect(isOpen(hours, place.zones, saturdayNightToMonday)).toBe(false)
    }
  })

  test('the policy can only narrow the law', () => {
    expect(openings('+12125550100', '2026-07-16T02:00:00Z', { fromMinute: 0, toMinute: 1_440 })).toBe(
      '2026-07-16T12:00 to 2026-07-17T01:00',
    )
    expect(openings('+12125550100', '2026-07-16T02:00:00Z', { fromMinute: 600, toMinute: 660 })).toBe(
      '2026-07-16T14:00 to 2026-07-16T15:00',
    )
  })

  test('email has the hours of the policy only, and none without one', () => {
    const place = locate({}, '+12055550100')
    expect(rulesFor('email', place, undefined, NOW)).toEqual({ hours: undefined, caps: [], laws: [] })
    expect(rulesFor('email', place, [{ fromMinute: 0, toMinute: 1_440 }], NOW).laws).toEqual([])
  })

  test('a country without a row has the hours of the policy only', () => {
    expect(rulesFor('sms', locate({}, '+81312345678'), undefined, NOW).hours).toBeUndefined()
  })

  test('a person of two countries has the hours of both, by both clocks', () => {
    const place = locate({ country: 'FR' }, '+12125550100')
    expect(place.jurisdictions).toEqual(['FR', 'US', 'US-NY'])
    const { hours } = rulesFor('sms', place, undefined, NOW)
    if (hours === undefined) throw new Error('no hours')
    // From 10 in New York to 20 in Paris: either law by either clock, and not on a Sunday, which New York would allow.
    const opens = nextOpening(hours, place.zones, Date.parse('2026-07-19T04:00:00Z'))
    expect(iso(opens)).toBe('2026-07-20T14:00')
    expect(iso(closesAt(hours, place.zones, opens ?? 0))).toBe('2026-07-20T18:00')
  })
})

describe('a person who is on a journey', () => {
  test('has the clock and the law of where the device is besides those of home', () => {
    const place = locate({ state: 'NY', device_timezone: 'Europe/Paris' }, '+12125550100')
    expect(place).toMatchObject({
      zones: ['America/New_York', 'Europe/Paris'],
      jurisdictions: ['FR', 'US', 'US-NY'],
      evidence: ['state', 'area_code', 'device_timezone'],
      travelling: true,
    })
  })

  test('is not on one when the device is at home, or when nothing else says where home is', () => {
    expect(locate({ device_timezone: 'US/Eastern' }, '+12125550100')).toMatchObject({
      zones: ['America/New_York'],
      jurisdictions: ['US', 'US-NY'],
      travelling: false,
    })
    expect(locate({ device_timezone: 'Europe/Berlin' }, undefined)).toMatchObject({
      zones: ['Europe/Berlin'],
      jurisdictions: ['DE'],
      evidence: ['device_timezone'],
      travelling: false,
    })
  })

  test('keeps every place that the number may be in: a device never narrows', () => {
    expect(locate({ device_timezone: 'America/Chicago' }, '+18505550100').zones).toEqual([
      'America/Chicago',
      'America/New_York',
    ])
    expect(locate({ device_timezone: 'UTC' }, '+12125550100')).toMatchObject({ evidence: ['area_code'] })
  })
})
