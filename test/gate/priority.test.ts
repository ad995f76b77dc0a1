import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CompiledJourney } from '../../src/core/compiled-journey.ts'
import { aJourney, anEmail, aStep, aText, aWorkspace, DAY, HOUR, inWords, NOON, Scene, STORES } from './scene.ts'

const MINUTE = 60_000
const PRIORITIES = ['cart-recovery', 'welcome', 'browse']
const delayed = (id: string, offsetMs: number, change: Partial<CompiledJourney> = {}): CompiledJourney =>
  aJourney({ id, steps: [aStep({ offsetMs })], ...change })

describe.each(STORES)('two journeys that want the same slot, on $store', ({ open }) => {
  let scene: Scene
  let close: () => Promise<void>
  beforeAll(async () => {
    const opened = await open()
    scene = new Scene(opened.database)
    close = opened.close
  })
  afterAll(() => close())

  const both = async (higher: CompiledJourney, lower: CompiledJourney) => {
    const contact = await scene.contact()
    return { contact, higher: await scene.enroll(contact, higher), lower: await scene.enroll(contact, lower) }
  }

  test('the lower one waits until just after the higher one, and the decision says for whom', async () => {
    await scene.deploy(aWorkspace({ minGapMs: 2 * HOUR, priorities: PRIORITIES }))
    const runs = await both(delayed('cart-recovery', HOUR), aJourney({ id: 'welcome' }))
    const verdict = await scene.ask(runs.lower)
    expect(verdict).toEqual({ kind: 'hold', until: NOON + HOUR + MINUTE, reason: 'outranked' })
    expect((await scene.decisions(runs.lower)).at(-1)?.facts).toMatchObject({
      outranked_by: 'cart-recovery',
      outranked_run: runs.higher,
      outranked_step: 'first',
      outranked_due_at: NOON + HOUR,
    })
    expect(inWords(await scene.ask(runs.higher, { now: NOON + HOUR }))).toBe('send')
    await scene.handOver(runs.higher, 'accepted', NOON + HOUR)
    expect(await scene.ask(runs.lower, { now: NOON + HOUR + MINUTE, dueAt: NOON })).toEqual({
      kind: 'hold',
      until: NOON + 3 * HOUR,
      reason: 'min_gap',
    })
    expect(inWords(await scene.ask(runs.lower, { now: NOON + 3 * HOUR, dueAt: NOON }))).toBe('send')
  })

  test('the higher one waits for nobody', async () => {
    await scene.deploy(aWorkspace({ minGapMs: 2 * HOUR, priorities: PRIORITIES }))
    const runs = await both(aJourney({ id: 'cart-recovery' }), delayed('welcome', HOUR))
    expect(inWords(await scene.ask(runs.higher))).toBe('send')
  })

  test('nobody waits without priorities, beyond the gap, or for a journey that is not named higher', async () => {
    const cases = [
      { policy: { minGapMs: 2 * HOUR }, higher: 'cart-recovery', lower: 'welcome', at: HOUR },
      {
        policy: { minGapMs: 2 * HOUR, priorities: PRIORITIES },
        higher: 'cart-recovery',
        lower: 'welcome',
        at: 2 * HOUR,
      },
      { policy: { minGapMs: 2 * HOUR, priorities: ['welcome'] }, higher: 'cart-recovery', lower: 'welcome', at: HOUR },
      { policy: { minGapMs: 2 * HOUR, priorities: ['x'] }, higher: 'cart-recovery', lower: 'welcome', at: HOUR },
      { policy: { minGapMs: 0, priorities: PRIORITIES }, higher: 'cart-recovery', lower: 'welcome', at: HOUR },
    ]
    for (const { policy, higher, lower, at } of cases) {
      await scene.deploy(aWorkspace(policy))
      const runs = await both(delayed(higher, at), aJourney({ id: lower }))
      expect(inWords(await scene.ask(runs.lower))).toBe('send')
    }
  })

  test('one that is not named at all comes after those that are', async () => {
    await scene.deploy(aWorkspace({ minGapMs: 2 * HOUR, priorities: ['cart-recovery'] }))
    const runs = await both(delayed('cart-recovery', HOUR), aJourney({ id: 'newcomer' }))
    expect(inWords(await scene.ask(runs.lower))).toBe('hold outranked')
  })

  test('the last place under a cap is left to the higher one, also hours ahead and after its first message', async () => {
    await scene.deploy(aWorkspace({ caps: [{ count: 2, windowMs: DAY }], priorities: PRIORITIES }))
    const higher = aJourney({
      id: 'cart-recovery',
      steps: [aStep(), aStep({ id: 'second', from: 'first', offsetMs: 5 * HOUR })],
    })
    const runs = await both(higher, aJourney({ id: 'welcome' }))
    expect(inWords(await scene.ask(runs.higher))).toBe('send')
    await scene.handOver(runs.higher)
    expect(await scene.ask(runs.lower, { now: NOON + 1 })).toEqual({
      kind: 'hold',
      until: NOON + 5 * HOUR + MINUTE,
      reason: 'outranked',
    })
    expect(inWords(await scene.ask(runs.higher, { step: 'second', now: NOON + 5 * HOUR }))).toBe('send')
    expect(inWords(await scene.ask(runs.lower, { now: NOON + 5 * HOUR + MINUTE, dueAt: NOON }))).toBe('refuse cap')
  })

  test('a cap of another channel or purpose is no reason to wait', async () => {
    for (const cap of [{ channel: 'sms' as const }, { purpose: 'news' }]) {
      await scene.deploy(aWorkspace({ caps: [{ count: 1, windowMs: DAY, ...cap }], priorities: PRIORITIES }))
      const runs = await both(delayed('cart-recovery', HOUR), aJourney({ id: 'welcome' }))
      expect(inWords(await scene.ask(runs.lower))).toBe('send')
    }
  })

  test('waiting never ends in giving up: then whoever comes first is served first', async () => {
    await scene.deploy(aWorkspace({ minGapMs: 2 * HOUR, giveUpAfterMs: 90 * MINUTE, priorities: PRIORITIES }))
    const runs = await both(delayed('cart-recovery', HOUR), aJourney({ id: 'welcome' }))
    expect(inWords(await scene.ask(runs.lower))).toBe('send')
    expect((await scene.decisions(runs.lower)).at(-1)?.facts).toMatchObject({ outranked_waits: false })
  })

  test('nobody waits for a run that is over, held out, asked long ago, paused, or has nothing left', async () => {
    await scene.deploy(aWorkspace({ minGapMs: 2 * HOUR, priorities: PRIORITIES }))
    const set = (sql: string, enrollment: string) => scene.database.query(sql, [enrollment])
    const cases: readonly (readonly [string, string])[] = [
      ['over', `update enrollment set state = 'ended', outcome = 'goal' where id = $1`],
      ['held out', 'update enrollment set held_out = true where id = $1'],
      ['only waiting for a receipt', `update enrollment set ends_at = ${NOON + DAY} where id = $1`],
      ['asked long ago', `update enrollment set entered_at = ${NOON - 3 * HOUR} where id = $1`],
      [
        'paused',
        `insert into decision (enrollment_id, step, branch, verdict, reason, until_at, facts, version, at)
         values ($1, 'first', 'action', 'hold', 'paused', ${NOON + HOUR}, '{}', 'v', ${NOON})`,
      ],
      [
        'sent',
        `insert into send (id, enrollment_id, step, branch, journey, version, contact_id, channel, purpose, class, state, reserved_at, updated_at)
         select gen_random_uuid(), id, 'first', 'action', journey, version, contact_id, 'email', 'p', 'marketing', 'refused', 0, 0
         from enrollment where id = $1`,
      ],
    ]
    for (const [why, sql] of cases) {
      const runs = await both(delayed('cart-recovery', HOUR), aJourney({ id: 'welcome' }))
      await set(sql, runs.higher)
      expect([why, inWords(await scene.ask(runs.lower))]).toEqual([why, 'send'])
    }
  })

  test('a higher one on hold counts from when its hold ends', async () => {
    await scene.deploy(aWorkspace({ minGapMs: 2 * HOUR, priorities: PRIORITIES }))
    const contact = await scene.contact()
    const earlier = await scene.enroll(contact, aJourney({ id: 'news' }))
    await scene.ask(earlier, { now: NOON - HOUR })
    await scene.handOver(earlier, 'accepted', NOON - HOUR)
    const higher = await scene.enroll(contact, aJourney({ id: 'cart-recovery' }))
    expect(await scene.ask(higher)).toMatchObject({ kind: 'hold', reason: 'min_gap', until: NOON + HOUR })
    await scene.handOver(earlier, 'undelivered', NOON - HOUR)
    const lower = await scene.enroll(contact, aJourney({ id: 'welcome' }))
    expect(await scene.ask(lower)).toMatchObject({ kind: 'hold', reason: 'outranked', until: NOON + HOUR + MINUTE })
  })

  test('two journeys that outrank each other under two policies do not wait for each other', async () => {
    const workspace = aWorkspace({ minGapMs: 2 * HOUR, priorities: ['cart-recovery', 'welcome'] })
    const base = workspace.policies['us-retail']
    if (base === undefined) throw new Error('no policy')
    const policies = {
      ...workspace.policies,
      other: { ...base, name: 'other', priorities: ['welcome', 'cart-recovery'] },
    }
    await scene.deploy({ ...workspace, policies })
    const runs = await both(delayed('cart-recovery', HOUR, { policy: 'other' }), aJourney({ id: 'welcome' }))
    expect(inWords(await scene.ask(runs.lower))).toBe('send')
  })

  test('a policy that gets priorities while it is in memory is seen at once', async () => {
    await scene.deploy(aWorkspace({ minGapMs: 2 * HOUR }))
    const runs = await both(delayed('cart-recovery', HOUR), aJourney({ id: 'welcome' }))
    const other = await scene.enroll(await scene.contact(), aJourney({ id: 'welcome' }))
    expect(inWords(await scene.ask(other))).toBe('send')
    await scene.deploy(aWorkspace({ minGapMs: 2 * HOUR, priorities: PRIORITIES }))
    expect(inWords(await scene.ask(runs.lower))).toBe('hold outranked')
  })

  test('the channel gap is what counts between a text and an email', async () => {
    await scene.deploy(aWorkspace({ minGapMs: HOUR, channelGapMs: 4 * HOUR, priorities: PRIORITIES }))
    const text = delayed('cart-recovery', 3 * HOUR, { steps: [aStep({ offsetMs: 3 * HOUR, action: aText() })] })
    expect(inWords(await scene.ask((await both(text, aJourney({ id: 'welcome' }))).lower))).toBe('hold outranked')
    const email = delayed('cart-recovery', 3 * HOUR, { steps: [aStep({ offsetMs: 3 * HOUR, action: anEmail() })] })
    expect(inWords(await scene.ask((await both(email, aJourney({ id: 'welcome' }))).lower))).toBe('send')
  })
})
