import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../../core/clock.ts'
import { patientPost } from './patient-post.ts'
import type { Sample, SamplePerson } from './sample.ts'

export interface Clicking {
  readonly sandboxUrl: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

const DAY_MS = 86_400_000
const AFTER_MS = 45 * 60_000
const LOOK_EVERY_MS = 200

/**
 * Lets some people tap the link of their first text a second time, which the sandbox's own readers never do. Gives up a virtual
 * day after the person's first event: a text that was refused or held out never comes.
 */
export async function clickAgain(sample: Sample, clicking: Clicking): Promise<void> {
  await Promise.all(
    sample.people.map(async (person) => {
      const first = sample.events.find((event) => event.userId === person.userId)
      if (person.clicksAgain && first !== undefined) await clickOnceMore(person, first.at + DAY_MS, clicking)
    }),
  )
}

async function clickOnceMore(
  person: SamplePerson,
  until: number,
  { sandboxUrl, clock, signal }: Clicking,
): Promise<void> {
  const phone = person.traits['phone']
  if (phone === undefined) return
  while (clock.now() < until) {
    const text = await firstText(sandboxUrl, phone, signal)
    if (text !== undefined && clock.now() >= text.at + AFTER_MS) {
      await patientPost({ url: `${sandboxUrl}/sandbox/read`, body: { id: text.id, does: 'click' }, signal })
      return
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal })
  }
}

async function firstText(
  sandboxUrl: string,
  phone: string,
  signal: AbortSignal,
): Promise<{ readonly id: string; readonly at: number } | undefined> {
  try {
    const response = await fetch(`${sandboxUrl}/sandbox/log?channel=sms&to=${encodeURIComponent(phone)}`, { signal })
    const [first] = (await response.json()) as readonly { readonly id: string; readonly at: number }[]
    return first
  } catch (error) {
    signal.throwIfAborted()
    // The sandbox is not there just now: there is another look.
    if (error instanceof TypeError || error instanceof SyntaxError) return undefined
    throw error
  }
}
