import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { CompiledJourney } from '../../src/core/compiled-journey.ts'
import type { Verdict } from '../../src/core/enrollment.ts'
import type { DeliverInput, DeliverResult } from '../../src/core/delivery.ts'
import { workflowId } from '../../workers/protocol.ts'
import { aJourney, aStep } from '../core/builders.ts'
import { actionCount, eventCount } from './history.ts'
import { startRunHarness, type RunHarness } from './run-harness.ts'

const HOUR = 3_600_000
let harness: RunHarness

beforeAll(async () => {
  harness = await startRunHarness()
})
afterAll(async () => harness.stop())

const cart = aJourney({
  id: 'cart-recovery',
  steps: [
    aStep('first-email', { offsetMs: HOUR }),
    aStep('sms-code', {
      offsetMs: 5 * HOUR,
      action: { kind: 'message', channel: 'sms', template: 'cart/code', content: 'b' },
    }),
    aStep('final-email', { offsetMs: 10 * HOUR }),
  ],
})

async function start(journey: CompiledJourney): Promise<string> {
  const enrollment = randomUUID()
  await harness.engine.start({ ...runOf(journey, enrollment), enteredAt: harness.clock.now() })
  return enrollment
}

function runOf(journey: CompiledJourney, enrollment: string) {
  return { journey, version: 'f'.repeat(64), enrollment, contact: randomUUID() }
}

function handle(journey: CompiledJourney, enrollment: string) {
  return harness.client.workflow.getHandle(workflowId(journey.id, enrollment))
}

function asked(enrollment: string): DeliverInput[] {
  return harness.asked.filter((input) => input.enrollment === enrollment)
}

function answers(verdict: (input: DeliverInput, at: number) => Verdict): void {
  harness.answer((input): DeliverResult => {
    const at = harness.clock.now()
    return { verdict: verdict(input, at), at }
  })
}

const sent = (_input: DeliverInput, at: number): Verdict => ({ kind: 'sent', at, certain: true })

