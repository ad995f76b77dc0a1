import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Channel, CompiledJourney } from '../../src/core/compiled-journey.ts'
import { messageOf } from '../../src/core/compiled-journey.ts'
import { enroll, transition } from '../../src/core/transition.ts'
import type { State, Transition, Verdict } from '../../src/core/enrollment.ts'
import type { Policy } from '../../src/core/workspace.ts'
import { decide } from '../../src/gate/decide.ts'
import type { Facts, MarketingContact, RivalRun } from '../../src/gate/facts.ts'
import type { Rival } from '../../src/gate/rival.ts'
import { aJourney, anEmail, aStep, aText, aWorkspace, HOUR, NOON } from './scene.ts'

/*
 * All runs of one person walk their timelines in virtual time, by core's own transition and the gate's own decision, with a store in
 * memory between them. Whatever the journeys, ranks, gaps and caps: it ends, and nobody starves.
 */

const MINUTE = 60_000
/** More decisions about one person than this is two journeys that wait for each other. */
const MANY = 4_000

interface Held {
  readonly reason: string
  readonly at: number
  readonly until: number
}

interface Outcome {
  readonly journey: string
  readonly step: string
  readonly verdict: 'send' | 'refuse'
  readonly reason: string
  readonly at: number
  readonly dueAt: number
  readonly holds: readonly Held[]
}

interface Walker {
  readonly journey: CompiledJourney
  run: RivalRun
  state: State
  effect: Transition['effect']
  holds: Map<string, Held[]>
}

function walk(journeys: readonly CompiledJourney[], entries: readonly number[], policy: Partial<Policy>): Outcome[] {
  const workspace = aWorkspace(policy)
  const contacts: MarketingContact[] = []
  const outcomes: Outcome[] = []
  const walkers: Walker[] = journeys.map((journey, i) => {
    const entered = entries[i] ?? NOON
    const enrollment = `run-${i}`
    const run: RivalRun = { enrollment, version: journey.id, enteredAt: entered, sends: [], holds: [] }
    return { run, ...enroll(journey, enrollment, entered), holds: new Map() }
  })
  const next = (one: Walker): number =>
    one.effect.kind === 'wait'
      ? one.effect.until
      : one.effect.kind === 'deliver'
        ? one.state.now
        : Number.POSITIVE_INFINITY

  for (let decisions = 0; ; decisions++) {
    if (decisions > MANY) throw new Error('the runs wait for each other')
    const walker = walkers.toSorted((a, b) => next(a) - next(b))[0]
    if (walker === undefined || next(walker) === Number.POSITIVE_INFINITY) return outcomes
    if (walker.effect.kind === 'wait') {
      Object.assign(walker, transition(walker.journey, walker.state, { kind: 'woke', at: walker.effect.until }))
      continue
    }
    if (walker.effect.kind !== 'deliver') throw new Error('a run that is over was asked')
    const { step: id, branch, dueAt } = walker.effect
    const now = walker.state.now
    const step = walker.journey.steps.find((one) => one.id === id)
    const action = step === undefined ? undefined : messageOf(step, branch)
    if (step === undefined || action === undefined) throw new Error('no such step')
    const rivals: readonly Rival[] = walkers
      .filter((other) => other !== walker && other.effect.kind !== 'finish' && other.run.enteredAt <= now)
      .map(({ run, journey }) => ({ run, journey }))
    const decision = decide(
      {
        enrollment: walker.run.enrollment,
        journey: walker.journey,
        step,
        branch,
        action,
        dueAt,
        address: 'ada@example.com',
        workspace,
        rivals,
      },
      factsOf(
        walker,
        contacts.toSorted((a, b) => b.at - a.at),
      ),
      now,
    )
    const held = walker.holds.get(id) ?? []
    const ends = (verdict: 'send' | 'refuse', reason: string): void =>
      void outcomes.push({ journey: walker.journey.id, step: id, verdict, reason, at: now, dueAt, holds: held })
    let verdict: Verdict
    if (decision.kind === 'hold') {
      walker.holds.set(id, [...held, { reason: decision.reason, at: now, until: decision.until }])
      verdict = { kind: 'held', until: decision.until, reason: decision.reason }
      const holds = walker.run.holds.filter((one) => one.step !== id)
      walker.run = {
        ...walker.run,
        holds: [...holds, { step: id, branch, reason: decision.reason, until: decision.until }],
      }
    } else {
      const sent = decision.kind === 'send'
      ends(sent ? 'send' : 'refuse', 'reason' in decision ? decision.reason : 'allowed')
      if (sent) contacts.push({ channel: action.channel, purpose: walker.journey.purpose, at: now })
      verdict = sent ? { kind: 'sent', at: now, certain: true } : { kind: 'refused', reason: 'x' }
      const send = { step: id, branch, state: sent ? 'accepted' : 'refused', at: now }
      walker.run = {
        ...walker.run,
        holds: walker.run.holds.filter((one) => one.step !== id),
        sends: [...walker.run.sends, send],
      }
    }
    Object.assign(
      walker,
      transition(walker.journey, walker.state, { kind: 'decided', at: now, step: id, branch, verdict }),
    )
  }
}

function factsOf({ journey }: Walker, contacts: readonly MarketingContact[]): Facts {
  return {
    journey: journey.id,
    version: journey.id,
    contactId: 'c',
    state: 'active',
    outcome: null,
    heldOut: false,
    traits: { timezone: 'America/New_York' },
    trigger: {},
    email: 'ada@example.com',
    phone: null,
    switches: [],
    consent: [{ purpose: 'cart-reminders', state: 'granted', at: 1 }],
    suppressions: [],
    contacts,
    steps: {},
    send: null,
    arm: null,
    code: null,
    engagedAt: null,
    rivals: [],
  }
}

