import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { virtualNow, type Clock, type ClockOrigin } from '../../core/clock.ts'

export interface DevClock extends Clock {
  readonly origin: ClockOrigin
  /** Writes down what time it is, so that the next start goes on from here. */
  save(): void
}

/**
 * The accelerated clock of development. It stands still while nothing runs: a second start goes on at the virtual instant at
 * which the first one stopped, so runs that were waiting still have their time before them.
 */
export function startDevClock(options: {
  readonly file: string
  readonly scale: number
  /** Where virtual time begins the first time, epoch milliseconds. */
  readonly startsAt: number
}): DevClock {
  const virtual = readSaved(options.file) ?? options.startsAt
  const origin: ClockOrigin = { virtual, real: Date.now(), scale: options.scale }
  const now = (): number => virtualNow(origin, Date.now())
  return {
    origin,
    scale: options.scale,
    now,
    save() {
      const partial = `${options.file}.${process.pid}`
      writeFileSync(partial, JSON.stringify({ virtual: now() }))
      renameSync(partial, options.file)
    },
  }
}

function readSaved(file: string): number | undefined {
  if (!existsSync(file)) return undefined
  try {
    const saved: unknown = JSON.parse(readFileSync(file, 'utf8'))
    const virtual = typeof saved === 'object' && saved !== null && 'virtual' in saved ? saved.virtual : undefined
    return typeof virtual === 'number' && Number.isFinite(virtual) ? virtual : undefined
  } catch {
    // Half-written by a killed process: the sample's beginning is the next best answer.
    return undefined
  }
}
