import { createHash, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKey, mayDo, revokeKey, rotateKey, type Scope, SCOPES } from '../../src/administration/api-key.ts'
import type { Access } from '../../src/http/credentials.ts'
import { rows } from '../ingestion/shop.ts'
import { basic, bearer, openSurface, SERVER_KEY, type Surface, WRITE_KEY } from './surface.ts'

let surface: Surface
/** Real epoch milliseconds, which the tests turn. */
let now = 1_800_000_000_000
let made = 0

beforeAll(async () => {
  surface = await openSurface({ realNow: () => now, requestsPerMinute: 1_000_000 })
})
afterAll(async () => {
  await surface.app.close()
  await surface.shop.database.close()
})

const random = (bytes: number): Buffer => createHash('sha512').update(String(made++)).digest().subarray(0, bytes)
const issue = (scope: Scope, expiresAt?: number) =>
  createKey(
    surface.shop.database,
    { scope, name: `${scope} key`, actor: 'tests', at: now, ...(expiresAt === undefined ? {} : { expiresAt }) },
    random,
  )

type Door = Surface['app']['doors'][number]
type KeyDoor = Door & { readonly access: Extract<Access, { kind: 'key' }> }

/** Every route that asks for a key, as a request that says nothing. */
const keyDoors = (): readonly KeyDoor[] =>
  surface.app.doors.filter((door): door is KeyDoor => door.access.kind === 'key' && door.method !== 'HEAD')
const knock = async (door: Door, headers: Record<string, string>): Promise<number> => {
  const url = door.path.replaceAll(/:\w+/g, randomUUID())
  const method = door.method.split(',')[0] === 'GET' ? 'GET' : 'POST'
  const payload = method === 'POST' ? { payload: {} } : {}
  return (await surface.app.inject({ method, url, headers, ...payload })).statusCode
}

describe('every route', () => {
  test('says who may call it, and is one that the router has', () => {
    const printed = surface.app.printRoutes({ commonPrefix: false }).match(/\(([A-Z, ]+)\)/g)?.length ?? 0
    expect(surface.app.doors.length).toBeGreaterThanOrEqual(printed)
    expect(printed).toBeGreaterThan(25)
  })

  test('that asks for no key is on this list, and gives its reason', () => {
    const open = surface.app.doors.filter(({ access, method }) => access.kind === 'open' && method !== 'HEAD')
    for (const { access } of open) expect(access).toMatchObject({ because: expect.stringMatching(/.{20}/) })
    expect([...new Set(open.map(({ path }) => path))].toSorted()).toEqual([
      '/admin/login',
      '/confirm/:token',
      '/health',
      '/join/:purpose',
      '/l/:token',
      '/p/:token',
      '/ready',
      '/u/:token',
      '/v1/:call',
      '/webhooks/sendgrid',
      '/webhooks/sendgrid/inbound/:token',
      '/webhooks/twilio/inbound',
      '/webhooks/twilio/status/:sendKey',
    ])
  })

  test('cannot be added without saying it', async () => {
    const { default: Fastify } = await import('fastify')
    const { guardRoutes } = await import('../../src/http/credentials.ts')
    const app = Fastify()
    guardRoutes(app, { find: async () => undefined, findById: async () => undefined })
    expect(() => app.get('/v1/forgotten', async () => 'everything')).toThrow('GET /v1/forgotten says nobody who may')
  })

  test('that asks for a key refuses a missing, wrong, revoked, expired and too weak one, and takes the others', async () => {
    const revoked = await issue('admin')
    await revokeKey(surface.shop.database, { id: revoked.id, actor: 'tests', at: now })
    const expired = await issue('admin', now)
    const live = new Map<Scope, string>()
    for (const scope of SCOPES) live.set(scope, (await issue(scope)).key)
    const wrong = `${(await issue('admin')).key.slice(0, -1)}-`
    const bad = [{}, bearer('nobody'), basic('nobody'), bearer(wrong), bearer(revoked.key), bearer(expired.key)]
    expect(keyDoors().length).toBeGreaterThan(10)
    for (const door of keyDoors()) {
      for (const headers of bad) expect([door.path, await knock(door, headers)]).toEqual([door.path, 401])
      for (const [scope, key] of live) {
        const opened = (await knock(door, bearer(key))) !== 401
        expect([door.path, scope, opened]).toEqual([door.path, scope, mayDo(scope, door.access.scope)])
      }
    }
  })

  test('of the admin pages sends whoever is not logged in to the login, and takes no form', async () => {
    const doors = surface.app.doors.filter(({ access, method }) => access.kind === 'login' && method !== 'HEAD')
    expect(doors.length).toBeGreaterThan(8)
    for (const { method, path } of doors.filter((door) => door.path !== '/admin')) {
      const response = await surface.app.inject({ method: method === 'GET' ? 'GET' : 'POST', url: path })
      expect([path, method, response.statusCode]).toEqual([path, method, method === 'GET' ? 303 : 401])
      expect(response.body).not.toContain('<table')
    }
  })
})

