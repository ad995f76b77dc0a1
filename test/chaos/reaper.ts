import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, endedWithin, startChild } from './children.ts'
import type { Doom, Word } from './doom.ts'
import type { Stage } from './stage.ts'
import { CALL_PLACES } from './watched.ts'

/** A process that was killed, where, and whose message was in its hands. */
export interface Death {
  readonly place: string
  /** The send's id, for a place of the send path. */
  readonly subject: string
  /** Real epoch milliseconds. */
  readonly at: number
}

/** Not at a place of its own choosing: killed from outside, wherever it was. */
export const ANYWHERE = 'anywhere'

export interface Plan {
  /** Kills at each place of a journey's delivery, and at each of the API, the relay and the service messages. */
  readonly workerKills: number
  readonly otherKills: number
  /** No fewer than this in all. */
  readonly kills: number
  /** How long an API works before it may die: it takes what everything else lives on. */
  readonly apiGraceMs: number
  /** How long a process may live before it is killed wherever it is, real milliseconds. */
  readonly lifeMs: number
}

export const DOOMED_WORKER = new URL('./doomed-worker.ts', import.meta.url)
const DOOMED_API = new URL('./doomed-api.ts', import.meta.url)
const PRODUCTION = new URL('./worker-process.ts', import.meta.url)

/** How long a frozen process sleeps: longer than the engine waits for an activity (30 s). */
const FROZEN_MS = 33_000
/** Of the places, those that a process passes once only (what it reads is kept) must be hit the first time. */
const HITS = [1, 2, 4]

