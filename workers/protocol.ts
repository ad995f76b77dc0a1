import type { Channel, CompiledJourney } from '../src/core/compiled-journey.ts'
import type { ClockOrigin } from '../src/core/clock.ts'
import type { DeliverInput, DeliverResult, ServiceResult } from '../src/core/delivery.ts'
import type { Beginning, Event, Performer } from '../src/core/enrollment.ts'

/** The names and shapes that cross between Segue, the Temporal server and the workers. Opaque ids only: no personal data. */

export const JOURNEY_TASK_QUEUE = 'segue-journeys'
export const SYSTEM_TASK_QUEUE = 'segue-system'

/** Worker Versioning: one deployment, whose versions are builds of the workflow bundle. */
export const DEPLOYMENT_NAME = 'segue'

/** Channels have queues of their own, so that a rate limit or a kill switch acts on a channel. */
export function channelTaskQueue(channel: Channel): string {
  return `segue-${channel}`
}

/** Where a step is performed: with its channel's carriers, or by Segue itself. */
export function performerTaskQueue(performer: Performer): string {
  return `segue-${performer}`
}

/** Unique for ever: a repeated start is rejected as a duplicate even after the run has ended. */
export function workflowId(journey: string, enrollment: string): string {
  return `${journey}:${enrollment}`
}

/** Set at start only (free of actions), all Keyword. PostgreSQL visibility allows ten. */
export const SEARCH_ATTRIBUTES = ['SegueVersion', 'SegueContact', 'SegueEnvironment'] as const

export interface JourneyInput {
  readonly journey: CompiledJourney
  /** SHA-256 of the compiled journey. */
  readonly version: string
  readonly enrollment: string
  /** Virtual epoch milliseconds. */
  readonly enteredAt: number
  /** Instants and arms that are known at entry; opaque as everything here. */
  readonly beginning?: Beginning
  readonly clock: ClockOrigin
  /** IANA zone in which summaries and details name instants: the workspace's, never the contact's. */
  readonly zone: string
}

/** The run's outcome, shown as the workflow's result. */
export interface JourneyResult {
  readonly outcome: string
  readonly steps: Readonly<Record<string, string>>
}

export interface Activities {
  deliver(input: DeliverInput): Promise<DeliverResult>
}

/** On the channel's queue, as every hand-off. */
export interface ServiceActivities {
  /** Hands one service message over, at most once. */
  deliverServiceMessage(id: string): Promise<ServiceResult>
}

/** Unique for ever, as a run's. */
export function serviceWorkflowId(id: string): string {
  return `service:${id}`
}

export interface ServiceInput {
  readonly id: string
  readonly channel: Channel
  /** Virtual milliseconds that pass in one real one. */
  readonly scale: number
}

export interface SystemActivities {
  /** Looks up sends whose outcome is unknown; answers how many were settled and how many remain. */
  reconcileSends(): Promise<{ readonly settled: number; readonly remaining: number }>
  /** Audits the weeks that are over and were not audited yet. */
  auditConsents(): Promise<{ readonly weeks: number; readonly alarms: number; readonly expired: number }>
}

/** What a run can be told. The signal's name is the event's kind; its payload is the event. */
export type JourneySignal = Extract<
  Event,
  { kind: 'undelivered' | 'anchored' | 'retimed' | 'migrate' | 'goal' | 'exit' | 'resume' }
>
export const SIGNAL_KINDS: readonly JourneySignal['kind'][] = [
  'undelivered',
  'anchored',
  'retimed',
  'migrate',
  'goal',
  'exit',
  'resume',
]