describe('scopes', () => {
  test('a write key sends events and nothing else; a read key changes nothing', () => {
    const opens = (held: Scope): readonly Scope[] => SCOPES.filter((asked) => mayDo(held, asked))
    expect(SCOPES.map((scope) => [scope, opens(scope)])).toEqual([
      ['write', ['write']],
      ['read', ['read']],
      ['server', ['write', 'read', 'server']],
      ['admin', ['write', 'read', 'server', 'admin']],
    ])
  })

  test('keys of the environment go on as they were', async () => {
    const track = keyDoors().find(({ path }) => path === '/v1/track')
    const consents = keyDoors().find(({ path }) => path === '/v1/consents')
    const exported = keyDoors().find(({ path }) => path === '/v1/contacts/export')
    if (track === undefined || consents === undefined || exported === undefined) throw new Error('routes are missing')
    expect([await knock(track, basic(WRITE_KEY)), await knock(consents, basic(WRITE_KEY))]).toEqual([400, 401])
    expect([await knock(track, bearer(SERVER_KEY)), await knock(consents, bearer(SERVER_KEY))]).toEqual([400, 400])
    expect(await knock(exported, bearer(SERVER_KEY))).toBe(401)
  })

  test('a write key in the body is taken where browsers send it, and nowhere else', async () => {
    const { key } = await issue('admin')
    now += 1_000
    const ask = async (url: string) =>
      (await surface.app.inject({ method: 'POST', url, payload: { writeKey: key } })).statusCode
    expect([await ask('/v1/batch'), await ask('/v1/consents')]).toEqual([400, 401])
  })
})

describe('a key', () => {
  const consents = (key: string): Promise<number> =>
    surface.app
      .inject({ method: 'POST', url: '/v1/consents', payload: {}, headers: bearer(key) })
      .then(({ statusCode }) => statusCode)

  test('that was just made works, and one that was revoked has ended five seconds later', async () => {
    const { id, key } = await issue('server')
    now += 1_000
    expect(await consents(key)).toBe(400)
    await revokeKey(surface.shop.database, { id, actor: 'tests', at: now })
    now += 5_000
    expect(await consents(key)).toBe(401)
  })

  test('that expires ends at that very millisecond, without asking the store again', async () => {
    const { key } = await issue('server', now + 2_500)
    now += 1_000
    expect(await consents(key)).toBe(400)
    now += 1_499
    expect(await consents(key)).toBe(400)
    now += 1
    expect(await consents(key)).toBe(401)
  })

  test('that was rotated goes on for its grace period beside the new one, and no longer', async () => {
    const old = await issue('server')
    const rotation = await rotateKey(
      surface.shop.database,
      { id: old.id, actor: 'tests', at: now, graceMs: 60_000 },
      random,
    )
    if (rotation.kind !== 'rotated') throw new Error(rotation.kind)
    now += 59_000
    expect([await consents(old.key), await consents(rotation.issued.key)]).toEqual([400, 400])
    now += 1_000
    expect([await consents(old.key), await consents(rotation.issued.key)]).toEqual([401, 400])
  })

  test('is noted as used at most once a minute', async () => {
    const { id, key } = await issue('server')
    const used = async () => {
      const [row] = await surface.shop.database.query<{ at: number }>(
        'select last_used_at as at from api_key where id = $1',
        [id],
      )
      return row?.at
    }
    now += 1_000
    const first = now
    await consents(key)
    now += 30_000
    await consents(key)
    expect(await used()).toBe(first)
    now += 30_000
    await consents(key)
    expect(await used()).toBe(first + 60_000)
  })

  test('is nowhere in the store, and a thousand guesses cost two looks into it', async () => {
    const { key } = await issue('server')
    const dump = JSON.stringify(await rows(surface.shop.database, 'select * from api_key'))
    expect(dump).not.toContain(key.slice(-43))
    let looks = 0
    const { createKeyRing } = await import('../../src/administration/key-ring.ts')
    const ring = createKeyRing({
      database: {
        ...surface.shop.database,
        query: async (text, parameters) => {
          looks++
          return surface.shop.database.query(text, parameters)
        },
      },
      environment: { writeKeys: [WRITE_KEY], serverKeys: [SERVER_KEY] },
      realNow: () => now,
    })
    for (let guess = 0; guess < 500; guess++) {
      expect(
        await ring.find(`segue_admin_${random(8).toString('hex')}_${random(32).toString('base64url')}`),
      ).toBeUndefined()
      expect(await ring.find(`no key ${guess}`)).toBeUndefined()
    }
    expect(looks).toBeLessThanOrEqual(2)
  })

  test('of the environment is known while the store is down; one of the store answers 503, never 401', async () => {
    const { key } = await issue('server')
    now += 10_000
    surface.storeDown = true
    expect([await consents(SERVER_KEY), await consents(key)]).toEqual([400, 503])
    surface.storeDown = false
    expect(await consents(key)).toBe(400)
  })
})
