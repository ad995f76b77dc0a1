import { createServer, type RequestListener, type Server } from 'node:http'
import { generateKeyPairSync } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { checkEngine, type EngineFacts } from '../../src/doctor/engine.ts'
import type { Line } from '../../src/doctor/line.ts'
import { checkNumbers } from '../../src/doctor/numbers.ts'
import { checkPublicUrl, gatherPublicUrl } from '../../src/doctor/public-url.ts'
import { checkSecrets, type SecretFacts } from '../../src/doctor/secrets.ts'
import { checkMigrations, checkPools, checkStore, gatherStore, skew, type StoreFacts } from '../../src/doctor/store.ts'
import { checkTimeZones, gatherTimeZones } from '../../src/doctor/time-zones.ts'
import { openPglite } from '../../src/store/pglite.ts'

const wrong = (lines: readonly Line[]): readonly string[] =>
  lines.filter(({ state }) => state !== 'ok').map(({ state, check, subject }) => `${state} ${check} ${subject}`)

const hex = 'a0c1d2e3f4051627'.repeat(2)
const pem = (kind: 'ec' | 'ed25519'): string =>
  (kind === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')).publicKey
    .export({ type: 'spki', format: 'der' })
    .toString('base64')
const SECRETS: SecretFacts = {
  environment: 'production',
  linkSecrets: [hex],
  addressKeys: [hex],
  serverKeys: [hex],
  twilio: { accountSid: `AC${hex}`, authTokens: [hex] },
  sendgrid: { webhookPublicKeys: [pem('ec')] },
}

describe('secrets', () => {
  it('that are good have nothing to mend', () => {
    expect(wrong(checkSecrets(SECRETS))).toEqual([])
  })

  it.each<[string, Partial<SecretFacts>, string]>([
    ['a short link secret', { linkSecrets: [hex, 'secret'] }, 'fail secrets.strength SEGUE_LINK_SECRETS'],
    ['one of one character', { addressKeys: ['a'.repeat(64)] }, 'fail secrets.strength SEGUE_ADDRESS_KEYS'],
    ['a middling one', { serverKeys: ['abcdefghijklmnopqrst'] }, 'warn secrets.strength SEGUE_SERVER_KEYS'],
    [
      'an API key for a token',
      { twilio: { accountSid: `AC${hex}`, authTokens: ['SK123'] } },
      'fail webhooks.twilio TWILIO_AUTH_TOKENS',
    ],
    [
      'another account id',
      { twilio: { accountSid: `SK${hex}`, authTokens: [hex] } },
      'fail webhooks.twilio TWILIO_ACCOUNT_SID',
    ],
    ['no webhook key', { sendgrid: { webhookPublicKeys: [] } }, 'fail webhooks.sendgrid SENDGRID_WEBHOOK_PUBLIC_KEYS'],
    [
      'one of another kind',
      { sendgrid: { webhookPublicKeys: [pem('ed25519')] } },
      'fail webhooks.sendgrid SENDGRID_WEBHOOK_PUBLIC_KEYS',
    ],
    [
      'an emulator in production',
      { sendgrid: { webhookPublicKeys: [pem('ec')], apiBaseUrl: 'http://127.0.0.1:4402' } },
      'fail environment.carriers SENDGRID_API_URL',
    ],
    [
      'a host that only looks like the carrier',
      { twilio: { accountSid: `AC${hex}`, authTokens: [hex], apiBaseUrl: 'https://eviltwilio.com' } },
      'fail environment.carriers TWILIO_API_URL',
    ],
  ])('finds %s', (_name, facts, line) => {
    const lines = checkSecrets({ ...SECRETS, ...facts })
    expect(wrong(lines)).toEqual([line])
    // A report of the doctor is pasted into chats.
    expect(JSON.stringify(lines)).not.toContain(hex)
  })
})

describe('numbers', () => {
  const number = { channel: 'sms', provider: 'twilio', number: '+12025550100' } as const
  const registration = { programme: '10dlc', id: 'CMP1', purposes: ['cart'], verified: '2026-01-01' } as const
  const now = Date.parse('2026-06-01T00:00:00Z')
  const check = (sender: object, purposes: readonly string[] = ['cart']): readonly string[] =>
    wrong(checkNumbers({ senders: { texts: { ...number, ...sender } }, purposesBySender: { texts: purposes }, now }))

  it.each<[string, object, readonly string[], number]>([
    ['one that is registered for what it sends', { registration }, ['cart'], 0],
    ['none at all', {}, ['cart'], 1],
    ['a purpose that is not covered', { registration }, ['cart', 'news'], 1],
    [
      'one that nobody looked at for a year',
      { registration: { ...registration, verified: '2025-05-31' } },
      ['cart'],
      1,
    ],
    ['one of another programme', { registration: { ...registration, programme: 'toll_free' } }, ['cart'], 1],
    ['none for a number elsewhere', { number: '+447700900123' }, ['cart'], 0],
    ['none for a name', { kind: 'alphanumeric', number: 'SHOP' }, ['cart'], 0],
    ['none for a short code', { kind: 'short_code', number: '55501' }, ['cart'], 1],
  ])('%s', (_name, sender, purposes, count) => {
    expect(check(sender, purposes)).toHaveLength(count)
  })
})

describe('the store', () => {
  let database: Database
  beforeAll(async () => {
    database = await openPglite(undefined)
  })
  afterAll(() => database.close())

  it('says its version, isolation, durability and clock', async () => {
    const facts = await gatherStore(database, () => Date.now())
    expect(facts).toMatchObject({ isolation: 'read committed', version: expect.any(Number) })
    expect(Math.abs(facts.aheadMs)).toBeLessThan(60_000)
    const anHourBehind = await gatherStore(database, () => Date.now() + 3_600_000)
    expect(anHourBehind.aheadMs).toBeLessThan(-3_500_000)
  })

  const WELL: StoreFacts = {
    version: 170_004,
    isolation: 'read committed',
    fsync: 'on',
    synchronousCommit: 'on',
    aheadMs: 0,
  }
  it.each<[string, Partial<StoreFacts>, readonly string[]]>([
    ['is well', {}, []],
    ['is too old', { version: 130_010 }, ['fail store.version PostgreSQL']],
    ['isolates otherwise', { isolation: 'serializable' }, ['fail store.isolation PostgreSQL']],
    ['forgets', { synchronousCommit: 'off' }, ['fail store.durability PostgreSQL']],
    ['lives elsewhere in time', { aheadMs: -90_000 }, ['fail clock.store the store']],
  ])('%s', (_name, facts, lines) => {
    expect(wrong(checkStore({ ...WELL, ...facts }))).toEqual(lines)
  })

  it('knows which clocks are near enough', () => {
    expect([0, 1_999, -2_001, 60_000, 60_001].map((ms) => skew('c', 'x', ms).state)).toEqual([
      'ok',
      'ok',
      'warn',
      'warn',
      'fail',
    ])
  })

  it('says what migrations are missing, and which pools run dry', () => {
    expect(checkMigrations(undefined).state).toBe('ok')
    expect(checkMigrations('without 0011-api-keys')).toMatchObject({ state: 'fail', mend: 'segue migrate' })
    const pool = { pool: 'spring', kind: 'file', issued: 5_000 } as const
    expect([0, 99, 499, 500].map((free) => checkPools([{ ...pool, free }])[0]?.state)).toEqual([
      'fail',
      'warn',
      'warn',
      'ok',
    ])
    expect(checkPools([{ pool: 'made', kind: 'generated', free: null, issued: 9 }])).toEqual([])
  })

  it('is on a machine that knows the time elsewhere', () => {
    expect(checkTimeZones(gatherTimeZones()).state).toBe('ok')
    expect(checkTimeZones([{ zone: 'America/New_York', expected: '08:00', said: '12:00' }])).toMatchObject({
      state: 'fail',
      says: expect.stringContaining('America/New_York'),
    })
  })
})

describe('the public address', () => {
  let server: Server | undefined
  afterEach(async () => {
    server?.closeAllConnections()
    await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)))
    server = undefined
  })
  async function examine(listener: RequestListener): Promise<readonly string[]> {
    server = createServer(listener)
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    return wrong(checkPublicUrl(await gatherPublicUrl(`http://127.0.0.1:${port}`), true)).map((line) =>
      line.replace(/ http.*/, ''),
    )
  }
  const well: RequestListener = (request, response) => {
    response.statusCode = request.method === 'POST' ? 404 : 200
    response.end(request.method === 'POST' ? '' : '{"status":"ok"}')
  }
  const HTTP = 'fail public-url.https'

  it.each<[string, RequestListener, readonly string[]]>([
    ['answers as Segue does, but by http', well, [HTTP]],
    [
      'redirects',
      (_request, response) => response.writeHead(301, { location: 'https://other.example.com/' }).end(),
      [HTTP, 'fail public-url.health', 'fail public-url.one-click'],
    ],
    [
      'asks for a login before a one-click unsubscribe',
      (request, response) => (request.method === 'POST' ? response.writeHead(401).end() : well(request, response)),
      [HTTP, 'fail public-url.one-click'],
    ],
    [
      'is somebody else',
      (_request, response) => response.writeHead(404).end('<h1>hello'),
      [HTTP, 'fail public-url.health'],
    ],
    ['hangs up', (request) => request.socket.destroy(), [HTTP, 'fail public-url.health', 'fail public-url.one-click']],
  ])('%s', async (_name, listener, lines) => {
    expect(await examine(listener)).toEqual(lines)
  })

  it('that nobody listens at says so', async () => {
    const facts = await gatherPublicUrl('http://127.0.0.1:1')
    expect(facts.health).toMatchObject({ kind: 'failed' })
  })
})

