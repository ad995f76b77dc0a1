import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { suppressionsOf } from '../../src/consent/suppression.ts'
import type { Database } from '../../src/core/database.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import type { HandOff } from '../../src/delivery/message-provider.ts'
import { clockAt, deliverDeps, deploy, dueNow, enter, HOUR, KEYS, NOON, type Run, runOf, sendOf } from './fixture.ts'
import { scripted } from './scripted-provider.ts'
import { pgliteStore } from './stores.ts'

const store = pgliteStore()
let database: Database
let run: Run
beforeAll(async () => {
  database = await store.open()
  await deploy(database)
})
beforeEach(async () => {
  run = await enter(database)
})
afterAll(() => database.close())

const rejected = (rejection: Extract<HandOff, { kind: 'rejected' }>['class'], code = '1'): HandOff => ({
  kind: 'rejected',
  class: rejection,
  code,
})

describe('what the carrier answers', () => {
  test('accepted: the send is recorded and the run goes on from that instant', async () => {
    const twilio = scripted('twilio')
    const result = await deliver(deliverDeps(database, { twilio }), dueNow(run, 'code'))
    expect(result).toEqual({ verdict: { kind: 'sent', at: NOON, certain: true }, at: NOON })
    expect(await sendOf(database, dueNow(run, 'code'))).toMatchObject({
      state: 'accepted',
      reason: null,
      provider: 'twilio',
      provider_id: 'id-1',
      handed_off_at: NOON,
    })
    expect(twilio.handedOver).toHaveLength(1)
  })

  test('bad recipient: undeliverable, so that a fallback may follow', async () => {
    const twilio = scripted('twilio', () => rejected('bad_recipient', '21211'))
    const { verdict } = await deliver(deliverDeps(database, { twilio }), dueNow(run, 'code'))
    expect(verdict).toEqual({ kind: 'failed', reason: 'bad_recipient', undeliverable: true })
    expect(await sendOf(database, dueNow(run, 'code'))).toMatchObject({
      state: 'rejected',
      reason: 'bad_recipient:21211',
      handed_off_at: null,
    })
  })

  test.each(['content', 'config'] as const)('%s: failed, and no other channel is tried', async (kind) => {
    const twilio = scripted('twilio', () => rejected(kind))
    const { verdict } = await deliver(deliverDeps(database, { twilio }), dueNow(run, 'code'))
    expect(verdict).toEqual({ kind: 'failed', reason: kind, undeliverable: false })
  })

  test('opt-out: refused, and the address is suppressed for everything that follows', async () => {
    const twilio = scripted('twilio', () => rejected('opt_out', '21610'))
    const deps = deliverDeps(database, { twilio })
    expect((await deliver(deps, dueNow(run, 'code'))).verdict).toEqual({ kind: 'refused', reason: 'suppressed' })
    expect(await suppressionsOf(database, KEYS, 'sms', run.phone)).toEqual(['stop'])
    expect((await deliver(deps, dueNow(run, 'alone'))).verdict).toEqual({ kind: 'refused', reason: 'suppressed' })
    expect(twilio.handedOver).toHaveLength(1)
  })

  test('throttled: held for as long as the carrier asks, decided afresh, then sent', async () => {
    const answers: HandOff[] = [
      { kind: 'rejected', class: 'throttled', code: '20429', retryAfterMs: 60_000 },
      { kind: 'accepted', providerId: 'id-2' },
    ]
    const twilio = scripted('twilio', () => answers.shift() ?? expect.fail('called too often'))
    const clock = clockAt(NOON)
    const deps = deliverDeps(database, { twilio }, { clock })
    const { verdict } = await deliver(deps, dueNow(run, 'code'))
    expect(verdict).toEqual({ kind: 'held', until: NOON + 60_000, reason: 'throttled' })
    expect(await sendOf(database, dueNow(run, 'code'))).toMatchObject({
      state: 'reserved',
      handed_off_at: null,
      attempt_real_at: null,
    })
    expect(
      await database.query(
        `select reason, until_at, facts from decision where verdict = 'hold' and enrollment_id = $1`,
        [run.enrollment],
      ),
    ).toEqual([{ reason: 'throttled', until_at: NOON + 60_000, facts: { carrier: '20429' } }])
    clock.set(NOON + 60_000)
    expect((await deliver(deps, dueNow(run, 'code'))).verdict).toEqual({
      kind: 'sent',
      at: NOON + 60_000,
      certain: true,
    })
    expect(twilio.handedOver).toHaveLength(2)
  })

  test('throttled under an accelerated clock: real seconds become virtual ones', async () => {
    const twilio = scripted('twilio', () => ({
      kind: 'rejected',
      class: 'throttled',
      code: '20429',
      retryAfterMs: 2_000,
    }))
    const deps = deliverDeps(database, { twilio }, { clock: clockAt(NOON, 100) })
    expect((await deliver(deps, dueNow(run, 'code'))).verdict).toMatchObject({ until: NOON + 200_000 })
  })

  test('unknown: counts as sent, is never called again and never brings a fallback', async () => {
    const twilio = scripted('twilio', () => ({ kind: 'unknown', cause: 'timeout' }))
    const deps = deliverDeps(database, { twilio })
    const uncertain = { kind: 'sent', at: NOON, certain: false }
    expect((await deliver(deps, dueNow(run, 'code'))).verdict).toEqual(uncertain)
    expect((await deliver(deps, dueNow(run, 'code'))).verdict).toEqual(uncertain)
    expect(await sendOf(database, dueNow(run, 'code'))).toMatchObject({
      state: 'unknown',
      reason: 'timeout',
      handed_off_at: NOON,
    })
    expect(twilio.handedOver).toHaveLength(1)
  })

  test('a provider that throws may have sent: unknown, and its text is kept nowhere', async () => {
    const twilio = scripted('twilio', () => {
      throw new Error(`could not reach ${run.phone}`)
    })
    const { verdict } = await deliver(deliverDeps(database, { twilio }), dueNow(run, 'code'))
    expect(verdict).toMatchObject({ kind: 'sent', certain: false })
    expect(await sendOf(database, dueNow(run, 'code'))).toMatchObject({ state: 'unknown', reason: 'provider_error' })
  })

  test('a provider that hangs is abandoned at the deadline', async () => {
    const twilio = scripted('twilio', () => new Promise<HandOff>(() => undefined))
    const deps = deliverDeps(database, { twilio }, { callWithinMs: 200 })
    expect((await deliver(deps, dueNow(run, 'code'))).verdict).toMatchObject({ kind: 'sent', certain: false })
    expect(await sendOf(database, dueNow(run, 'code'))).toMatchObject({ state: 'unknown', reason: 'timeout' })
  })
})

