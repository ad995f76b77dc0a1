import { access, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { recordConsent } from '../../src/consent/ledger.ts'
import { suppress } from '../../src/consent/suppression.ts'
import type { Database } from '../../src/core/database.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { productionEnvironment, segue } from './command-line.ts'

const WORKSPACE = fileURLToPath(new URL('../journeys/workspace', import.meta.url))
const KEYS = { current: 1, keys: { 1: 'an-address-key-for-tests' } }

let postgres: TestPostgres
let database: Database
let folder = ''
let env: Record<string, string> = {}

beforeAll(async () => {
  postgres = await startPostgres()
  const url = await postgres.url()
  env = { ...productionEnvironment(url), SEGUE_ACTOR: 'Ada' }
  database = await openPostgres(url)
  folder = await mkdtemp(join(tmpdir(), 'segue-consents-'))
  await cp(WORKSPACE, join(folder, 'journeys'), { recursive: true })
  const deployed = await segue(['deploy'], { cwd: folder, env })
  if (deployed.code !== 0) throw new Error(deployed.stderr)
})
afterAll(async () => {
  await database.close()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() =>
  database.query('truncate contact, consent_event, consent, consent_chain, suppression, rejection, audit cascade'),
)

async function load(text: string, options: readonly string[] = [], name = 'list.csv') {
  await writeFile(join(folder, name), text)
  const about = ['--purpose', 'newsletter', '--channel', 'email', '--source', 'old shop']
  return segue(['consent', 'import', name, ...about, ...options], { cwd: folder, env })
}

const rejected = (name = 'list.rejected.csv') => readFile(join(folder, name), 'utf8')
const granted = () =>
  database.query<{ external_id: string | null; email: string | null; proof: Record<string, unknown> }>(
    `select c.external_id, c.email, e.proof from consent_event e join contact c on c.id = e.contact_id
      where e.state = 'granted' order by e.id`,
  )

const HEADER = 'user_id,email,at,wording,page,source\n'

describe('segue consent import', () => {
  it('records each row with its proof, and makes the contacts that nobody knows', async () => {
    const text = `\uFEFF${HEADER}p-1,Ada@Example.com,2025-03-01T10:00:00Z,"Yes, ""news"", please",https://shop.example.com/join,checkout\n,bob@example.com,2025-03-02T10:00:00+02:00,,https://shop.example.com/join,\n`
    expect(await load(text)).toEqual({
      code: 0,
      stdout: '2 recorded, 0 known already, 0 kept aside\n',
      stderr: '',
    })
    expect(await granted()).toEqual([
      {
        external_id: 'p-1',
        email: 'ada@example.com',
        proof: {
          wording: 'Yes, "news", please',
          page: 'https://shop.example.com/join',
          list: 'old shop',
          source: 'checkout',
        },
      },
      {
        external_id: null,
        email: 'bob@example.com',
        proof: { page: 'https://shop.example.com/join', list: 'old shop', source: 'old shop' },
      },
    ])
    await expect(access(join(folder, 'list.rejected.csv'))).rejects.toThrow()
  })

  it('keeps rows aside that prove nothing or cannot be reached, with line and reason, twice over', async () => {
    const rows = [
      'p-1,ada@example.com,,Yes,,',
      'p-2,bob@example.com,2025-03-01T10:00:00Z,,,',
      'p-3,not an address,2025-03-01T10:00:00Z,Yes,,',
      'p-4,,2025-03-01T10:00:00Z,Yes,,',
      'p-5,eve@example.com,2025-03-01,Yes,,',
      'p-6,fay@example.com,2999-03-01T10:00:00Z,Yes,,',
      'p-7,gil@example.com,2025-03-01T10:00:00Z,Yes,,form',
    ]
    const ran = await load(`${HEADER}${rows.join('\n')}\n`)
    expect(ran).toMatchObject({ code: 1, stderr: '' })
    expect(ran.stdout).toMatch(/^1 recorded, 0 known already, 6 kept aside; see .*list\.rejected\.csv\n$/)
    const reasons = [
      'no proof: "at" must say when, in RFC 3339 with a zone',
      'no proof: "wording", "page" or "keyword" must say how',
      'not an email address',
      'no email or address',
      'no proof: "at" must say when, in RFC 3339 with a zone',
      '"at" is in the future',
    ]
    const lines = reasons.map((reason, index) => `${index + 2},"${reason.replaceAll('"', '""')}"\n`)
    expect(await rejected()).toBe(`line,reason\n${lines.join('')}`)
    const kept = () =>
      database.query<{ detail: string }>(`select detail from rejection where source = 'import' order by id`)
    expect((await kept()).map(({ detail }) => detail)).toEqual(
      reasons.map((reason, index) => `old shop, line ${index + 2}: ${reason}`),
    )
    // Running it again is harmless.
    expect((await load(`${HEADER}${rows.join('\n')}\n`)).stdout).toMatch(/^0 recorded, 1 known already, 6 kept aside/)
    expect(await kept()).toHaveLength(6)
    expect(await granted()).toHaveLength(1)
  })

  it('never brings back a "no", whenever it was said, nor a blocked address', async () => {
    await load(
      `${HEADER}p-1,ada@example.com,2025-03-01T10:00:00Z,Yes,,\np-2,bob@example.com,2025-03-01T10:00:00Z,Yes,,\n`,
    )
    const [ada] = await database.query<{ id: string }>(`select id from contact where external_id = 'p-1'`)
    const at = Date.UTC(2025, 3, 1)
    await recordConsent(database, {
      contactId: ada?.id ?? '',
      channel: 'email',
      purpose: 'newsletter',
      state: 'revoked',
      source: 'link',
      proof: {},
      at,
      recordedAt: at,
    })
    await suppress(database, {
      keys: KEYS,
      channel: 'email',
      address: 'bob@example.com',
      reason: 'complaint',
      source: 'test',
      at,
    })
    // The rows claim to be newer than the "no".
    const newer = `${HEADER}p-1,ada@example.com,2026-01-01T10:00:00Z,Yes,,\np-2,bob@example.com,2026-01-01T10:00:00Z,Yes,,\n`
    expect((await load(newer)).code).toBe(1)
    expect(await rejected()).toBe('line,reason\n2,"the person has said no"\n3,"the address is blocked: complaint"\n')
    const held = await database.query<{ state: string }>('select state from consent where contact_id = $1', [ada?.id])
    expect(held).toEqual([{ state: 'revoked' }])
  })

  it('needs a confirmation in each row where the purpose needs one', async () => {
    const header = 'phone,at,keyword,confirmation_at,confirmation_message_id\n'
    const about = ['--purpose', 'cart-reminders', '--channel', 'sms']
    const text = `${header}212-555-0101,2025-03-01T10:00:00Z,CART,2025-03-01T10:01:00Z,SM1\n212-555-0102,2025-03-01T10:00:00Z,CART,,\n212-555-0103,2025-03-01T10:00:00Z,CART,soon,SM3\n`
    expect((await load(text, about)).stdout).toMatch(/^1 recorded, 0 known already, 2 kept aside/)
    expect(await rejected()).toContain('3,"no confirmation: this purpose needs ""confirmation_at""')
    expect(await granted()).toMatchObject([
      { proof: { keyword: 'CART', confirmation: { at: Date.UTC(2025, 2, 1, 10, 1), messageId: 'SM1' } } },
    ])
  })

  it('takes JSON lines, and names a line that is none', async () => {
    const rows = [
      JSON.stringify({ userId: 'p-1', email: 'ada@example.com', at: '2025-03-01T10:00:00Z', wording: 'Yes' }),
      '',
      '{ not json',
      '[1]',
    ]
    const ran = await load(rows.join('\r\n'), ['--json'], 'list.jsonl')
    expect(JSON.parse(ran.stdout)).toEqual({
      format: '1.0',
      list: 'old shop',
      purpose: 'newsletter',
      channel: 'email',
      recorded: 1,
      known: 0,
      keptAside: 2,
    })
    expect(await rejected()).toBe('line,reason\n3,"not readable as a row"\n4,"not readable as a row"\n')
  })

  it('does not give a known user an address that is another one', async () => {
    await database.query(
      `insert into contact (id, external_id, email, created_at, updated_at)
       values ('11111111-1111-4111-8111-111111111111', 'p-1', 'ada@example.com', 0, 0)`,
    )
    await load(`${HEADER}p-1,other@example.com,2025-03-01T10:00:00Z,Yes,,\n`)
    expect(await rejected()).toContain('the user has another address')
    expect(await granted()).toEqual([])
  })

  it('reads a long list as a stream, says how far it is, and stands on the audit trail without a person', async () => {
    const rows = Array.from({ length: 10_050 }, (_, i) => `,person-${i % 50}@example.com,,Yes,,`)
    const ran = await load(`${HEADER}${rows.join('\n')}\n`)
    expect(ran.stderr).toBe('10,000 rows\n')
    const trail = await database.query<{ act: string; actor: string; detail: unknown }>(
      'select act, actor, detail from audit order by id',
    )
    const about = { list: 'old shop', purpose: 'newsletter', channel: 'email' }
    expect(trail).toEqual([
      { act: 'consent.import', actor: 'operator Ada', detail: about },
      {
        act: 'consent.imported',
        actor: 'operator Ada',
        detail: { ...about, recorded: 0, known: 0, keptAside: 10_050 },
      },
    ])
  })

  it.each([
    [['--purpose', 'surveyz'], 'the deployed workspace has no purpose "surveyz"; it has'],
    [['--channel', 'fax'], '--channel is email or sms'],
    [['--source', ' '], '--source names where the list comes from'],
  ])('with %j says what is wrong', async (options, words) => {
    const ran = await load(HEADER, options)
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toContain(words)
  })

  it('without the file says so', async () => {
    const about = ['--purpose', 'newsletter', '--channel', 'email', '--source', 'x']
    const ran = await segue(['consent', 'import', 'gone.csv', ...about], { cwd: folder, env })
    expect(ran).toEqual({ code: 2, stdout: '', stderr: 'segue consent import: there is no file gone.csv\n' })
  })
})
