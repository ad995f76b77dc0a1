import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { inboundEmailToken } from '../../src/http/inbound-email.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { productionEnvironment, segue } from './command-line.ts'

const CONTACT = '6f1c2a52-3c0e-4a39-9a55-1f6a2d1f7b10'
let postgres: TestPostgres
let database: Database
let env: Record<string, string> = {}

beforeAll(async () => {
  postgres = await startPostgres()
  const url = await postgres.url()
  env = { ...productionEnvironment(url), SEGUE_ACTOR: 'ada' }
  database = await openPostgres(url)
  await database.query(`insert into contact (id, phone, created_at, updated_at) values ($1, '+12125550101', 0, 0)`, [
    CONTACT,
  ])
})
afterAll(async () => {
  await database.close()
  await postgres.stop()
})

let texts = 0
const write = async (meaning: string, body: string, contact: string | null = CONTACT): Promise<string> => {
  const [row] = await database.query<{ id: number }>(
    `insert into inbound_message (provider, provider_id, contact_id, meaning, body, received_at, state)
     values ('twilio', $1, $2, $3, $4, 1772550000000, $5) returning id`,
    [`SM${(texts += 1)}`, contact, meaning, body, meaning === 'ambiguous' ? 'open' : null],
  )
  return String(row?.id)
}
beforeEach(() => database.query('delete from inbound_message'))

describe('segue replies list', () => {
  it('says that nobody has written', async () => {
    expect(await segue(['replies', 'list'], { env })).toEqual({
      code: 0,
      stdout: 'nobody has written yet\n',
      stderr: '',
    })
    expect((await segue(['replies', 'list', '--open'], { env })).stdout).toBe('nothing waits for a decision\n')
  })

  it('shows what people wrote, as a table and as JSON, and what waits with exit code 1', async () => {
    await write('reply', 'Do you have it in red?')
    const id = await write('ambiguous', 'no')
    const all = await segue(['replies', 'list'], { env })
    expect(all.code).toBe(0)
    expect(all.stdout).toContain('Do you have it in red?')
    const open = await segue(['replies', 'list', '--open', '--json'], { env })
    expect(open.code).toBe(1)
    expect(JSON.parse(open.stdout)).toEqual({
      format: '1.0',
      replies: [
        {
          id: Number(id),
          contactId: CONTACT,
          channel: 'sms',
          meaning: 'ambiguous',
          rule: null,
          state: 'open',
          text: 'no',
          receivedAt: 1_772_550_000_000,
        },
      ],
    })
  })

  it('lets nobody write on the operator’s terminal', async () => {
    await write('reply', 'line one\nline two \u001B[2J\u001B[1;31mALL CLEAR')
    const { stdout } = await segue(['replies', 'list'], { env })
    expect(stdout).not.toContain('\u001B[2J')
    expect(stdout).toContain('line one line two')
  })

  it.each(['0', '-1', 'x', '1e9'])('refuses --limit %s', async (limit) => {
    expect((await segue(['replies', 'list', `--limit=${limit}`], { env })).code).toBe(2)
  })
})

describe('segue replies close', () => {
  it('closes what was no refusal, once, with a row on the audit trail', async () => {
    const id = await write('ambiguous', 'no')
    expect(await segue(['replies', 'close', id], { env })).toEqual({
      code: 0,
      stdout: 'closed: marketing to this person goes on\n',
      stderr: '',
    })
    const again = await segue(['replies', 'close', id, '--json'], { env })
    expect(again.code).toBe(1)
    expect(JSON.parse(again.stdout)).toEqual({ format: '1.0', id: Number(id), result: 'not_open', stop: false })
    expect(await database.query('select actor, act, detail from audit where subject = $1', [id])).toEqual([
      { actor: 'operator ada', act: 'reply.close', detail: { stop: false } },
    ])
  })

  it('takes it for a refusal with --stop', async () => {
    const id = await write('ambiguous', 'no')
    expect((await segue(['replies', 'close', id, '--stop'], { env })).stdout).toBe(
      'closed: marketing to this person has ended\n',
    )
    expect(
      await database.query(`select source from consent_event where contact_id = $1 and state = 'revoked'`, [CONTACT]),
    ).toEqual([{ source: 'operator' }])
  })

  it('says why not', async () => {
    expect((await segue(['replies', 'close', '999999'], { env })).stderr).toBe(
      'segue replies close: there is no such message\n',
    )
    expect((await segue(['replies', 'close', 'one'], { env })).code).toBe(2)
    const id = await write('ambiguous', 'no', null)
    expect((await segue(['replies', 'close', id, '--stop'], { env })).stderr).toContain('nobody is known')
  })
})

describe('segue replies inbound-url', () => {
  it('prints the URL for the mail provider, which needs no store', async () => {
    const url = `https://go.example.com/webhooks/sendgrid/inbound/${inboundEmailToken('a-link-secret')}`
    expect(await segue(['replies', 'inbound-url'], { env })).toEqual({ code: 0, stdout: `${url}\n`, stderr: '' })
    expect(JSON.parse((await segue(['replies', 'inbound-url', '--json'], { env })).stdout)).toEqual({
      format: '1.0',
      url,
    })
  })
})
