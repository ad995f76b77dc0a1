import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js'
import type { CompiledJourney } from '../../src/core/compiled-journey.ts'
import type { Event, Verdict } from '../../src/core/enrollment.ts'
import type { DeliverInput } from '../../src/core/delivery.ts'
import { workflowId } from '../../workers/protocol.ts'
import { aJourney, aStep, anSms } from '../core/builders.ts'
import { startRunHarness } from '../workers/run-harness.ts'

/**
 * Records one history per behaviour on a real server: `npm run record-histories -- <release>`. Recorded files are never
 * changed afterwards: each is a run that may still be alive somewhere, and every later build must be able to go on with it.
 */
const HOUR = 3_600_000
const release = process.argv[2]
if (release === undefined) throw new Error('name the release that is being recorded, such as 0.1.0')

interface Recording {
  readonly name: string
  readonly journey: CompiledJourney
  readonly verdict?: (input: DeliverInput, at: number, asked: number) => Verdict
  /** Told to the run once it has asked for this many deliveries. */
  readonly told?: { readonly afterAsked: number; readonly event: (at: number) => Event }
}

const sent = (_input: DeliverInput, at: number): Verdict => ({ kind: 'sent', at, certain: true })
const cart = aJourney({
  id: 'cart-recovery',
  steps: [
    aStep('first-email', { offsetMs: HOUR }),
    aStep('sms-code', { offsetMs: 3 * HOUR, action: anSms() }),
    aStep('final-email', { offsetMs: 6 * HOUR }),
  ],
})
const withFallback = aJourney({
  id: 'code-by-any-means',
  steps: [
    aStep('code', {
      action: anSms(),
      fallback: { kind: 'message', channel: 'email', template: 'code', content: 'c' },
      fallbackWithinMs: 40 * HOUR,
    }),
  ],
})

const recordings: readonly Recording[] = [
  { name: 'three-messages', journey: cart, verdict: sent },
  { name: 'goal-before-first-message', journey: cart, told: { afterAsked: 0, event: (at) => ({ kind: 'goal', at }) } },
  { name: 'goal-between-messages', journey: cart, told: { afterAsked: 1, event: (at) => ({ kind: 'goal', at }) } },
  {
    name: 'held-then-sent',
    journey: cart,
    verdict: (input, at, asked) =>
      asked === 1 ? { kind: 'held', until: at + 2 * HOUR, reason: 'quiet_hours' } : sent(input, at),
  },
  {
    name: 'refused-by-the-gate',
    journey: cart,
    verdict: (input, at) => (input.step === 'sms-code' ? { kind: 'refused', reason: 'no_consent' } : sent(input, at)),
  },
  {
    name: 'fallback-at-once',
    journey: withFallback,
    verdict: (input, at) =>
      input.branch === 'action' ? { kind: 'failed', reason: 'no_address', undeliverable: true } : sent(input, at),
  },
  {
    name: 'fallback-after-bad-receipt',
    journey: withFallback,
    told: { afterAsked: 1, event: (at) => ({ kind: 'undelivered', at, step: 'code' }) },
  },
]

const harness = await startRunHarness()
for (const { name, journey, verdict = sent, told } of recordings) {
  const enrollment = randomUUID()
  const askedOf = (): number => harness.asked.filter((input) => input.enrollment === enrollment).length
  harness.answer((input) => {
    const at = harness.clock.now()
    return { verdict: verdict(input, at, askedOf()), at }
  })
  await harness.engine.start({
    journey,
    version: 'f'.repeat(64),
    enrollment,
    contact: randomUUID(),
    enteredAt: harness.clock.now(),
  })
  if (told !== undefined) {
    while (askedOf() < told.afterAsked) await new Promise((resolve) => setTimeout(resolve, 50))
    await harness.engine.signal(journey.id, enrollment, told.event(harness.clock.now()))
  }
  const handle = harness.client.workflow.getHandle(workflowId(journey.id, enrollment))
  await handle.result()
  const file = new URL(`./${release}-${name}.json`, import.meta.url)
  // Whose machine recorded it is nobody's business.
  const history = historyToJSON(await handle.fetchHistory()).replaceAll(/\d+@[\w.-]+/g, 'recorder')
  await writeFile(file, `${history}\n`)
  process.stdout.write(`${name}\n`)
}
await harness.stop()
