import type { Channel, CompiledJourney } from '../core/compiled-journey.ts'
import type { Event } from '../core/enrollment.ts'

/** The durable engine as ingestion sees it: it starts runs and tells them things. Implemented on Temporal in workers/. */
export interface Engine {
  /** Starts the run unless it was started before; a repeated start is no error and changes nothing. */
  start(run: RunStart): Promise<void>
  /** Tells a run something. A run that has ended, or never existed, is no error. */
  signal(journey: string, enrollment: string, event: Event): Promise<void>
  /** Starts the hand-over of one service message unless it was started before. */
  serve(message: ServiceStart): Promise<void>
}

/** A message that belongs to no run. The ids are opaque. */
export interface ServiceStart {
  readonly id: string
  readonly kind: string
  readonly channel: Channel
  readonly contact: string | null
}

export interface RunStart {
  readonly journey: CompiledJourney
  readonly version: string
  readonly enrollment: string
  /** The contact's opaque id. */
  readonly contact: string
  /** Virtual epoch milliseconds. */
  readonly enteredAt: number
}

/** The engine is down or unreachable: worth retrying; the outbox keeps what it has to say. */
export class EngineUnavailable extends Error {
  override readonly name = 'EngineUnavailable'
}
