import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { LightMyRequestResponse } from 'fastify'
import { abandoned, NOON, rows } from '../ingestion/shop.ts'
import { ADMIN_KEY, emptyStore, openSurface, READ_KEY, SECRET, SERVER_KEY, type Surface } from './surface.ts'

let surface: Surface
let now = 1_800_000_000_000

beforeAll(async () => {
  surface = await openSurface({ realNow: () => now, loginsPerTenMinutes: 1_000, publicUrl: 'https://go.example.com' })
})
afterAll(async () => {
  await surface.app.close()
  await surface.shop.database.close()
})
beforeEach(async () => {
  await emptyStore(surface.shop)
  await surface.shop.database.query('truncate audit, kill_switch')
  await surface.shop.database.query('update api_key set revoked_at = null')
  now += 60_000
})

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const post = (url: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  surface.app.inject({
    method: 'POST',
    url,
    payload: new URLSearchParams(fields).toString(),
    headers: { ...FORM, ...headers },
  })
const get = (url: string, cookie: string) => surface.app.inject({ method: 'GET', url, headers: { cookie } })

async function logIn(): Promise<string> {
  const response = await post('/admin/login', { key: ADMIN_KEY })
  expect(response.statusCode).toBe(303)
  return cookieOf(response)
}
function cookieOf(response: LightMyRequestResponse): string {
  const [cookie] = response.cookies
  return `${cookie?.name ?? ''}=${cookie?.value ?? ''}`
}
const formTokenIn = (page: string): string => /name="form" value="([^"]+)"/.exec(page)?.[1] ?? ''
/** What a page's own form would send. */
async function submit(page: string, cookie: string, fields: Record<string, string>) {
  const form = formTokenIn((await get(`/admin/${page}`, cookie)).body)
  return post(`/admin/${page}`, { form, ...fields }, { cookie })
}
const acts = () => rows(surface.shop.database, 'select actor, act, subject from audit order by id')

describe('the login', () => {
  test('takes an admin key alone, and says of no other whether it exists', async () => {
    const refused = await Promise.all(['', 'nobody', SERVER_KEY, READ_KEY].map((key) => post('/admin/login', { key })))
    expect(refused.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401, 401])
    expect(new Set(refused.map(({ body }) => body)).size).toBe(1)
    expect(refused.every(({ cookies }) => cookies.length === 0)).toBe(true)
    await logIn()
    expect(await acts()).toMatchObject([{ actor: 'admin key of tests', act: 'admin.login' }])
  })

  test('gives a cookie that scripts and other sites do not get, for twelve hours', async () => {
    const response = await post('/admin/login', { key: ADMIN_KEY })
    expect(response.cookies).toMatchObject([
      { name: '__Host-segue-admin', httpOnly: true, secure: true, sameSite: 'Strict', path: '/', maxAge: 43_200 },
    ])
    expect(response.headers['set-cookie']).not.toContain(ADMIN_KEY.slice(-43))
    const cookie = cookieOf(response)
    now += 12 * 3_600_000 - 1
    expect((await get('/admin/audit', cookie)).statusCode).toBe(200)
    now += 1
    expect((await get('/admin/audit', cookie)).statusCode).toBe(303)
  })

  test('has an end after a few tries', async () => {
    const strict = await openSurface({ loginsPerTenMinutes: 2 }, surface.shop)
    const tries = []
    for (let n = 0; n < 3; n++) {
      tries.push(await strict.app.inject({ method: 'POST', url: '/admin/login', payload: 'key=x', headers: FORM }))
    }
    expect(tries.map(({ statusCode }) => statusCode)).toEqual([401, 401, 429])
    expect(tries[2]?.body).toContain('Too many tries')
    await strict.app.close()
  })

  test('counts behind our proxy by what the proxy saw, never by what the client wrote before it', async () => {
    const behind = await openSurface({ loginsPerTenMinutes: 1, trustProxy: true }, surface.shop)
    const ask = async (forwarded: string) =>
      (
        await behind.app.inject({
          method: 'POST',
          url: '/admin/login',
          payload: 'key=x',
          headers: { ...FORM, 'x-forwarded-for': forwarded },
        })
      ).statusCode
    expect([await ask('203.0.113.1, 192.0.2.1'), await ask('203.0.113.2, 192.0.2.1')]).toEqual([401, 429])
    expect(await ask('203.0.113.1, 192.0.2.2')).toBe(401)
    await behind.app.close()
  })

  test('is not given to another site, and ends with the key', async () => {
    expect((await post('/admin/login', { key: ADMIN_KEY }, { 'sec-fetch-site': 'cross-site' })).statusCode).toBe(403)
    const cookie = await logIn()
    await surface.shop.database.query("update api_key set revoked_at = 1 where scope = 'admin'")
    now += 5_000
    expect((await get('/admin/keys', cookie)).statusCode).toBe(303)
  })

  test('a cookie that was changed, or signed for something else, opens nothing', async () => {
    const cookie = await logIn()
    const value = cookie.split('=')[1] ?? ''
    const parts = value.split('.')
    const later = [...parts.slice(0, 3), String(now + 99_999_999_999), parts[4]].join('.')
    for (const forged of [later, `${value}x`, value.slice(0, -2), parts.slice(0, 4).join('.'), '', SECRET]) {
      expect((await get('/admin/audit', `__Host-segue-admin=${forged}`)).statusCode).toBe(303)
    }
  })
})

