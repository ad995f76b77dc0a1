import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { behindItsBack, say } from '../consent/ledger-scene.ts'
import { aJourney, Scene } from '../gate/scene.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { productionEnvironment, segue } from './command-line.ts'

let postgres: TestPostgres
let database: Database
let folder = ''
let env: Record<string, string> = {}
let robin = ''
let kim = ''
/** The command has the real clock. */
const YESTERDAY = Date.now() - 86_400_000

beforeAll(async () => {
  postgres = await startPostgres()
  const url = await postgres.url()
  env = { ...productionEnvironment(url), SEGUE_ACTOR: 'ada' }
  database = await openPostgres(url)
  folder = await mkdtemp(join(tmpdir(), 'segue-consent-'))
  const scene = new Scene(database)
  robin = await scene.contact({ phone: '+12125550142', grants: [] })
  await database.query(`update contact set external_id = 'robin-1' where id = $1`, [robin])
  kim = await scene.contact({ grants: [] })
  const spoken = { at: YESTERDAY - 1, recordedAt: YESTERDAY - 1 }
  await say(database, robin, spoken)
  await say(database, kim, { ...spoken, state: 'revoked' })
  const enrollment = await scene.enroll(robin, aJourney())
  await database.query(
    `insert into send (id, enrollment_id, step, branch, journey, version, contact_id, channel, purpose, class, state, reserved_at,
                       handed_off_at, updated_at)
     values ($1, $2, 'first', 'action', 'cart-recovery', 'v', $3, 'sms', 'cart-reminders', 'marketing', 'delivered', $4, $4, $4)`,
    [randomUUID(), enrollment, robin, YESTERDAY],
  )
})
afterAll(async () => {
  await database.close()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

const run = (...args: string[]) => segue(['consent', ...args], { cwd: folder, env })

describe('segue consent proof', () => {
  test('says in a few lines what was said, what holds, and how many messages relied on it', async () => {
    const { code, stdout, stderr } = await run('proof', '--contact', 'robin-1')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`contact ${robin} (robin-1)\nthe record is whole\n`)
    expect(stdout).toContain('granted cart-reminders by sms, form; 1 messages relied on it')
  })

  test('prints the whole document as JSON, and finds a person by our own id as well', async () => {
    const { code, stdout } = await run('proof', '--contact', robin, '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      format: '1.0',
      kind: 'segue.consent-proof',
      contact: { externalId: 'robin-1', phone: '+12125550142' },
      verification: { holds: true },
      entries: [{ state: 'granted', source: 'form', evidence: { jurisdiction: 'US-NY' } }],
    })
  })

  test('writes a page to a file that only its owner can read, and leaves a row on the audit trail', async () => {
    const { code, stdout } = await run('proof', '--contact', 'robin-1', '--html', '--out', 'robin.html')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(await readFile(join(folder, 'robin.html'), 'utf8')).toMatch(/^<!doctype html>[^]*Proof of consent/)
    expect((await stat(join(folder, 'robin.html'))).mode & 0o077).toBe(0)
    const trail = await database.query('select distinct actor, act, subject, detail from audit')
    expect(trail).toEqual([{ actor: 'operator ada', act: 'consent.proof', subject: robin, detail: {} }])
  })

  test('says what is wrong with the call in one line, without repeating the person', async () => {
    expect(await run('proof', '--contact', 'nobody@example.com')).toEqual({
      code: 2,
      stdout: '',
      stderr: 'segue consent proof: there is no contact with this id\n',
    })
    expect(await run('proof', '--contact', 'robin-1', '--json', '--html')).toMatchObject({ code: 2 })
    expect(await run('proof', '--contact', 'robin-1', '--out', 'no/such/folder')).toMatchObject({
      code: 2,
      stderr: 'segue consent proof: no/such/folder cannot be written (ENOENT)\n',
    })
    expect(await run('proof')).toMatchObject({ code: 2 })
  })
})

describe('segue consent audit', () => {
  test('matches the messages of the last week with their consents, and keeps nothing', async () => {
    const { code, stdout, stderr } = await run('audit')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^# Consent audit .*: all in order\n/)
    expect(stdout).toContain('| allowed by a consent in force | 1 |')
    const json = await run('audit', '--json', '--since', '2026-01-01')
    expect(JSON.parse(json.stdout)).toMatchObject({
      format: '1.0',
      period: { from: Date.UTC(2026, 0, 1) },
      sends: { counts: { matched: 1 } },
      ledger: { chains: 2, entries: 2, problems: [] },
    })
    expect(await database.query('select 1 as one from consent_audit')).toEqual([])
    expect(await database.query('select 1 as one from consent_reliance')).toEqual([])
  })

  test('takes no time that it does not understand', async () => {
    for (const since of ['yesterday', '2026-13-01', '2026-01-01T00:00:00']) {
      expect(await run('audit', '--since', since)).toMatchObject({ code: 2, stdout: '' })
    }
    expect(await run('audit', '--json', '--markdown')).toMatchObject({ code: 2 })
  })
})

describe('segue consent verify', () => {
  test('says that all of it is whole, and ends with 1 and names what is not', async () => {
    expect(await run('verify')).toEqual({ code: 0, stdout: '2 entries in 2 chains: all of it is whole\n', stderr: '' })
    await behindItsBack(database, `update consent_event set state = 'granted' where contact_id = $1`, [kim])
    const { code, stdout } = await run('verify')
    expect(code).toBe(1)
    expect(stdout).toBe(
      [
        `contact ${kim}, cart-reminders by sms, entry 1: a field is not what was recorded`,
        `contact ${kim}, cart-reminders by sms, the chain: the state that is acted on is not what was said`,
        '2 entries in 2 chains: 2 faults',
        '',
      ].join('\n'),
    )
    const json = await run('verify', '--json')
    expect(json.code).toBe(1)
    expect(JSON.parse(json.stdout)).toMatchObject({ format: '1.0', holds: false, entries: 2, lastDigest: null })
  })
})
