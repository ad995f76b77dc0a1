import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import type { DeliverInput } from '../../src/core/delivery.ts'
import { deliver, type DeliverDeps } from '../../src/delivery/deliver.ts'
import type { MessageProvider } from '../../src/delivery/message-provider.ts'
import { reconcile } from '../../src/delivery/reconcile.ts'
import type { Sandbox } from '../../src/providers/sandbox/sandbox.ts'
import { createSendgrid } from '../../src/providers/sendgrid/sendgrid.ts'
import { createTwilio } from '../../src/providers/twilio/twilio.ts'
import { ACCOUNT_SID, API_KEY, AUTH_TOKEN, inject, startSandbox } from '../providers/sandbox-server.ts'
import { type FailingDatabase, type Failure, failingAt } from './failing-database.ts'
import { deliverDeps, deploy, dueNow, enter, KEYS, keyOf, NOON, type Run, runOf, sendOf } from './fixture.ts'
import { pgliteStore, postgresStore } from './stores.ts'

let sandbox: Sandbox
let providers: Record<'twilio' | 'sendgrid', MessageProvider>
beforeAll(async () => {
  sandbox = await startSandbox()
  providers = {
    twilio: createTwilio({ accountSid: ACCOUNT_SID, authTokens: [AUTH_TOKEN], apiBaseUrl: sandbox.url }),
    sendgrid: createSendgrid({ apiKey: API_KEY, webhookPublicKeys: [], apiBaseUrl: sandbox.url }),
  }
})
afterAll(() => sandbox.close())
beforeEach(() => inject(sandbox, []))

const handOffs = (input: DeliverInput): number => sandbox.log().filter(({ sendKey }) => sendKey === keyOf(input)).length

for (const store of [pgliteStore(), postgresStore()]) {
  describe(`at most one hand-off on ${store.name}`, () => {
    let database: Database
    beforeAll(async () => {
      await store.start()
      database = await store.open()
      await deploy(database)
    })
    afterAll(async () => {
      await database.close()
      await store.stop()
    })
    const deps = (over: Database = database): DeliverDeps => deliverDeps(over, providers)

    /** The step with a failure at the n-th statement, and then again as the engine would, until it is answered. */
    async function crashing(run: Run, step: string, n: number, failure: Failure) {
      const input = dueNow(run, step, { rest: 'nothing' })
      const broken: FailingDatabase = failingAt(database, n, failure)
      const first = await deliver(deps(broken), input).catch(() => undefined)
      const result = first ?? (await deliver(deps(), input))
      return { input, result, failed: broken.failed() }
    }

    test.each([
      ['alone', 'before'],
      ['alone', 'after'],
      ['mail', 'before'],
      ['mail', 'after'],
    ] as const)(
      'whichever statement of "%s" fails %s it runs, the message is handed over once at most',
      async (step, failure) => {
        let points = 0
        for (let n = 1; ; n++) {
          const run = await enter(database)
          const { input, result, failed } = await crashing(run, step, n, failure)
          const send = await sendOf(database, input)
          expect(handOffs(input), `statement ${n}`).toBeLessThanOrEqual(1)
          expect(result.verdict, `statement ${n}`).toMatchObject({ kind: 'sent' })
          expect(['accepted', 'unknown'], `statement ${n}`).toContain(send?.state)
          // What is told as certain has certainly been handed over.
          if (send?.state === 'accepted') expect(handOffs(input), `statement ${n}`).toBe(1)
          expect(result.verdict, `statement ${n}`).toMatchObject({ certain: send?.state === 'accepted' })
          expect(await runOf(database, run), `statement ${n}`).toMatchObject({ state: 'ended', outcome: 'completed' })
          if (!failed) break
          points = n
        }
        expect(points).toBeGreaterThanOrEqual(6)
      },
    )

    test('an opt-out whose record fails is told again as unknown, and nobody is called twice', async () => {
      for (let n = 1; ; n++) {
        await inject(sandbox, [{ status: 400, code: 21610 }])
        const run = await enter(database)
        const { input, result, failed } = await crashing(run, 'alone', n, 'before')
        expect(handOffs(input)).toBe(0)
        expect(['refused', 'sent']).toContain(result.verdict.kind)
        if (!failed) break
      }
    })

    test('a throttled call whose release fails is unknown, not lost and not repeated', async () => {
      for (let n = 1; ; n++) {
        await inject(sandbox, [{ status: 429, retryAfter: 1, next: 1 }])
        const run = await enter(database)
        const { input, result, failed } = await crashing(run, 'alone', n, 'before')
        expect(handOffs(input)).toBeLessThanOrEqual(1)
        expect(['held', 'sent']).toContain(result.verdict.kind)
        if (!failed) break
      }
    })

    test('twenty deliveries of one step at once hand it over once, and its outcome is known', async () => {
      for (const step of ['code', 'mail']) {
        const run = await enter(database)
        const input = dueNow(run, step)
        const results = await Promise.all(Array.from({ length: 20 }, () => deliver(deps(), input)))
        expect(handOffs(input)).toBe(1)
        expect(await sendOf(database, input)).toMatchObject({ state: 'accepted' })
        expect(results.map(({ verdict }) => verdict.kind)).toEqual(Array.from({ length: 20 }, () => 'sent'))
        expect(results.some(({ verdict }) => verdict.kind === 'sent' && verdict.certain)).toBe(true)
      }
    })

    test('a worker that dies during the call leaves an unknown outcome, which reconciling finds at the carrier', async () => {
      const run = await enter(database)
      const input = dueNow(run, 'code')
      await inject(sandbox, [{ dropConnection: 'after', next: 1 }])
      expect((await deliver(deps(), input)).verdict).toMatchObject({ kind: 'sent', certain: false })
      expect(await sendOf(database, input)).toMatchObject({ state: 'unknown' })
      await reconcile({ ...deps(), keys: KEYS }, NOON)
      const handOff = sandbox.log().find(({ sendKey }) => sendKey === keyOf(input))
      const settled = await sendOf(database, input)
      expect(['accepted', 'delivered']).toContain(settled?.state)
      expect(settled?.provider_id).toBe(handOff?.id)
      expect(handOffs(input)).toBe(1)
    })
  })
}
