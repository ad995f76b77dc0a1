import { AsyncLocalStorage } from 'node:async_hooks'
import { writeSync } from 'node:fs'

/** Where a child process ends: `scope/what/before` or `scope/what/after`, at the n-th time that it comes there. */
export interface Doom {
  readonly place: string
  readonly hit: number
  /** `stop` freezes the process (SIGSTOP) until its parent lets it go on; `kill` is SIGKILL. */
  readonly deed: 'kill' | 'stop'
  /** The place counts only this long after the process was told to go on; real milliseconds. */
  readonly afterMs?: number
}

/** What a child tells its parent, one JSON line each. */
export type Word =
  | { readonly kind: 'ready' }
  | { readonly kind: 'seen'; readonly place: string }
  | { readonly kind: 'doomed'; readonly place: string; readonly subject: string; readonly at: number }

/** Whose work is under way: the send of a delivery, the scope of a request. */
export interface Errand {
  readonly scope: string
  readonly subject: string
  /** The hand-off's HTTP call is under way. */
  readonly calling?: boolean
}

export const errands = new AsyncLocalStorage<Errand>()

const doom = JSON.parse(process.env['CHAOS_DOOM'] ?? 'null') as Doom | null
const seen = new Set<string>()
let hits = 0
let armedAt = performance.now() + (doom?.afterMs ?? 0)

/** Begins the time of grace anew. */
export function arm(): void {
  armedAt = performance.now() + (doom?.afterMs ?? 0)
}

export function isDoomedAt(place: string): boolean {
  return doom?.place === place
}

/** The process has come to a place. If it is the one, no further line of it runs. */
export function reach(place: string, subject = errands.getStore()?.subject ?? ''): void {
  if (!seen.has(place)) {
    seen.add(place)
    tell({ kind: 'seen', place })
  }
  if (doom === null || !isDoomedAt(place) || performance.now() < armedAt) return
  hits += 1
  if (hits !== doom.hit) return
  tell({ kind: 'doomed', place, subject, at: Date.now() })
  process.kill(process.pid, doom.deed === 'kill' ? 'SIGKILL' : 'SIGSTOP')
}

/** Written at once: whoever dies in the next line has been heard. */
export function tell(word: Word): void {
  const line = Buffer.from(`${JSON.stringify(word)}\n`)
  let written = 0
  while (written < line.length) {
    try {
      written += writeSync(1, line, written)
    } catch (error) {
      // A full pipe: the parent is reading, so room comes.
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
    }
  }
}