const NAMES = ['one', 'two', 'three', 'four', 'five']
const halfHours = (max: number) => fc.integer({ min: 0, max }).map((n) => n * 30 * MINUTE)
const action = fc.constantFrom<Channel>('email', 'sms').map((channel) => (channel === 'email' ? anEmail() : aText()))
const journey = (id: string): fc.Arbitrary<CompiledJourney> =>
  fc
    .array(fc.record({ offsetMs: halfHours(16), chained: fc.boolean(), action }), { minLength: 1, maxLength: 3 })
    .map((steps) =>
      aJourney({
        id,
        steps: steps.map(({ chained, ...step }, i) =>
          aStep({ ...step, id: `s${i}`, from: chained && i > 0 ? `s${i - 1}` : 'entry' }),
        ),
      }),
    )
const world = fc
  .integer({ min: 2, max: 5 })
  .chain((count) =>
    fc.record({
      journeys: fc.tuple(...NAMES.slice(0, count).map(journey)),
      entries: fc.array(
        halfHours(10).map((ms) => NOON + ms),
        { minLength: count, maxLength: count },
      ),
      priorities: fc.shuffledSubarray(NAMES.slice(0, count), { minLength: 1 }),
      minGapMs: halfHours(8),
      channelGapMs: fc.option(halfHours(8), { nil: undefined }),
      giveUpAfterMs: fc.integer({ min: 1, max: 36 }).map((n) => n * 30 * MINUTE),
      cap: fc.option(
        fc.record({ count: fc.integer({ min: 1, max: 4 }), windowMs: halfHours(20).map((ms) => ms + HOUR) }),
        {
          nil: undefined,
        },
      ),
      whenCapped: fc.constantFrom<'hold' | 'refuse'>('hold', 'refuse'),
    }),
  )
  .map(({ journeys, entries, cap, channelGapMs, ...policy }) => ({
    journeys,
    entries,
    policy: {
      ...policy,
      caps: cap === undefined ? [] : [cap],
      ...(channelGapMs === undefined ? {} : { channelGapMs }),
      sendWindow: { sms: { fromMinute: 0, toMinute: 1_440 } },
    } satisfies Partial<Policy>,
  }))

test('no journeys, ranks, gaps and caps make two runs wait for each other, and every message ends by its giving up', () => {
  fc.assert(
    fc.property(world, ({ journeys, entries, policy }) => {
      const outcomes = walk(journeys, entries, policy)
      for (const { at, dueAt, verdict } of outcomes) {
        expect(at).toBeLessThanOrEqual(dueAt + policy.giveUpAfterMs + (verdict === 'refuse' ? 1 : 0))
      }
    }),
    { numRuns: 500 },
  )
})

test('nobody starves: a message that gave way is given up only when messages that did go took its time', () => {
  let [waited, gaveWay] = [0, 0]
  fc.assert(
    fc.property(world, ({ journeys, entries, policy }) => {
      const walked = walk(journeys, entries, policy)
      for (const { verdict, reason, holds, at, dueAt } of walked) {
        if (verdict !== 'refuse' || reason !== 'gave_up' || !holds.some((one) => one.reason === 'outranked')) continue
        // It asked again when its wait was over, and only a gap, a cap or the night kept it then.
        const waits = holds.filter((one) => one.reason === 'outranked')
        expect(Math.max(...waits.map((one) => one.until))).toBeLessThanOrEqual(at)
        expect(at).toBeLessThanOrEqual(dueAt + policy.giveUpAfterMs)
        gaveWay++
      }
      if (walked.some(({ holds }) => holds.some((one) => one.reason === 'outranked'))) waited++
    }),
    { numRuns: 400 },
  )
  // What was tried is what was meant.
  expect({ waited: waited > 20, gaveWay: gaveWay > 0 }).toEqual({ waited: true, gaveWay: true })
})

test('without a rank everybody is served as they come, and with one a higher message is never later than it would be alone among lower ones', () => {
  fc.assert(
    fc.property(
      halfHours(8).filter((ms) => ms > 0),
      halfHours(7),
      halfHours(7),
      (minGapMs, dueHigher, dueLower) => {
        const journeys = [
          aJourney({ id: 'high', steps: [aStep({ offsetMs: dueHigher })] }),
          aJourney({ id: 'low', steps: [aStep({ offsetMs: dueLower })] }),
        ]
        const policy = { minGapMs, giveUpAfterMs: 24 * HOUR, priorities: ['high', 'low'] }
        const outcomes = walk(journeys, [NOON, NOON], policy)
        expect(outcomes.map(({ verdict }) => verdict)).toEqual(['send', 'send'])
        const [high, low] = ['high', 'low'].map((id) => outcomes.find((one) => one.journey === id)?.at ?? Number.NaN)
        if (high === undefined || low === undefined) throw new Error('no outcome')
        expect(Math.abs(high - low)).toBeGreaterThanOrEqual(minGapMs)
        expect(high).toBe(NOON + dueHigher)
        // The lower one waits for one slot and one gap, no more.
        expect(low).toBeLessThanOrEqual(Math.max(NOON + dueLower, high + minGapMs))
      },
    ),
    { numRuns: 300 },
  )
})