describe('a run on a real Temporal server', () => {
  it('costs 33 history events and 6 billable actions for three messages', async () => {
    answers(sent)
    const enrollment = await start(cart)
    await handle(cart, enrollment).result()
    const history = await handle(cart, enrollment).fetchHistory()
    expect(asked(enrollment).map(({ step }) => step)).toEqual(['first-email', 'sms-code', 'final-email'])
    expect({ events: eventCount(history), actions: actionCount(history) }).toEqual({ events: 33, actions: 6 })
  })

  it('costs at most 6 events when the goal comes before the first message, and sends nothing', async () => {
    answers(sent)
    const enrollment = await start(cart)
    await harness.engine.signal(cart.id, enrollment, { kind: 'goal', at: harness.clock.now() })
    await expect(handle(cart, enrollment).result()).resolves.toMatchObject({ outcome: 'goal reached' })
    expect(eventCount(await handle(cart, enrollment).fetchHistory())).toBeLessThanOrEqual(6)
    expect(asked(enrollment)).toEqual([])
  })

  it('is started once however often the relay says so, even after it has ended', async () => {
    answers(sent)
    const journey = aJourney({ id: 'once', steps: [aStep('hello', { offsetMs: 0 })] })
    const run = { ...runOf(journey, randomUUID()), enteredAt: harness.clock.now() }
    await Promise.all([harness.engine.start(run), harness.engine.start(run), harness.engine.start(run)])
    await handle(journey, run.enrollment).result()
    await harness.engine.start(run)
    expect(asked(run.enrollment)).toHaveLength(1)
  })

  it('ends at once when an operator cancels it in the middle of a wait', async () => {
    answers(sent)
    const journey = aJourney({
      id: 'cancelled',
      steps: [aStep('hello', { offsetMs: 0 }), aStep('later', { offsetMs: 2_000 * HOUR })],
    })
    const enrollment = await start(journey)
    await vi.waitFor(() => expect(asked(enrollment)).toHaveLength(1), { timeout: 20_000 })
    await handle(journey, enrollment).cancel()
    await expect(handle(journey, enrollment).result()).rejects.toThrow(/cancel/i)
    expect(asked(enrollment)).toHaveLength(1)
  })

  it('waits as long as the gate holds a message and asks again', async () => {
    const until = harness.clock.now() + 4 * HOUR
    answers((input, at) => (at < until ? { kind: 'held', until, reason: 'quiet_hours' } : sent(input, at)))
    const journey = aJourney({ id: 'held', steps: [aStep('hello', { offsetMs: HOUR })] })
    const enrollment = await start(journey)
    await handle(journey, enrollment).result()
    expect(asked(enrollment)).toHaveLength(2)
    expect(asked(enrollment)[1]?.dueAt).toBe(asked(enrollment)[0]?.dueAt)
  })

  it("sets its clock by the gate's when it was ahead of it, instead of asking in a loop", async () => {
    let behind = true
    harness.answer((input) => {
      const at = behind ? input.dueAt - 3 * HOUR : harness.clock.now()
      const verdict: Verdict = behind ? { kind: 'held', until: input.dueAt, reason: 'not_due' } : sent(input, at)
      behind = false
      return { verdict, at }
    })
    const journey = aJourney({ id: 'ahead', steps: [aStep('hello', { offsetMs: 0 })] })
    const enrollment = await start(journey)
    await handle(journey, enrollment).result()
    expect(asked(enrollment)).toHaveLength(2)
  })

  it('sends the fallback when the carrier reports afterwards that the message did not arrive', async () => {
    answers(sent)
    const journey = aJourney({
      id: 'receipt',
      steps: [
        aStep('code', {
          offsetMs: 0,
          action: { kind: 'message', channel: 'sms', template: 'cart/code', content: 'b' },
          fallback: { kind: 'message', channel: 'email', template: 'cart/code', content: 'c' },
          fallbackWithinMs: 400 * HOUR,
        }),
      ],
    })
    const enrollment = await start(journey)
    await expect.poll(() => asked(enrollment).length).toBe(1)
    await harness.engine.signal(journey.id, enrollment, {
      kind: 'undelivered',
      at: harness.clock.now(),
      step: 'code',
    })
    await handle(journey, enrollment).result()
    expect(asked(enrollment).map(({ branch }) => branch)).toEqual(['action', 'fallback'])
  })

  it('survives an activity that fails: the step is asked for again and nobody is lost', async () => {
    let failures = 2
    answers((input, at) => {
      if (failures-- > 0) throw new Error('the store is down')
      return sent(input, at)
    })
    const journey = aJourney({ id: 'faulty', steps: [aStep('hello', { offsetMs: 0 })] })
    const enrollment = await start(journey)
    await expect(handle(journey, enrollment).result()).resolves.toMatchObject({ outcome: 'all steps done' })
    expect(asked(enrollment)).toHaveLength(3)
  })

  it('keeps the kind of a failure and none of its words, which may quote an address', async () => {
    answers(() => {
      throw new TypeError('no consent for zebulon.quagga@example.com')
    })
    const journey = aJourney({ id: 'telltale', steps: [aStep('hello')] })
    const enrollment = await start(journey)
    const failure = async (): Promise<string> => {
      const { raw } = await handle(journey, enrollment).describe()
      return JSON.stringify(raw.pendingActivities?.[0]?.lastFailure ?? '')
    }
    await expect.poll(failure, { timeout: 20_000 }).toContain('TypeError')
    expect(await failure()).not.toContain('quagga')
    await handle(journey, enrollment).terminate()
  })

  it('is not wedged by signals that nobody should have sent', async () => {
    answers(sent)
    const journey = aJourney({ id: 'garbage', steps: [aStep('hello', { offsetMs: 3 * HOUR })] })
    const enrollment = await start(journey)
    for (const [name, payload] of [
      ['goal', 'not an event'],
      ['goal', null],
      ['undelivered', { at: 1 }],
      ['anchored', { at: 'soon', anchor: 'x', instant: 1 }],
      ['nonsense', { at: 1 }],
    ] as const) {
      await handle(journey, enrollment).signal(name, payload)
    }
    await expect(handle(journey, enrollment).result()).resolves.toMatchObject({ steps: { hello: 'sent' } })
  })

  it('ignores a signal for a run that has ended or never was', async () => {
    await expect(harness.engine.signal('nobody', randomUUID(), { kind: 'goal', at: 1 })).resolves.toBeUndefined()
  })

  it('tells the operator in plain words what happens next, without personal data', async () => {
    answers(sent)
    const enrollment = await start(cart)
    const description = await handle(cart, enrollment).describe()
    expect(await description.staticSummary()).toMatch(
      /^cart-recovery fffffff: first-email due \w{3} \d+ \w{3} \d\d:\d\d New York$/,
    )
    expect(await description.staticDetails()).toContain('`sms-code` (sms): due')
    expect(
      description.typedSearchAttributes
        .getAll()
        .map(({ key }) => key.name)
        .toSorted(),
    ).toEqual(expect.arrayContaining(['SegueContact', 'SegueEnvironment', 'SegueVersion']))
    await handle(cart, enrollment).terminate()
  })
})
