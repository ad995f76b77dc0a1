import { fail, type Line, ok } from './line.ts'

/** Zones whose rules are told apart: a half hour, a summer time of half an hour, one that ended it, one without. */
const KNOWN: readonly (readonly [zone: string, at: string, hour: string])[] = [
  ['America/New_York', '2026-07-01T12:00:00Z', '08:00'],
  ['America/New_York', '2026-12-01T12:00:00Z', '07:00'],
  ['America/Phoenix', '2026-07-01T12:00:00Z', '05:00'],
  ['Asia/Kolkata', '2026-07-01T12:00:00Z', '17:30'],
  ['Australia/Lord_Howe', '2026-01-01T12:00:00Z', '23:00'],
  ['America/Mexico_City', '2026-07-01T12:00:00Z', '06:00'],
]

/** What this machine says the time is. Quiet hours are the law's; a missing zone would make them UTC's. */
export function gatherTimeZones(): readonly {
  readonly zone: string
  readonly expected: string
  readonly said: string
}[] {
  return KNOWN.map(([zone, at, expected]) => {
    try {
      const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit' })
      return { zone, expected, said: format.format(Date.parse(at)) }
    } catch {
      return { zone, expected, said: 'nothing' }
    }
  })
}

export function checkTimeZones(facts: ReturnType<typeof gatherTimeZones>): Line {
  const check = 'clock.time-zones'
  const wrong = facts.filter(({ expected, said }) => said !== expected)
  if (wrong.length === 0) return ok(check, 'this machine', 'time zones and their summer times are known')
  const names = [...new Set(wrong.map(({ zone }) => zone))].join(', ')
  const mend = 'run an official build of Node.js (full ICU) of a current release, without NODE_ICU_DATA'
  return fail(check, 'this machine', `it does not know the time in ${names}: quiet hours would be wrong`, mend)
}
