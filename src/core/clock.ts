/**
 * The only source of "now" outside the Temporal workflow: virtual now = origin + (real now - start) x scale.
 *
 * In production the scale is 1 and virtual time is real time. In development the scale makes hours pass in seconds.
 * Everything that decides takes instants as arguments; only the edges hold a Clock.
 */
export interface Clock {
  /** Virtual now, epoch milliseconds. */
  now(): number
  /** Virtual milliseconds that pass in one real millisecond. 1 in production. */
  readonly scale: number
}

/** How a virtual clock maps to real time. JSON-safe, because a run's workflow input carries it. */
export interface ClockOrigin {
  /** Epoch milliseconds of virtual time at the instant `real`. */
  readonly virtual: number
  /** Epoch milliseconds of real time at the instant `virtual`. */
  readonly real: number
  readonly scale: number
}

/** Virtual now for a given real now, whole milliseconds. */
export function virtualNow(origin: ClockOrigin, realNow: number): number {
  return origin.scale === 1 && origin.virtual === origin.real
    ? realNow
    : Math.floor(origin.virtual + (realNow - origin.real) * origin.scale)
}

/** Real milliseconds until virtual `ms` have passed; rounded up, never less than 1, so that a wait never ends early. */
export function realDuration(ms: number, scale: number): number {
  return Math.max(1, Math.ceil(ms / scale))
}
