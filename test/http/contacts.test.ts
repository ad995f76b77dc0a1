import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN_KEY, bearer, openSurface, READ_KEY, sentEmail, SERVER_KEY, type Surface, WRITE_KEY } from './surface.ts'

let surface: Surface
let send = ''

beforeAll(async () => {
  surface = await openSurface()
  send = await sentEmail(surface.shop, null)
})
afterAll(async () => {
  await surface.app.close()
  await surface.shop.database.close()
})

async function ask(url: string, key: string | undefined, payload?: object) {
  const answer = await surface.app.inject({
    method: payload === undefined ? 'GET' : 'POST',
    url,
    headers: key === undefined ? {} : bearer(key),
    ...(payload === undefined ? {} : { payload }),
  })
  return {
    status: answer.statusCode,
    body: answer.json<Record<string, unknown>>(),
    cache: answer.headers['cache-control'],
  }
}

describe('POST /v1/contacts', () => {
  it('takes no key that everybody has, and for what takes data out or away only the strongest', async () => {
    for (const verb of ['show', 'export', 'erase', 'merge']) {
      const path = `/v1/contacts/${verb}`
      for (const key of [undefined, WRITE_KEY, READ_KEY])
        expect((await ask(path, key, { userId: 'ada' })).status).toBe(401)
      if (verb !== 'show') expect((await ask(path, SERVER_KEY, { userId: 'ada' })).status).toBe(401)
    }
  })

  it('shows and exports the person who is meant, and lets nobody keep a copy on the way', async () => {
    const card = await ask('/v1/contacts/show', SERVER_KEY, { email: 'ada@example.com' })
    expect(card).toMatchObject({ status: 200, cache: 'no-store', body: { format: '1.0', externalId: 'ada' } })
    const bundle = await ask('/v1/contacts/export', ADMIN_KEY, { userId: 'ada' })
    expect(bundle.body).toMatchObject({ format: '1.0', tables: { send: [{ id: send }] } })
  })

  it('explains a message to a read key, by its send and by its contact, and says so when there is nothing', async () => {
    const byContact = await ask('/v1/explain?userId=ada&journey=cart-recovery&step=first-email', READ_KEY)
    expect(byContact).toMatchObject({ status: 200, body: { explanations: [{ messages: [{ step: 'first-email' }] }] } })
    expect((await ask(`/v1/explain?send=${send}`, SERVER_KEY)).status).toBe(200)
    for (const query of ['userId=nobody', 'send=nonsense', 'contact=nonsense', 'userId=ada&step=none']) {
      expect((await ask(`/v1/explain?${query}`, READ_KEY)).status, query).toBe(404)
    }
    for (const query of ['', 'send=a&step=b', 'userId=a&contact=b', 'userId=a&userId=b', 'email=a', 'step=a']) {
      expect((await ask(`/v1/explain?${query}`, READ_KEY)).status, query).toBe(400)
    }
    expect((await ask(`/v1/explain?send=${send}`, WRITE_KEY)).status).toBe(401)
  })

  it('refuses a body that names nobody, two people, or something else', async () => {
    for (const body of [{}, { userId: 'ada', email: 'ada@example.com' }, { name: 'ada' }, { userId: 7 }]) {
      expect((await ask('/v1/contacts/show', SERVER_KEY, body)).status).toBe(400)
    }
    expect((await ask('/v1/contacts/merge', ADMIN_KEY, { from: { userId: 'ada' } })).status).toBe(400)
    expect((await ask('/v1/contacts/show', SERVER_KEY, { userId: 'nobody' })).status).toBe(404)
  })

  it('merges, erases, and writes both down with the name of the key', async () => {
    const { database } = surface.shop
    await database.query(
      `insert into contact (id, external_id, created_at, updated_at) values ('11111111-1111-4111-8111-111111111111', 'old', 0, 0)`,
    )
    const merged = await ask('/v1/contacts/merge', ADMIN_KEY, { from: { userId: 'old' }, into: { userId: 'ada' } })
    expect(merged).toMatchObject({ status: 200, body: { kind: 'merged' } })
    const again = await ask('/v1/contacts/merge', ADMIN_KEY, { from: { userId: 'old' }, into: { userId: 'ada' } })
    expect(again.status).toBe(400)
    expect(await ask('/v1/contacts/erase', ADMIN_KEY, { userId: 'old' })).toMatchObject({
      status: 200,
      body: { runsEnded: 1 },
    })
    expect((await ask('/v1/contacts/erase', ADMIN_KEY, { userId: 'ada' })).status).toBe(404)
    const acts = await database.query<{ act: string; actor: string }>('select act, actor from audit order by id')
    expect(acts.map(({ act }) => act)).toEqual(
      expect.arrayContaining(['contact.show', 'contact.export', 'contact.merge', 'contact.erase']),
    )
    expect(surface.logged.join('')).not.toContain('ada@example.com')
  })
})