describe('what keeps a message back', () => {
  test('a process that slept past its deadline after the claim does not call, and the step is decided again', async () => {
    const twilio = scripted('twilio')
    let real = 1_000
    const asleep: Database = {
      ...database,
      query: async (text, parameters) => {
        const rows = await database.query<never>(text, parameters)
        if (text.includes("'attempting', attempt_real_at")) real += 21_000
        return rows
      },
    }
    const time = { monotonicMs: () => 0, realNow: () => real }
    const { verdict } = await deliver(deliverDeps(asleep, { twilio }, { time }), dueNow(run, 'code'))
    expect(verdict).toMatchObject({ kind: 'held', reason: 'throttled' })
    expect(twilio.handedOver).toEqual([])
    expect((await deliver(deliverDeps(database, { twilio }), dueNow(run, 'code'))).verdict).toMatchObject({
      kind: 'sent',
    })
  })

  test('a send window that closes between gate and call: the call is not made, and the message waits for the next one', async () => {
    const twilio = scripted('twilio')
    const clock = clockAt(NOON)
    const deps = deliverDeps(database, { twilio }, { clock })
    const slow = {
      ...deps,
      render: async (...given: Parameters<typeof deps.render>) => {
        clock.set(NOON + 9 * HOUR)
        return deps.render(...given)
      },
    }
    const first = await deliver(slow, dueNow(run, 'code'))
    expect(first.verdict).toMatchObject({ kind: 'held', reason: 'throttled' })
    const second = await deliver(deps, dueNow(run, 'code'))
    expect(second.verdict).toMatchObject({ kind: 'held', reason: 'quiet_hours' })
    expect(twilio.handedOver).toEqual([])
  })

  test('a STOP that is committed between gate and claim is seen', async () => {
    const twilio = scripted('twilio')
    const deps = deliverDeps(database, { twilio })
    const late = {
      ...deps,
      render: async (...given: Parameters<typeof deps.render>) => {
        await database.query(
          `insert into suppression (address_hash, key_version, channel, reason, source, at)
           select address_hash, 1, 'sms', 'stop', 'twilio', $1 from send where enrollment_id = $2 on conflict do nothing`,
          [NOON, run.enrollment],
        )
        return deps.render(...given)
      },
    }
    expect((await deliver(late, dueNow(run, 'code'))).verdict).toEqual({ kind: 'refused', reason: 'suppressed' })
    expect(twilio.handedOver).toEqual([])
  })

  test('a goal that is committed between gate and claim is seen', async () => {
    const twilio = scripted('twilio')
    const deps = deliverDeps(database, { twilio })
    const late = {
      ...deps,
      render: async (...given: Parameters<typeof deps.render>) => {
        await database.query(`update enrollment set state = 'ended', outcome = 'goal', ended_at = $1 where id = $2`, [
          NOON,
          run.enrollment,
        ])
        return deps.render(...given)
      },
    }
    expect((await deliver(late, dueNow(run, 'code'))).verdict).toEqual({ kind: 'ended', outcome: 'goal' })
    expect(twilio.handedOver).toEqual([])
  })

  test('no number: undeliverable, so that a fallback may follow', async () => {
    const nobody = await enter(database, { withoutPhone: true })
    const { verdict } = await deliver(deliverDeps(database, {}), dueNow(nobody, 'code'))
    expect(verdict).toEqual({ kind: 'failed', reason: 'no_address', undeliverable: true })
  })

  test('held out: a ghost, anchored now and never handed over', async () => {
    const twilio = scripted('twilio')
    const ghost = await enter(database, { heldOut: true })
    const deps = deliverDeps(database, { twilio })
    expect((await deliver(deps, dueNow(ghost, 'code'))).verdict).toEqual({ kind: 'held_out', at: NOON })
    expect((await deliver(deps, dueNow(ghost, 'code'))).verdict).toEqual({ kind: 'held_out', at: NOON })
    expect(twilio.handedOver).toEqual([])
  })

  test('a message that cannot be written is refused, with the reason in its decision', async () => {
    const twilio = scripted('twilio')
    const deps = deliverDeps(
      database,
      { twilio },
      { render: async () => ({ kind: 'unrenderable', detail: 'missing trigger.total' }) },
    )
    expect((await deliver(deps, dueNow(run, 'code'))).verdict).toEqual({ kind: 'refused', reason: 'content' })
    expect((await deliver(deps, dueNow(run, 'code'))).verdict).toEqual({ kind: 'refused', reason: 'content' })
    expect(
      await database.query(`select facts from decision where verdict = 'refuse' and enrollment_id = $1`, [
        run.enrollment,
      ]),
    ).toEqual([{ facts: { content: 'missing trigger.total' } }])
    expect(twilio.handedOver).toEqual([])
  })

  test('a provider that is not configured stops nobody for good: it throws, and the step is decided again', async () => {
    await expect(deliver(deliverDeps(database, {}), dueNow(run, 'code'))).rejects.toThrow('twilio is not configured')
    const twilio = scripted('twilio')
    expect((await deliver(deliverDeps(database, { twilio }), dueNow(run, 'code'))).verdict.kind).toBe('sent')
  })
})