/** Starts processes that are to die, watches them die, and starts the next ones, until every place has had its deaths. */
export class Reaper {
  readonly deaths: Death[] = []
  readonly #stage: Stage
  readonly #plan: Plan
  readonly #seen = new Set<string>([
    ...CALL_PLACES,
    'deliver/claim/before',
    'deliver/claim/after',
    'deliver/completion/after',
  ])
  readonly #tried = new Map<string, number>()
  #turn = 0

  constructor(stage: Stage, plan: Plan) {
    this.#stage = stage
    this.#plan = plan
  }

  places(): readonly string[] {
    return [...this.#seen].toSorted()
  }

  /** Places that are due another death. */
  #open(isApi: boolean): readonly string[] {
    return this.places()
      .filter((place) => {
        const wanted = place.startsWith('deliver/') ? this.#plan.workerKills : this.#plan.otherKills
        // A place that is not passed any more (what it reads is kept) is given up after some tries.
        return (
          isOfWorker(place) !== isApi && this.#countAt(place) < wanted && (this.#tried.get(place) ?? 0) < 3 * wanted
        )
      })
      .toSorted((a, b) => (this.#tried.get(a) ?? 0) - (this.#tried.get(b) ?? 0))
  }

  #countAt(place: string): number {
    return this.deaths.filter((death) => death.place === place).length
  }

  /** What is still to be done is known only when the places are: some are seen late. */
  isDone(): boolean {
    return this.#open(false).length === 0 && this.#open(true).length === 0 && this.deaths.length >= this.#plan.kills
  }

  left(): string {
    return `${this.#open(false).length} places of the send path, ${this.#open(true).length} of the API to go`
  }

  #next(isApi: boolean): Doom | undefined {
    const open = this.#open(isApi)
    // Enough everywhere, too few in all: once more around.
    const pool =
      open.length > 0 || this.deaths.length >= this.#plan.kills
        ? open
        : this.places().filter((place) => isOfWorker(place) !== isApi)
    const place = open.length > 0 ? pool[0] : pool[this.#turn % Math.max(1, pool.length)]
    this.#turn += 1
    if (place === undefined) return undefined
    const tried = this.#tried.get(place) ?? 0
    this.#tried.set(place, tried + 1)
    const hit = HITS[tried % HITS.length] ?? 1
    return { place, hit, deed: 'kill', ...(isApi ? { afterMs: this.#plan.apiGraceMs } : {}) }
  }

  /** Ready to work. Whoever starts while a server is down ends, as in production, and is started again. */
  async #start(file: URL, doom?: Doom): Promise<Child> {
    const onWord = (word: Word): void => void (word.kind === 'seen' && this.#seen.add(word.place))
    const { environment } = this.#stage
    for (let left = 40; ; left--) {
      const greeting = file === PRODUCTION ? { ready: 'the workers run' } : {}
      const child = startChild({ file, environment, onWord, ...greeting, ...(doom === undefined ? {} : { doom }) })
      try {
        await child.ready
        return child
      } catch (error) {
        if (left === 0) throw error
        await sleep(500)
      }
    }
  }

  /** One worker after the other, each with its place to die, as long as there are places. */
  async workers(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.isDone()) {
      const doom = this.#next(false)
      if (doom === undefined) {
        await sleep(200)
        continue
      }
      const child = await this.#start(DOOMED_WORKER, doom)
      await this.#see(child, doom.place)
    }
  }

  /** One API, always; the next one stands ready while it lives. The last one is not doomed, and stays. */
  async api(signal: AbortSignal): Promise<void> {
    let next: { readonly child: Child; readonly place?: string } = { child: await this.#start(DOOMED_API) }
    for (;;) {
      const { child, place } = next
      child.go()
      let doom: Doom | undefined
      while (!this.#isOver(signal) && child.isAlive() && (doom = this.#next(true)) === undefined) await sleep(200)
      if (place === undefined && this.#isOver(signal) && child.isAlive()) return
      next =
        doom === undefined
          ? { child: await this.#start(DOOMED_API) }
          : { child: await this.#start(DOOMED_API, doom), place: doom.place }
      if (place === undefined) await this.#end(child, ANYWHERE)
      else await this.#see(child, place)
    }
  }

  #isOver(signal: AbortSignal): boolean {
    return signal.aborted || this.isDone()
  }

  async #see(child: Child, place: string): Promise<void> {
    if ((await endedWithin(child, this.#plan.lifeMs)) === undefined) return this.#end(child, ANYWHERE)
    const word = await child.ended
    this.deaths.push({ place: word?.place ?? place, subject: word?.subject ?? '', at: word?.at ?? Date.now() })
  }

  async #end(child: Child, place: string): Promise<void> {
    const wasAlive = child.isAlive()
    child.kill('SIGKILL')
    const word = await child.ended
    if (wasAlive) this.deaths.push({ place: word?.place ?? place, subject: word?.subject ?? '', at: Date.now() })
  }

  /** Production workers as they are, the next one up before the last one is killed wherever it is. The last one stays. */
  async production(signal: AbortSignal, everyMs: number): Promise<void> {
    let current = await this.#start(PRODUCTION)
    while (!signal.aborted) {
      await sleep(everyMs, undefined, { signal }).catch(() => undefined)
      if (signal.aborted) return
      const next = await this.#start(PRODUCTION)
      await this.#end(current, ANYWHERE)
      current = next
    }
  }

  /** A worker that freezes at a place, sleeps through the engine's patience, and then goes on as if nothing had been. */
  async zombie(place: string): Promise<'woken' | 'never came there'> {
    const child = await this.#start(DOOMED_WORKER, { place, hit: 2, deed: 'stop' })
    const controller = new AbortController()
    const reached = await Promise.race([
      child.doomed,
      sleep(90_000, undefined, { signal: controller.signal }).catch(() => undefined),
    ])
    controller.abort()
    if (reached === undefined) {
      // It might still come there, and nobody would wake it.
      child.kill('SIGKILL')
      return 'never came there'
    }
    await sleep(FROZEN_MS)
    child.kill('SIGCONT')
    return 'woken'
  }
}

export function isOfWorker(place: string): boolean {
  return place.startsWith('deliver/') || place.startsWith('service/')
}
