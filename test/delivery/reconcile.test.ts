import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import type { DeliverInput } from '../../src/core/delivery.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import type { MessageProvider, Reconciliation, ReconcileRequest } from '../../src/delivery/message-provider.ts'
import { reconcile, type ReconcileDeps } from '../../src/delivery/reconcile.ts'
import { deliverDeps, deploy, dueNow, enter, HOUR, NOON, type Run, runOf, sendOf } from './fixture.ts'
import { scripted } from './scripted-provider.ts'
import { pgliteStore } from './stores.ts'

let database: Database
let run: Run
beforeAll(async () => {
  database = await pgliteStore().open()
  await deploy(database)
})
beforeEach(async () => {
  await database.query(`update send set state = 'delivered', reason = null`)
  run = await enter(database)
})
afterAll(() => database.close())

const REAL = 1_800_000_000_000
const MINUTE = 60_000
/** A send whose call had no answer, made at the real instant REAL. */
async function unanswered(step = 'code', who = run): Promise<DeliverInput> {
  const input = dueNow(who, step)
  const silent = scripted(step === 'mail' ? 'sendgrid' : 'twilio', () => ({ kind: 'unknown', cause: 'timeout' }))
  await deliver(deliverDeps(database, { [silent.name]: silent }, { time: at(0) }), input)
  return input
}
const at = (afterMs: number) => ({ monotonicMs: () => 0, realNow: () => REAL + afterMs })

interface Asked extends MessageProvider {
  readonly questions: ReconcileRequest[]
}
function answering(answer: Reconciliation | (() => never), name: 'twilio' | 'sendgrid' = 'twilio'): Asked {
  const questions: ReconcileRequest[] = []
  return {
    ...scripted(name),
    questions,
    reconcile: async (question) => {
      questions.push(question)
      return typeof answer === 'function' ? answer() : answer
    },
  }
}
const look = (provider: MessageProvider, afterMs: number, more: Partial<ReconcileDeps> = {}, now = NOON + HOUR) =>
  reconcile({ ...deliverDeps(database, { [provider.name]: provider }), time: at(afterMs), ...more }, now)

