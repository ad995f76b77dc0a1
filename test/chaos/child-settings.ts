import { type Clock, virtualNow, type ClockOrigin } from '../../src/core/clock.ts'
import { readSettings, type Settings } from '../../src/settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The settings of a child process; a parent that forgot something is a bug. */
export function settingsOf(environment: Environment): Settings {
  const read = readSettings(environment)
  if (read.kind === 'invalid') throw new Error(read.problems.join('; '))
  return read.settings
}

export function originOf(environment: Environment): ClockOrigin {
  return JSON.parse(environment['TEST_CLOCK'] ?? '') as ClockOrigin
}

export function clockOf(environment: Environment): Clock & { readonly origin: ClockOrigin } {
  const origin = originOf(environment)
  return { now: () => virtualNow(origin, Date.now()), scale: origin.scale, origin }
}