describe('the pages', () => {
  test('show who did what, the keys without the keys, what is off, what was not taken, and what waits', async () => {
    const cookie = await logIn()
    for (const page of ['audit', 'switches', 'keys', 'replies', 'rejections', 'proof']) {
      const response = await get(`/admin/${page}`, cookie)
      expect([page, response.statusCode]).toEqual([page, 200])
      expect(response.headers).toMatchObject({ 'cache-control': 'no-store', 'x-frame-options': 'DENY' })
      expect(response.headers['content-security-policy']).toMatch(/default-src 'none'; style-src 'sha256-/)
      expect(response.body).not.toMatch(/<script|secret_hash/)
    }
    expect((await get('/admin/audit', cookie)).body).toContain('admin.login')
    expect((await get('/admin/keys', cookie)).body).toContain('admin key of tests')
    expect((await get('/admin', cookie)).headers['location']).toBe('admin/audit')
  })

  test('what somebody wrote is shown as text', async () => {
    const cookie = await logIn()
    await submit('switches', cookie, { on: 'yes', scope: 'journey', name: '<b>x</b>', reason: '"><script>1</script>' })
    const { body } = await get('/admin/switches', cookie)
    expect(body).toContain('&lt;script&gt;')
    expect(body).not.toContain('<script>')
  })
})

describe('an act', () => {
  test('turns a switch on and off again, each with a row in the audit trail', async () => {
    const cookie = await logIn()
    const on = { on: 'yes', scope: 'channel', name: 'sms', reason: 'carrier incident 4711' }
    expect((await submit('switches', cookie, on)).statusCode).toBe(303)
    expect(await rows(surface.shop.database, 'select scope, name, reason, at from kill_switch')).toEqual([
      { scope: 'channel', name: 'sms', reason: 'carrier incident 4711', at: NOON },
    ])
    await submit('switches', cookie, { on: 'no', scope: 'channel', name: 'sms' })
    expect(await rows(surface.shop.database, 'select 1 from kill_switch')).toEqual([])
    expect(await acts()).toMatchObject([{ act: 'admin.login' }, { act: 'switch.on' }, { act: 'switch.off' }])
  })

  test('that ends a pause tells the runs that it held, so that they do not wait for hours', async () => {
    await surface.shop.take(abandoned('c1'))
    await surface.shop.database.query(
      `insert into decision (enrollment_id, step, branch, verdict, reason, until_at, facts, version, at)
       select id, 'first', 'action', 'hold', 'paused', $1, '{}', version, $2 from enrollment`,
      [NOON + 6 * 3_600_000, NOON],
    )
    const cookie = await logIn()
    await submit('switches', cookie, { on: 'yes', scope: 'all', reason: 'carrier incident 4711' })
    await submit('switches', cookie, { on: 'no', scope: 'all' })
    expect(await rows(surface.shop.database, `select payload from outbox where kind = 'signal'`)).toMatchObject([
      { payload: { kind: 'resume' } },
    ])
  })

  test('needs a reason and something to stop', async () => {
    const cookie = await logIn()
    expect((await submit('switches', cookie, { on: 'yes', scope: 'all', reason: ' ' })).statusCode).toBe(422)
    expect((await submit('switches', cookie, { on: 'yes', scope: 'journey', reason: 'x' })).statusCode).toBe(422)
    expect((await submit('switches', cookie, { on: 'yes', scope: 'world', reason: 'x' })).statusCode).toBe(422)
    expect(await acts()).toHaveLength(1)
  })

  test('revokes a key', async () => {
    const cookie = await logIn()
    const id = READ_KEY.split('_')[2] ?? ''
    expect((await submit('keys', cookie, { id })).statusCode).toBe(303)
    expect(await acts()).toMatchObject([{ act: 'admin.login' }, { act: 'key.revoke', subject: id }])
  })

  test('shows the proof of one person in a page of its own, and records who looked', async () => {
    const cookie = await logIn()
    expect((await submit('proof', cookie, { contact: 'nobody' })).statusCode).toBe(404)
    await surface.shop.database.query(
      "insert into contact (id, external_id, created_at, updated_at) values ('6f1c2a52-3c0e-4a39-9a55-1f6a2d1f7b10', 'ada', 0, 0)",
    )
    const page = await submit('proof', cookie, { contact: 'ada' })
    expect(page.statusCode).toBe(200)
    expect(page.body).toContain('Proof of consent')
    expect(page.headers['content-security-policy']).toMatch(/style-src 'sha256-/)
    expect(await acts()).toMatchObject([{ act: 'admin.login' }, { act: 'consent.proof' }])
  })

  test.each(['switches', 'keys', 'replies', 'proof', 'logout'])(
    'on %s is refused without the form of this login and this action',
    async (page) => {
      const cookie = await logIn()
      const mine = formTokenIn((await get('/admin/switches', cookie)).body)
      now += 1
      const other = await logIn()
      const theirs = formTokenIn((await get('/admin/switches', other)).body)
      const fields = { on: 'yes', scope: 'all', reason: 'x', id: READ_KEY.split('_')[2] ?? '', contact: 'ada' }
      const forms = ['', 'x', theirs, ...(page === 'switches' ? [] : [mine])]
      for (const form of forms) {
        expect((await post(`/admin/${page}`, { ...fields, form }, { cookie })).statusCode).toBe(403)
      }
      if (page === 'switches') {
        const elsewhere = { cookie, 'sec-fetch-site': 'cross-site' }
        expect((await post('/admin/switches', { ...fields, form: mine }, elsewhere)).statusCode).toBe(403)
      }
      expect((await acts()).every(({ act }: { act?: unknown }) => act === 'admin.login')).toBe(true)
    },
  )

  test('logs out', async () => {
    const cookie = await logIn()
    const page = (await get('/admin/audit', cookie)).body
    const response = await post('/admin/logout', { form: formTokenIn(page) }, { cookie })
    expect([response.statusCode, response.headers['location']]).toEqual([303, 'login'])
    expect(response.cookies).toMatchObject([{ name: '__Host-segue-admin', value: '' }])
  })
})