describe('feedback that overtakes the answer', () => {
  const overtaking = (state: string, answer: HandOff) =>
    scripted('twilio', async (key) => {
      await database.query('update send set state = $2 where id = $1', [key, state])
      return answer
    })

  test('is not lowered by it', async () => {
    const twilio = overtaking('delivered', { kind: 'accepted', providerId: 'id-1' })
    expect((await deliver(deliverDeps(database, { twilio }), dueNow(run, 'code'))).verdict).toMatchObject({
      certain: true,
    })
    expect(await sendOf(database, dueNow(run, 'code'))).toMatchObject({ state: 'delivered', provider_id: 'id-1' })
  })

  test('makes an unknown outcome certain', async () => {
    const twilio = overtaking('accepted', { kind: 'unknown', cause: 'timeout' })
    expect((await deliver(deliverDeps(database, { twilio }), dueNow(run, 'code'))).verdict).toMatchObject({
      certain: true,
    })
  })

  test('brings the fallback at once when it is bad news', async () => {
    const twilio = overtaking('undelivered', { kind: 'accepted', providerId: 'id-1' })
    const deps = deliverDeps(database, { twilio })
    expect((await deliver(deps, dueNow(run, 'code'))).verdict).toMatchObject({ kind: 'failed', undeliverable: true })
    expect((await deliver(deps, dueNow(run, 'alone'))).verdict).toMatchObject({ kind: 'sent', certain: true })
  })
})

