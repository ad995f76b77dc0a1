import type { Deadline } from './message-provider.ts'

/** Two clocks of this machine: one that never jumps, and one that also runs while the machine sleeps. Both in milliseconds. */
export interface RealTime {
  monotonicMs(): number
  /** Epoch milliseconds of real time. */
  realNow(): number
}

/**
 * The bound of one delivery, from its beginning. Whichever clock has run further counts: a suspended virtual machine may stop
 * the monotonic one, a corrected clock may turn the other back, and neither may let a process that slept send late.
 */
export function callDeadline(time: RealTime, withinMs: number): Deadline {
  const monotonic = time.monotonicMs()
  const real = time.realNow()
  return {
    remainingMs: () => withinMs - Math.max(time.monotonicMs() - monotonic, time.realNow() - real),
  }
}
