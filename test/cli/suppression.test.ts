import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { productionEnvironment, segue } from './command-line.ts'

let postgres: TestPostgres
let database: Database
let folder = ''
let env: Record<string, string> = {}

beforeAll(async () => {
  postgres = await startPostgres()
  const url = await postgres.url()
  env = { ...productionEnvironment(url), SEGUE_ACTOR: 'robin' }
  database = await openPostgres(url)
  folder = await mkdtemp(join(tmpdir(), 'segue-suppression-'))
  await database.query(
    `insert into contact (id, email, phone, created_at, updated_at)
     values ('6f1c2a52-3c0e-4a39-9a55-1f6a2d1f7b10', 'known@example.com', '+12125550142', 0, 0)`,
  )
})
afterAll(async () => {
  await database.close()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

const run = (...args: string[]) => segue(['suppression', ...args], { cwd: folder, env })
const acts = async () =>
  (await database.query<{ act: string }>('select act from audit order by id')).map(({ act }) => act)

describe('segue suppression', () => {
  it('takes a list of people who said no elsewhere, and keeps the lines without an address beside it', async () => {
    await writeFile(
      join(folder, 'list.csv'),
      '\uFEFFEmail,Date\nKNOWN@example.com,2026-01-02\nno address,\n"other@example.com",x\n',
    )
    const taken = await run('import', 'list.csv', '--channel', 'email', '--source', 'old-platform')
    expect(taken).toMatchObject({ code: 1, stderr: '' })
    expect(taken.stdout).toContain('2 blocked, 1 lines without an address')
    expect(await readFile(join(folder, 'list.rejected.csv'), 'utf8')).toBe('line,address\n3,no address\n')
    expect(await acts()).toContain('suppression.import')
  })

  it('writes out the addresses that are known and says how many are not', async () => {
    const { code, stdout, stderr } = await run('export', '--channel', 'email')
    expect(code).toBe(0)
    expect(stdout.split('\n')[1]).toMatch(/^known@example\.com,import,old-platform,20\d\d-/)
    expect(stderr).toContain('1 more are blocked whose address no contact has')
  })

  it('blocks one address and lifts the block with a reason on the trail, but never what a person said', async () => {
    expect(await run('add', 'sms', '(212) 555-0142', '--reason', 'reassigned')).toMatchObject({ code: 0 })
    const lifted = await run('lift', 'sms', '+12125550142', '--reason', 'reassigned', '--because', 'misread a report')
    expect(lifted).toMatchObject({ code: 0, stdout: 'the block is lifted: reassigned\n' })
    const [act] = await database.query(`select actor, detail from audit where act = 'suppression.lift'`)
    expect(act).toEqual({
      actor: 'operator robin',
      detail: { channel: 'sms', reason: 'reassigned', because: 'misread a report' },
    })
    const refused = await run('lift', 'sms', '+12125550142', '--reason', 'stop', '--because', 'they would not mind')
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('only the person can take it back')
  })

  it('never puts an address on the trail or into a complaint', async () => {
    const wrong = await run('add', 'sms', 'not-a-number-of-robin')
    expect(wrong).toMatchObject({ code: 2, stderr: expect.not.stringContaining('robin') })
    expect(JSON.stringify(await database.query('select * from audit'))).not.toMatch(/@|5550142/)
  })

  it('counts the blocks and says which still need an older key', async () => {
    const { stdout } = await segue(['suppression', 'status', '--json'], {
      env: { ...env, SEGUE_ADDRESS_KEYS: '1:an-address-key-for-tests,2:another-address-key' },
    })
    const emails = JSON.parse(stdout).suppressions.find((row: { channel: string }) => row.channel === 'email')
    expect(emails).toEqual({ channel: 'email', reason: 'import', inForce: 2, lifted: 0, olderKey: 2 })
  })
})
