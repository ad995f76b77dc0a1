import type { Clock } from '../../../core/clock.ts'
import { patientPost } from './patient-post.ts'
import type { Sample } from './sample.ts'

export interface IntroductionTarget {
  readonly apiUrl: string
  readonly serverKey: string
  readonly sandboxUrl: string
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Sends Segment calls in one batch. */
  readonly sendBatch: (calls: readonly SegmentCall[]) => Promise<void>
}

export interface SegmentCall {
  readonly type: 'identify' | 'track'
  readonly messageId: string
  readonly userId: string
  readonly [field: string]: unknown
}

const CALLS_AT_ONCE = 50
const ITEMS_AT_ONCE = 500
const DAY_MS = 86_400_000
const PROOF = {
  wording: 'Yes, send me reminders and offers. I can stop them at any time.',
  version: '2',
  page: 'https://shop.example.com/account/messages',
}

/**
 * Says who the people are, what they allow, which addresses are blocked and, to the sandbox, how they behave.
 *
 * Saying it all again after a restart is harmless: identify calls keep their ids, and a consent from before the sample
 * never overrules a STOP that was given during it, because the later one wins.
 */
export async function introducePeople(sample: Sample, target: IntroductionTarget): Promise<void> {
  const { people, startsAt } = sample
  const { apiUrl, serverKey, sandboxUrl, clock, signal } = target
  const authorization = `Bearer ${serverKey}`
  /** The API does not take what lies in its future, which is all there is when the clock starts before the sample. */
  const said = (at: number): string => new Date(Math.min(at, clock.now())).toISOString()

  for (const some of inParts(people, CALLS_AT_ONCE)) {
    await target.sendBatch(
      some.map(({ userId, traits }) => ({ type: 'identify', messageId: `identify-${userId}`, userId, traits })),
    )
  }
  const consents = people.flatMap(({ userId, consents }) =>
    consents.map(({ channel, purpose, state, at }) => {
      // Texts need a confirmation, which these people gave when they agreed; nobody is asked again.
      const confirmation = channel === 'sms' ? { confirmation: { at: said(at), method: 'reply' } } : {}
      const proof = state === 'granted' ? { proof: { ...PROOF, ...confirmation } } : {}
      return { userId, channel, purpose, state, at: said(at), ...proof }
    }),
  )
  const suppressions = people.flatMap((person) =>
    person.suppressions.map((suppression) => ({ ...suppression, at: said(startsAt - DAY_MS) })),
  )
  const lists: readonly (readonly [url: string, items: readonly object[], authorization?: string])[] = [
    [`${apiUrl}/v1/consents`, consents, authorization],
    [`${apiUrl}/v1/suppressions`, suppressions, authorization],
    [`${sandboxUrl}/sandbox/people`, people.flatMap((person) => person.behaviours)],
    [`${sandboxUrl}/sandbox/rules`, people.flatMap((person) => person.faults)],
  ]
  for (const [url, items, key] of lists) {
    for (const body of inParts(items, ITEMS_AT_ONCE)) {
      await patientPost({ url, body, signal, ...(key !== undefined && { authorization: key }) })
    }
  }
}

function inParts<T>(members: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(members.length / size) }, (_, i) => members.slice(i * size, (i + 1) * size))
}