describe('reconciling', () => {
  test('settles a send that the carrier has, and asks for it by key, addresses and text', async () => {
    const input = await unanswered()
    const twilio = answering({ kind: 'found', providerId: 'SM9', status: 'delivered' })
    expect(await look(twilio, MINUTE)).toMatchObject({ settled: 1, remaining: 0 })
    expect(await sendOf(database, input)).toMatchObject({ state: 'delivered', provider_id: 'SM9', reason: null })
    expect(twilio.questions).toMatchObject([{ to: run.phone, from: '+12025550100', notBefore: NOON, taken: [] }])
  })

  test('a carrier that is down keeps nobody from being looked up at the other one, however many wait for it', async () => {
    for (let waiting = 0; waiting < 51; waiting++) await unanswered('alone', await enter(database))
    const mail = await unanswered('mail')
    const providers = {
      twilio: answering({ kind: 'unavailable', cause: 'http_503' }),
      sendgrid: answering({ kind: 'found', providerId: 'mail-1', status: 'delivered' }, 'sendgrid'),
    }
    await reconcile({ ...deliverDeps(database, providers), time: at(MINUTE) }, NOON + HOUR)
    expect(await sendOf(database, mail)).toMatchObject({ state: 'delivered', provider_id: 'mail-1' })
    expect(providers.twilio.questions).toHaveLength(1)
  })

  test('never takes the message of another send for this one', async () => {
    const other = await enter(database, { same: run })
    const twilio = scripted('twilio', () => ({ kind: 'accepted', providerId: 'SM-other' }))
    await deliver(deliverDeps(database, { twilio }), dueNow(other, 'alone'))
    await unanswered()
    const asked = answering({ kind: 'absent' })
    await look(asked, MINUTE)
    expect(asked.questions).toMatchObject([{ taken: ['SM-other'] }])
  })

  test('believes an absence only after a delay, and even then sends nothing and stays visible', async () => {
    const input = await unanswered()
    const twilio = answering({ kind: 'absent' })
    expect(await look(twilio, MINUTE)).toMatchObject({ settled: 0, remaining: 1 })
    expect(await sendOf(database, input)).toMatchObject({ state: 'unknown', reason: 'timeout' })
    expect(await look(twilio, 11 * MINUTE)).toMatchObject({ settled: 0, remaining: 1 })
    expect(await sendOf(database, input)).toMatchObject({ state: 'unknown', reason: 'absent' })
  })

  test('finds what was thought to be absent', async () => {
    const input = await unanswered()
    await look(answering({ kind: 'absent' }), 11 * MINUTE)
    await look(answering({ kind: 'found', providerId: 'SM10', status: 'accepted' }), 12 * MINUTE)
    expect(await sendOf(database, input)).toMatchObject({ state: 'accepted', reason: null })
  })

  test('bad news of a send that was unknown brings no fallback', async () => {
    const input = await unanswered()
    await look(answering({ kind: 'found', providerId: 'SM11', status: 'undelivered' }), MINUTE)
    expect(await sendOf(database, input)).toMatchObject({ state: 'undelivered' })
    expect(await database.query('select 1 from outbox where enrollment_id = $1', [run.enrollment])).toEqual([])
  })

  test('asks a carrier that does not answer once and not for every send', async () => {
    await unanswered()
    await unanswered('alone')
    for (const answer of [
      { kind: 'unavailable', cause: 'http_503' } as const,
      () => expect.fail(`no route to ${run.phone}`),
    ]) {
      const twilio = answering(answer)
      expect(await look(twilio, MINUTE)).toMatchObject({ settled: 0, remaining: 2 })
      expect(twilio.questions).toHaveLength(1)
    }
  })

  test('makes an attempt of a dead worker unknown, and leaves one that may still live alone', async () => {
    const input = await unanswered()
    await database.query(`update send set state = 'attempting', reason = null where enrollment_id = $1`, [
      run.enrollment,
    ])
    const twilio = answering({ kind: 'absent' })
    await look(twilio, MINUTE / 2)
    expect(await sendOf(database, input)).toMatchObject({ state: 'attempting' })
    await look(twilio, 2 * MINUTE)
    expect(await sendOf(database, input)).toMatchObject({ state: 'unknown', reason: 'interrupted' })
  })

  test('asks nothing about somebody who was erased or has another number now', async () => {
    const input = await unanswered()
    await database.query(`update contact set phone = '+14155550198' where id = $1`, [run.contact])
    const twilio = answering({ kind: 'found', providerId: 'SM12', status: 'delivered' })
    await look(twilio, 11 * MINUTE)
    expect(twilio.questions).toEqual([])
    expect(await sendOf(database, input)).toMatchObject({ state: 'unknown', reason: 'absent' })
  })

  test('asks no more about what the carrier cannot tell, nor after three days', async () => {
    const input = await unanswered()
    const twilio = answering({ kind: 'absent' })
    await look(twilio, 73 * HOUR)
    await database.query(`update send set reason = 'unconfirmed' where enrollment_id = $1`, [input.enrollment])
    await look(twilio, MINUTE)
    expect(twilio.questions).toEqual([])
  })

  test('closes the runs whose last receipt is overdue, and no others', async () => {
    const open = await enter(database)
    await database.query('update enrollment set ends_at = $2 where id = $1', [run.enrollment, NOON + HOUR])
    await database.query('update enrollment set ends_at = $2 where id = $1', [open.enrollment, NOON + HOUR + 1])
    expect(await look(answering({ kind: 'absent' }), 0)).toMatchObject({ closed: 1 })
    expect(await runOf(database, run)).toMatchObject({ state: 'ended', outcome: 'completed', ended_at: NOON + HOUR })
    expect(await runOf(database, open)).toMatchObject({ state: 'active' })
  })
})
