import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { productionEnvironment, segue } from './command-line.ts'

const WORKSPACE = fileURLToPath(new URL('../journeys/workspace', import.meta.url))
const RUN = '6f1c2a52-3c0e-4a39-9a55-1f6a2d1f7b10'

let postgres: TestPostgres
let database: Database
let folder = ''
let env: Record<string, string> = {}

beforeAll(async () => {
  postgres = await startPostgres()
  const url = await postgres.url()
  env = productionEnvironment(url)
  database = await openPostgres(url)
  folder = await mkdtemp(join(tmpdir(), 'segue-codes-'))
  await cp(WORKSPACE, join(folder, 'journeys'), { recursive: true })
  for (const name of ['spring', 'autumn']) {
    await writeFile(
      join(folder, 'journeys', 'offers', `${name}.yaml`),
      `segue: 1\ncodes: ${name}\nfile: codes/${name}.csv\n`,
    )
  }
  const deployed = await segue(['deploy'], { cwd: folder, env })
  if (deployed.code !== 0) throw new Error(deployed.stderr)
  await database.query('insert into contact (id, created_at, updated_at) values ($1, 0, 0)', [RUN])
})
afterAll(async () => {
  await database.close()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})
beforeEach(() => database.query('delete from offer_code'))

async function load(text: string | Buffer, pool = 'spring') {
  await writeFile(join(folder, 'codes.csv'), text)
  return segue(['codes', 'load', pool, 'codes.csv'], { cwd: folder, env })
}

async function codesOf(pool: string): Promise<readonly string[]> {
  const rows = await database.query<{ code: string }>('select code from offer_code where pool = $1 order by code', [
    pool,
  ])
  return rows.map(({ code }) => code)
}

