import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { setSwitch } from '../../src/administration/kill-switch.ts'
import { createProviders } from '../../src/compose.ts'
import { suppress, suppressionsOf } from '../../src/consent/suppression.ts'
import type { Database } from '../../src/core/database.ts'
import { findMessage } from '../../src/preview/find-message.ts'
import { peopleFor } from '../../src/preview/fixtures.ts'
import type { MessageProvider } from '../../src/delivery/message-provider.ts'
import { sendTest, type TestSendDeps, type TestSendResult } from '../../src/preview/test-send.ts'
import { pgliteStore, postgresStore } from '../delivery/stores.ts'
import { accountSid, authToken, startStage, type Stage } from '../providers/sandbox/stage.ts'
import { NOON, openWorkspace, previewOf, type EditableWorkspace } from './workspace.ts'

const KEYS = { current: 1, keys: { 1: 'an-address-key-for-tests' } }
const TEST_CONTACTS = { qa: { email: 'SEGUE_TEST_QA_EMAIL', phone: 'SEGUE_TEST_QA_PHONE' } }
const ENV = { SEGUE_TEST_QA_EMAIL: 'QA@example.com', SEGUE_TEST_QA_PHONE: '(202) 555-0188' }

let workspace: EditableWorkspace
let stage: Stage
let providers: ReadonlyMap<string, MessageProvider>

beforeAll(async () => {
  workspace = await openWorkspace()
  stage = await startStage()
  const { url } = stage.sandbox
  providers = createProviders({
    twilio: { accountSid, authTokens: [authToken], apiBaseUrl: url },
    sendgrid: { apiKey: 'SG.key-of-the-tests', webhookPublicKeys: [], apiBaseUrl: url },
  })
})
afterAll(async () => {
  await stage.close()
  await workspace.close()
})
let logged = 0
beforeEach(() => {
  logged = stage.sandbox.log().length
})

let keys = 0
const deps = (more: Partial<TestSendDeps> = {}): TestSendDeps => ({
  providers: (name) => providers.get(name),
  env: ENV,
  sandbox: false,
  publicUrl: stage.receiver.url,
  actor: 'operator ada',
  time: { monotonicMs: () => 0, realNow: () => NOON },
  newKey: () => `test-${++keys}`,
  ...more,
})

interface Wanted {
  readonly message?: string
  readonly to?: string
  readonly arm?: string
}

/** As the button does it. */
async function send({ message = 'welcome/hello', to = 'qa', arm }: Wanted, own = deps()): Promise<TestSendResult> {
  const snapshot = workspace.live.current()
  const [journey = '', step = '', branch = 'action'] = message.split('/')
  const found = findMessage(snapshot, { journey, step, branch })
  if (found === undefined) throw new Error(`there is no message ${message}`)
  const [person] = peopleFor(found.shown, snapshot, NOON)
  return sendTest(own, { ...found, subjectArm: arm ?? found.body.subjects[0], person, to, testContacts: TEST_CONTACTS })
}

/** What the carriers took since the test began. */
const handedOver = () => stage.sandbox.log().slice(logged)

describe('a test send through the real SDKs', () => {
  it('reaches the named contact as an email that says it is a test, with direct links', async () => {
    expect(await send({ message: 'cart-recovery/first-email', arm: 'question' })).toMatchObject({
      kind: 'accepted',
      provider: 'sendgrid',
    })
    const [email] = handedOver()
    expect(email).toMatchObject({ to: 'qa@example.com', subject: '[Test] Still thinking it over?' })
    expect(email?.body).toContain('https://shop.example.com/basket/A-1042?utm_source=segue&utm_medium=journey')
  })

  it('reaches the named contact as a text that says it is a test', async () => {
    expect(await send({ message: 'welcome/hello-text' })).toMatchObject({ kind: 'accepted', provider: 'twilio' })
    const [text] = handedOver()
    expect(text?.to).toBe('+12025550188')
    expect(text?.body).toMatch(/^\[Test\] Welcome to Fernway Goods, Theo!/)
  })

  it.each([
    ['nobody of that name', { to: 'boss' }, {}, /no test contact "boss".*there are qa/],
    ['a variable that is not set', {}, { env: {} }, /SEGUE_TEST_QA_EMAIL is not set/],
    [
      'a variable that holds no address',
      {},
      { env: { SEGUE_TEST_QA_EMAIL: 'nope' } },
      /SEGUE_TEST_QA_EMAIL holds no email/,
    ],
    ['a provider that is not configured', {}, { providers: () => undefined }, /sendgrid is not configured/],
    ['the sandbox’s own contact where there is no sandbox', { to: 'sandbox' }, {}, /no test contact "sandbox"/],
  ])('with %s goes nowhere', async (_what, wanted: Wanted, more: Partial<TestSendDeps>, reason) => {
    const result = await send(wanted, deps(more))
    expect(result).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) as string })
    expect(handedOver()).toEqual([])
  })

  it('in a sandbox goes to the fixture’s own address where no variable is set', async () => {
    expect(await send({ to: 'sandbox' }, deps({ sandbox: true, env: {} }))).toMatchObject({ kind: 'accepted' })
    expect(handedOver()[0]?.to).toBe('theo@example.com')
  })
})

