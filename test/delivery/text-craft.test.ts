import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { contentHash } from '../../src/core/canonical-json.ts'
import type { Content } from '../../src/core/content.ts'
import type { Database } from '../../src/core/database.ts'
import type { CompiledWorkspace } from '../../src/core/workspace.ts'
import { deliver, type DeliverDeps } from '../../src/delivery/deliver.ts'
import type { ReconcileRequest } from '../../src/delivery/message-provider.ts'
import { reconcile } from '../../src/delivery/reconcile.ts'
import { render } from '../../src/delivery/rendering/render.ts'
import { deliverServiceMessage } from '../../src/delivery/service-message/hand-over.ts'
import { clockAt, deliverDeps, deploy, dueNow, enter, HOUR, keyOf, NOON, type Run } from './fixture.ts'
import { scripted } from './scripted-provider.ts'
import { serviceDeps, write } from './service-message/fixture.ts'
import { pgliteStore, postgresStore } from './stores.ts'

const DAY = 24 * HOUR
const TEXT: Content = { kind: 'sms', body: 'Your mug is waiting', reads: [] }
const CONTEXT = {
  links: (url: string) => url,
  unsubscribeUrl: 'https://segue.example.com/u/1',
  preferencesUrl: 'https://segue.example.com/p/1',
  statusCallback: 'https://segue.example.com/webhooks/twilio/status/1',
  zone: 'America/New_York',
}

describe.each([pgliteStore(), postgresStore()])('texts on $name', (store) => {
  let database: Database
  let plain: CompiledWorkspace
  let run: Run

  beforeAll(async () => {
    await store.start()
    database = await store.open()
    await deploy(database)
    const [row] = await database.query<{ compiled: CompiledWorkspace }>('select compiled from workspace')
    if (row === undefined) throw new Error('nothing is deployed')
    plain = row.compiled
  })
  beforeEach(async () => {
    run = await enter(database)
  })
  afterAll(async () => {
    await database.close()
    await store.stop()
  })

  const live = async (change: (workspace: CompiledWorkspace) => CompiledWorkspace) => {
    const compiled = change(plain)
    await database.query('update workspace set compiled = $1, hash = $2', [
      JSON.stringify(compiled),
      contentHash(compiled),
    ])
  }
  const withWording = (optOutEveryMs?: number) =>
    live((workspace) => {
      const policy = workspace.policies['us-retail']
      if (policy === undefined) throw new Error('the fixture has no policy')
      const changed = optOutEveryMs === undefined ? policy : { ...policy, optOutEveryMs }
      return { ...workspace, policies: { 'us-retail': changed } }
    })
  const withNumbers = () =>
    live((workspace) => ({
      ...workspace,
      senders: {
        // The first by name is another policy's: it must never be taken for ours.
        another: { channel: 'sms', provider: 'twilio', number: '+12025550198' },
        ...workspace.senders,
        'shop-sms': {
          channel: 'sms',
          provider: 'twilio',
          number: '+12025550100',
          segmentsPerSecond: 10_000,
          numbers: { CA: '+16475550100' },
        },
      },
    }))
  const sending = (at: number, more: Partial<DeliverDeps> = {}) => {
    const twilio = scripted('twilio')
    const deps = deliverDeps(
      database,
      { twilio },
      {
        clock: clockAt(at),
        content: async () => TEXT,
        render: async (content, reservation) => {
          const rendered = render(content, reservation, { ...CONTEXT, now: at })
          if (rendered.kind !== 'rendered') throw new Error(rendered.reason)
          return { ...rendered, links: [] }
        },
        ...more,
      },
    )
    return { twilio, deps }
  }
  const text = async (who: Run, step: string, at: number): Promise<string> => {
    const { twilio, deps } = sending(at)
    await deliver(deps, dueNow(who, step, { dueAt: at }))
    const message = twilio.handedOver[0]?.message
    return message?.channel === 'sms' ? message.body : 'nothing'
  }
  const sendRow = async (who: Run, step: string) => {
    const [row] = await database.query<{ segments: number; opt_out_wording: boolean; facts: Record<string, unknown> }>(
      `select s.segments, s.opt_out_wording, d.facts from send s
         join decision d on d.enrollment_id = s.enrollment_id and d.step = s.step
        where s.id = $1 order by d.id desc limit 1`,
      [keyOf(dueNow(who, step))],
    )
    return row
  }

  test('every text says how to opt out unless the policy says otherwise, and the send remembers it', async () => {
    await withWording()
    expect(await text(run, 'code', NOON)).toBe('Your mug is waiting. Reply STOP to opt out')
    expect(await text(run, 'alone', NOON + HOUR)).toBe('Your mug is waiting. Reply STOP to opt out')
    const row = await sendRow(run, 'alone')
    expect(row).toMatchObject({ segments: 1, opt_out_wording: true })
    expect(row?.facts).not.toHaveProperty('opt_out_said_at')
  })

  test('the first text says how to opt out, and then each time when the last that did is older than the policy says', async () => {
    await withWording(30 * DAY)
    expect(await text(run, 'code', NOON)).toMatch(/STOP/)
    expect(await text(run, 'alone', NOON + HOUR)).toBe('Your mug is waiting')
    expect(await sendRow(run, 'alone')).toMatchObject({ opt_out_wording: false, facts: { opt_out_said_at: NOON } })

    // The same number under another contact: it is the person who was told.
    const other = await enter(database, { same: run })
    expect(await text(other, 'code', NOON + 2 * HOUR)).toBe('Your mug is waiting')
    expect(await text(other, 'alone', NOON + 30 * DAY + HOUR)).toMatch(/STOP/)
  })

  test('a text that certainly did not arrive has told nobody, one that perhaps did has', async () => {
    await withWording(30 * DAY)
    await text(run, 'code', NOON)
    const became = (state: string) =>
      database.query('update send set state = $2 where id = $1', [keyOf(dueNow(run, 'code')), state])
    await became('unknown')
    expect(await text(run, 'alone', NOON + HOUR)).toBe('Your mug is waiting')
    await became('undelivered')
    const again = await enter(database, { same: run })
    expect(await text(again, 'alone', NOON + 2 * HOUR)).toMatch(/STOP/)
  })

  test("a text leaves from the number of the recipient's country, and the carrier is asked about that number", async () => {
    await withNumbers()
    const phone = '+14165550123'
    await database.query('update contact set phone = $2 where id = $1', [run.contact, phone])
    const silent = scripted('twilio', () => ({ kind: 'unknown', cause: 'timeout' }))
    await deliver(sending(NOON, { providers: () => silent }).deps, dueNow(run, 'alone'))
    expect(silent.handedOver[0]?.message).toMatchObject({ to: phone, from: '+16475550100' })

    const asked: ReconcileRequest[] = []
    const twilio = {
      ...silent,
      reconcile: async (question: ReconcileRequest) => {
        asked.push(question)
        return { kind: 'found', providerId: 'SM1', status: 'delivered' } as const
      },
    }
    await reconcile({ ...deliverDeps(database, { twilio }) }, NOON + HOUR)
    expect(asked.find(({ sendKey }) => sendKey === keyOf(dueNow(run, 'alone')))).toMatchObject({
      to: phone,
      from: '+16475550100',
    })
  })

  test('an answer leaves from the same number as the texts do', async () => {
    await withNumbers()
    const twilio = scripted('twilio')
    const id = await write(database, { contact: run.contact, phone: '+14165550124' })
    await deliverServiceMessage(serviceDeps(database, { twilio }), id)
    expect(twilio.handedOver[0]?.message).toMatchObject({ from: '+16475550100' })
  })
})