describe('the engine', () => {
  const now = Date.parse('2026-06-01T00:00:00Z')
  const WELL: Extract<EngineFacts, { kind: 'reached' }> = {
    kind: 'reached',
    address: 'temporal:7233',
    namespace: 'default',
    serverVersion: '1.32.0',
    searchAttributes: { SegueContact: 'KEYWORD' },
    currentBuild: 'abc',
    queues: [{ name: 'segue-sms', pollers: 2 }],
    schedules: [
      { id: 'segue-reconcile', found: { paused: false, createdAt: 0, lastRunAt: now - 500_000, everyMs: 300_000 } },
    ],
    now,
  }
  const expected = { searchAttributes: ['SegueContact'], build: 'abc' }
  const schedule = (found: object): Partial<EngineFacts> => ({
    schedules: [{ id: 'segue-reconcile', found: { paused: false, createdAt: now, everyMs: 300_000, ...found } }],
  })

  it.each<[string, object, readonly string[]]>([
    ['is well', {}, []],
    ['lacks an attribute', { searchAttributes: {} }, ['fail engine.search-attributes SegueContact']],
    [
      'has one of another type',
      { searchAttributes: { SegueContact: 'TEXT' } },
      ['fail engine.search-attributes SegueContact'],
    ],
    ['has other workers', { currentBuild: 'old' }, ['warn engine.worker-version old']],
    ['has a queue without workers', { queues: [{ name: 'segue-sms', pollers: 0 }] }, ['fail engine.queues segue-sms']],
    ['lacks a schedule', { schedules: [{ id: 'segue-reconcile' }] }, ['fail engine.schedules segue-reconcile']],
    ['has one that is paused', schedule({ paused: true }), ['warn engine.schedules segue-reconcile']],
    ['has one that no longer runs', schedule({ lastRunAt: now - 600_001 }), ['warn engine.schedules segue-reconcile']],
    ['has one that is new', schedule({}), []],
    ['has one that has never run', schedule({ createdAt: now - 600_001 }), ['warn engine.schedules segue-reconcile']],
  ])('%s', (_name, facts, lines) => {
    const engine: EngineFacts = { ...WELL, ...facts }
    expect(wrong(checkEngine(engine, expected))).toEqual(lines)
  })

  it('that cannot be reached is one line', () => {
    const lines = checkEngine({ kind: 'unreachable', address: 'temporal:7233', code: 'gRPC 14' }, expected)
    expect(wrong(lines)).toEqual(['fail engine.server temporal:7233'])
  })
})