describe('segue codes load', () => {
  it('takes a code a line, with Windows line ends, a byte order mark, blank lines and blanks around', async () => {
    expect(await load('\uFEFFSPRING-1\r\n\r\n  SPRING-2\t\r\n \n\nSPRING-3')).toEqual({
      code: 0,
      stdout: 'spring: 3 loaded, 0 known already, 0 not usable\n',
      stderr: '',
    })
    expect(await codesOf('spring')).toEqual(['SPRING-1', 'SPRING-2', 'SPRING-3'])
  })

  it('names each bad line by its number and what is wrong, without quoting it, and loads the rest', async () => {
    const lines = ['Code', 'GOOD-1', '', 'TWO,COLUMNS', '"QUOTED"', 'A BLANK', 'ÜMLAUT', 'x'.repeat(65), 'GOOD-2']
    expect(await load(lines.join('\n'))).toEqual({
      code: 1,
      stdout: 'spring: 2 loaded, 0 known already, 6 not usable\n',
      stderr: [
        'codes.csv:1: a heading, not a code',
        'codes.csv:4: more than one column: put one code a line, and nothing else',
        'codes.csv:5: quotation marks: write the code without them',
        'codes.csv:6: a blank within the code',
        'codes.csv:7: a character that is no ASCII letter, digit or sign',
        'codes.csv:8: longer than 64 characters',
        '',
      ].join('\n'),
    })
    expect(await codesOf('spring')).toEqual(['GOOD-1', 'GOOD-2'])
  })

  it('counts what the pool has already, or the file twice, as known, and leaves issued codes alone', async () => {
    await load('A-1\nA-2\n')
    await database.query("update offer_code set offer = 'ten-off', issued_at = 7, valid_until = 9 where code = 'A-1'")
    expect(await load('A-1\nA-3\nA-2\nA-3\n')).toMatchObject({
      code: 0,
      stdout: 'spring: 1 loaded, 3 known already, 0 not usable\n',
    })
    expect(await codesOf('spring')).toEqual(['A-1', 'A-2', 'A-3'])
    const [issued] = await database.query("select issued_at from offer_code where code = 'A-1'")
    expect(issued).toEqual({ issued_at: 7 })
  })

  it('keeps pools apart: the same code may be in two', async () => {
    await load('SAME-1\n')
    expect(await load('SAME-1\n', 'autumn')).toMatchObject({ stdout: expect.stringContaining('autumn: 1 loaded') })
  })

  it('loads tens of thousands of lines, also when two loads of them run at once', async () => {
    const codes = Array.from({ length: 25_000 }, (_, n) => `BULK-${String(n).padStart(6, '0')}`)
    await writeFile(join(folder, 'up.csv'), codes.join('\n'))
    await writeFile(join(folder, 'down.csv'), codes.toReversed().join('\n'))
    const loads = await Promise.all(
      ['up.csv', 'down.csv'].map((file) => segue(['codes', 'load', 'spring', file], { cwd: folder, env })),
    )
    const loaded = loads.map(({ stdout }) => Number(/: ([\d,]+) loaded/.exec(stdout)?.[1]?.replaceAll(',', '')))
    expect(loads.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ])
    expect(loaded.reduce((sum, one) => sum + one, 0)).toBe(25_000)
    expect(await codesOf('spring')).toEqual(codes)
  })

  it('names twenty bad lines and counts the others, and is not confused by a file without lines', async () => {
    const many = await load('NO CODE\n'.repeat(1_500))
    expect(many).toMatchObject({ code: 1, stdout: 'spring: 0 loaded, 0 known already, 1,500 not usable\n' })
    expect(many.stderr.trimEnd().split('\n')).toHaveLength(21)
    expect(many.stderr).toMatch(/and 1,480 more\n$/)
    expect(await load(Buffer.alloc(300_000, 0xff))).toMatchObject({
      code: 1,
      stdout: 'spring: 0 loaded, 0 known already, 1 not usable\n',
    })
    expect(await load('')).toMatchObject({ code: 0, stdout: 'spring: 0 loaded, 0 known already, 0 not usable\n' })
  })

  it.each([
    ['summer', 'the deployed workspace has no code pool "summer"; pools that take codes from a file: autumn, spring'],
    ['cart10', 'the pool "cart10" makes its codes itself; pools that take codes from a file: autumn, spring'],
  ])('refuses the pool %s and names those that there are', async (pool, sentence) => {
    expect(await load('A-1\n', pool)).toEqual({ code: 2, stdout: '', stderr: `segue codes load: ${sentence}\n` })
    expect(await codesOf(pool)).toEqual([])
  })

  it.each([
    ['missing.csv', 'there is no file missing.csv'],
    ['journeys', 'journeys is a folder'],
  ])('says what is wrong with the file %s', async (file, sentence) => {
    const ran = await segue(['codes', 'load', 'spring', file], { cwd: folder, env })
    expect(ran).toEqual({ code: 2, stdout: '', stderr: `segue codes load: ${sentence}\n` })
  })

  it('asks for a deploy where there was none', async () => {
    const fresh = productionEnvironment(await postgres.url())
    const ran = await segue(['codes', 'load', 'spring', 'codes.csv'], { cwd: folder, env: fresh })
    expect(ran).toMatchObject({ code: 2, stderr: expect.stringContaining('run `segue deploy` first') })
  })
})

describe('segue codes status', () => {
  it('shows free and issued codes of every pool, as a table and as JSON', async () => {
    await load('A-1\nA-2\nA-3\n')
    await database.query(
      `insert into journey_version (hash, journey, compiled, commit_hash, author, created_at)
       values ('v', 'j', '{}', 'c', 'a', 0) on conflict do nothing`,
    )
    await database.query(
      `insert into enrollment (id, journey, version, contact_id, trigger, entered_at, trigger_message_id)
       values ($1, 'j', 'v', $1, '{}', 0, 'm-1') on conflict do nothing`,
      [RUN],
    )
    await database.query(
      "update offer_code set enrollment_id = $1, offer = 'ten-off', issued_at = 1, valid_until = 2 where code = 'A-1'",
      [RUN],
    )
    await database.query("insert into offer_code (pool, code) values ('last-year', 'OLD-1')")
    const json = await segue(['codes', 'status', '--json'], { env })
    expect(json).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(json.stdout)).toEqual({
      format: '1.0',
      pools: [
        { pool: 'autumn', kind: 'file', free: 0, issued: 0 },
        { pool: 'cart10', kind: 'generated', free: null, issued: 0 },
        { pool: 'last-year', kind: 'removed', free: 1, issued: 0 },
        { pool: 'spring', kind: 'file', free: 2, issued: 1 },
      ],
    })
    const { stdout } = await segue(['codes', 'status'], { env })
    expect(stdout).toMatch(/pool +│ kind +│ +free │ issued/)
    expect(stdout).toMatch(/spring +│ file +│ +2 │ +1 /)
    expect(stdout).toMatch(/cart10 +│ generated +│ made when needed │ +0 /)
  })
})