describe('the end of the run', () => {
  const endings: readonly (readonly [string, string, HandOff, object])[] = [
    [
      'alone',
      'sent',
      { kind: 'accepted', providerId: 'id-1' },
      { state: 'ended', outcome: 'completed', ended_at: NOON },
    ],
    ['alone', 'unknown', { kind: 'unknown', cause: 'timeout' }, { state: 'ended' }],
    ['alone', 'rejected', rejected('config'), { state: 'ended' }],
    ['alone', 'undeliverable', rejected('bad_recipient'), { state: 'ended' }],
    ['alone', 'opted out', rejected('opt_out'), { state: 'ended' }],
    ['alone', 'throttled', rejected('throttled'), { state: 'active', ends_at: null }],
    [
      'code',
      'sent with a fallback behind it',
      { kind: 'accepted', providerId: 'id-1' },
      { state: 'active', ends_at: NOON + 4 * HOUR },
    ],
    ['code', 'unknown with a fallback behind it', { kind: 'unknown', cause: 'timeout' }, { state: 'ended' }],
    ['code', 'undeliverable with a fallback behind it', rejected('bad_recipient'), { state: 'active', ends_at: null }],
    ['code', 'rejected with a fallback behind it', rejected('config'), { state: 'ended' }],
  ]
  test.each(endings)('the last step %s %s', async (step, _what, answer, expected) => {
    const twilio = scripted('twilio', () => answer)
    await deliver(deliverDeps(database, { twilio }), dueNow(run, step, { rest: 'nothing' }))
    expect(await runOf(database, run)).toMatchObject(expected)
  })

  test('waits for the receipts of other steps', async () => {
    const twilio = scripted('twilio')
    await deliver(deliverDeps(database, { twilio }), dueNow(run, 'alone', { rest: 'nothing', openUntil: NOON + HOUR }))
    expect(await runOf(database, run)).toMatchObject({ state: 'active', ends_at: NOON + HOUR })
  })

  test('comes with a step that is not sent when all others count from its hand-off, and not when it is sent', async () => {
    const nobody = await enter(database, { withoutPhone: true })
    await deliver(deliverDeps(database, {}), dueNow(nobody, 'alone', { rest: 'dependents' }))
    expect(await runOf(database, nobody)).toMatchObject({ state: 'ended', outcome: 'completed' })
    await deliver(deliverDeps(database, { twilio: scripted('twilio') }), dueNow(run, 'alone', { rest: 'dependents' }))
    expect(await runOf(database, run)).toMatchObject({ state: 'active', ends_at: null })
  })

  test('does not come with a step that is not the last', async () => {
    const twilio = scripted('twilio')
    await deliver(deliverDeps(database, { twilio }), dueNow(run, 'alone'))
    expect(await runOf(database, run)).toMatchObject({ state: 'active', ends_at: null })
  })

  test('comes with a last step that is refused or a ghost, too', async () => {
    const ghost = await enter(database, { heldOut: true })
    await deliver(deliverDeps(database, {}), dueNow(ghost, 'alone', { rest: 'nothing' }))
    expect(await runOf(database, ghost)).toMatchObject({ state: 'ended', outcome: 'completed' })
    const nobody = await enter(database, { withoutPhone: true })
    await deliver(deliverDeps(database, {}), dueNow(nobody, 'alone', { rest: 'nothing' }))
    expect(await runOf(database, nobody)).toMatchObject({ state: 'ended', outcome: 'completed' })
  })
})

test('a text whose number is busy waits for its turn, and the store says until when', async () => {
  await database.query('insert into sender_pace (number, free_at, day, segments) values ($1, $2, 0, 0)', [
    '+12025550100',
    NOON + HOUR,
  ])
  const twilio = scripted('twilio')
  const { verdict } = await deliver(deliverDeps(database, { twilio }), dueNow(run, 'alone'))
  expect(verdict).toEqual({ kind: 'held', until: NOON + HOUR, reason: 'throttled' })
  expect(twilio.handedOver).toEqual([])
  const decided = await database.query(
    'select verdict, reason, until_at, facts from decision where enrollment_id = $1 order by id desc limit 1',
    [run.enrollment],
  )
  expect(decided).toEqual([
    { verdict: 'hold', reason: 'throttled', until_at: NOON + HOUR, facts: { turn_at: NOON + HOUR } },
  ])
})

test('a text that its carrier sent back needs another turn: those of an outage do not all come again at once', async () => {
  const clock = clockAt(NOON)
  const twilio = scripted('twilio', () => rejected('throttled', '20429'))
  const deps = deliverDeps(database, { twilio }, { clock })
  expect((await deliver(deps, dueNow(run, 'alone'))).verdict).toMatchObject({ kind: 'held', reason: 'throttled' })
  await database.query('update sender_pace set free_at = $1', [NOON + HOUR])
  clock.set(NOON + 60_000)
  expect((await deliver(deps, dueNow(run, 'alone'))).verdict).toEqual({
    kind: 'held',
    until: NOON + HOUR,
    reason: 'throttled',
  })
  expect(twilio.handedOver).toHaveLength(1)
})
