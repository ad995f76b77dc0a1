import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, realDuration } from '../../../core/clock.ts'
import { introducePeople, type SegmentCall } from './introduction.ts'
import { patientPost } from './patient-post.ts'
import type { Sample, SampleEvent } from './sample.ts'
import { clickAgain } from './second-click.ts'

export interface StreamTarget {
  readonly apiUrl: string
  readonly writeKey: string
  readonly serverKey: string
  readonly sandboxUrl: string
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly onProgress?: (progress: StreamProgress) => void
}

/** Events of the sample, the introduction of its people aside. */
export interface StreamProgress {
  readonly sent: number
  readonly of: number
}

export interface Streamed {
  /** False when it was aborted. Starting again sends everything again, which changes nothing that was done. */
  readonly complete: boolean
  readonly sent: number
  /** What the API did not take, by its own answer. */
  readonly rejected: readonly RejectedCall[]
}

export interface RejectedCall {
  readonly messageId: string
  readonly reason: string
  readonly detail: string
}

const MAX_BATCH = 50
const MAX_WAIT_MS = 20

/**
 * Sends a sample through the public API: first who the people are and what they allow, then each event at its virtual instant.
 *
 * Message ids are the sample's own, so a second start after a crash may send everything again; what is overdue by then goes
 * out at once, under the instant at which it happened. Throws {@link SampleRefused} and {@link SampleUnanswered}.
 */
export async function streamSample(sample: Sample, target: StreamTarget): Promise<Streamed> {
  const { events } = sample
  const rejected: RejectedCall[] = []
  let sent = 0
  // When one part fails the other must end too: nobody would be left to listen to it.
  const failure = new AbortController()
  const signal = AbortSignal.any([target.signal, failure.signal])
  const sendBatch = async (calls: readonly SegmentCall[]): Promise<void> => {
    const authorization = `Basic ${Buffer.from(`${target.writeKey}:`).toString('base64')}`
    // Without `sentAt`: the sample's instants are exact, and there is no client's clock to correct.
    const answer = await patientPost({
      url: `${target.apiUrl}/v1/batch`,
      authorization,
      body: { batch: calls },
      signal,
    })
    rejected.push(...rejectionsOf(answer, calls))
  }
  const sendEvents = async (): Promise<void> => {
    while (sent < events.length) {
      const batch = await nextBatch(events, sent, target.clock, signal)
      await sendBatch(batch.map(trackCall))
      sent += batch.length
      target.onProgress?.({ sent, of: events.length })
    }
  }
  const orStopAll = async (part: Promise<void>): Promise<void> => {
    try {
      await part
    } catch (error) {
      failure.abort(error)
      throw error
    }
  }

  try {
    await introducePeople(sample, { ...target, signal, sendBatch })
    const parts = await Promise.allSettled([sendEvents(), clickAgain(sample, { ...target, signal })].map(orStopAll))
    const failed = parts.find((part) => part.status === 'rejected')
    if (failed !== undefined) throw failure.signal.reason ?? failed.reason
    return { complete: true, sent, rejected }
  } catch (error) {
    if (!target.signal.aborted) throw error
    return { complete: false, sent, rejected }
  }
}

/**
 * Waits for the next event and takes with it those that come within the next 20 real milliseconds, so that a fast clock does not
 * make a request of each. None is sent before its instant.
 */
async function nextBatch(
  events: readonly SampleEvent[],
  from: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<readonly SampleEvent[]> {
  await reach(events[from]?.at ?? 0, clock, signal)
  const horizon = clock.now() + MAX_WAIT_MS * clock.scale
  const batch = events.slice(from, from + MAX_BATCH).filter((event) => event.at <= horizon)
  await reach(batch.at(-1)?.at ?? 0, clock, signal)
  return batch
}

async function reach(instant: number, clock: Clock, signal: AbortSignal): Promise<void> {
  for (let now = clock.now(); now < instant; now = clock.now()) {
    // A timer cannot wait for longer than 24 days.
    await sleep(Math.min(realDuration(instant - now, clock.scale), 2 ** 31 - 1), undefined, { signal })
  }
}

function trackCall({ messageId, userId, event, at, properties }: SampleEvent): SegmentCall {
  return { type: 'track', messageId, userId, event, properties, timestamp: new Date(at).toISOString() }
}

function rejectionsOf(answer: unknown, calls: readonly SegmentCall[]): readonly RejectedCall[] {
  if (typeof answer !== 'object' || answer === null || !('rejected' in answer)) return []
  const listed = answer.rejected as readonly { index: number; reason: string; detail: string }[]
  return listed.map(({ index, reason, detail }) => ({ messageId: calls[index]?.messageId ?? '', reason, detail }))
}