describe.each([pgliteStore(), postgresStore()])('a test send with $name', (store) => {
  let database: Database
  beforeAll(() => store.start())
  afterAll(() => store.stop())
  beforeEach(async () => {
    database = await store.open()
    return () => database.close()
  })
  const withStore = () => deps({ store: { database, keys: KEYS } })
  const count = async (table: string) =>
    (await database.query<{ count: number }>(`select count(*) as count from ${table}`))[0]?.count

  it('is on the audit trail without an address, and counts nowhere', async () => {
    await send({}, withStore())
    const acts = await database.query('select actor, act, subject, detail, at from audit')
    expect(acts).toEqual([
      {
        actor: 'operator ada',
        act: 'preview.send',
        subject: 'welcome/hello',
        detail: { to: 'qa', channel: 'email', provider: 'sendgrid', branch: 'action' },
        at: NOON,
      },
    ])
    for (const table of ['send', 'enrollment', 'decision', 'contact'])
      expect([table, await count(table)]).toEqual([table, 0])
  })

  it('is refused when the address is suppressed, and leaves no act', async () => {
    const block = {
      keys: KEYS,
      channel: 'email',
      address: 'qa@example.com',
      reason: 'unsubscribe',
      source: 'link',
    } as const
    await database.transaction((statements) => suppress(statements, { ...block, at: NOON }))
    expect(await send({}, withStore())).toEqual({
      kind: 'refused',
      reason: 'the address is suppressed: unsubscribe',
    })
    expect(handedOver()).toEqual([])
    expect(await count('audit')).toBe(0)
  })

  it.each([
    ['all', ''],
    ['channel', 'email'],
    ['provider', 'sendgrid'],
    ['journey', 'welcome'],
  ] as const)('is refused under a kill switch for %s %s', async (scope, name) => {
    await setSwitch(database, { on: true, scope, name, reason: 'a test', actor: 'operator ada', at: NOON })
    expect(await send({}, withStore())).toMatchObject({
      kind: 'refused',
      reason: expect.stringMatching(/kill switch/) as string,
    })
    expect(handedOver()).toEqual([])
  })

  it('keeps the "no" that a carrier answers with', async () => {
    const optedOut: MessageProvider = {
      ...required(providers.get('sendgrid')),
      send: async () => ({ kind: 'rejected', class: 'opt_out', code: 'x' }),
    }
    const result = await send({}, { ...withStore(), providers: () => optedOut })
    expect(result).toEqual({ kind: 'refused', reason: 'sendgrid refused it: opt_out (x)' })
    expect(await suppressionsOf(database, KEYS, 'email', 'qa@example.com')).toEqual(['unsubscribe'])
  })
})

describe('the button', () => {
  const button = async (fields: Readonly<Record<string, string>>, host = '127.0.0.1:4410') => {
    const app = previewOf(workspace.live, { testSend: { ...deps({ sandbox: true, env: {} }), through: 'Nowhere.' } })
    const page = await app.inject({ url: '/journeys/welcome/hello', headers: { host: '127.0.0.1:4410' } })
    const token = /name="token" value="([^"]+)"/.exec(page.payload)?.[1] ?? ''
    const answer = await app.inject({
      method: 'POST',
      url: '/send',
      headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
      payload: new URLSearchParams({
        token,
        journey: 'welcome',
        step: 'hello',
        branch: 'action',
        to: 'sandbox',
        ...fields,
      }).toString(),
    })
    const { location } = answer.headers
    const shown =
      typeof location === 'string'
        ? (await app.inject({ url: location, headers: { host: '127.0.0.1:4410' } })).payload
        : answer.payload
    await app.close()
    return { status: answer.statusCode, shown }
  }

  it('sends and says so, on a page that can be loaded again without sending again', async () => {
    const { status, shown } = await button({})
    expect([status, shown.includes('The test for sandbox was taken by sendgrid.')]).toEqual([303, true])
    expect(handedOver()).toHaveLength(1)
  })

  it('says why nothing was sent', async () => {
    expect((await button({ to: 'boss' })).shown).toContain('Nothing was sent: there is no test contact')
  })

  it.each([
    ['without the token of a page', { token: 'guessed' }, '127.0.0.1:4410', 403],
    ['under another name of this machine', {}, 'evil.example', 421],
    ['for a message that is not there', { step: 'nothing' }, '127.0.0.1:4410', 404],
  ])('does nothing %s', async (_what, fields, host, status) => {
    expect((await button(fields, host)).status).toBe(status)
    expect(handedOver()).toEqual([])
  })
})

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('it is missing')
  return value
}
