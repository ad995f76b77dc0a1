import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { productionEnvironment, segue } from './command-line.ts'

const WORKSPACE = fileURLToPath(new URL('../journeys/workspace', import.meta.url))

let postgres: TestPostgres
let database: Database
let folder = ''
let env: Record<string, string> = {}
let journey = ''

beforeAll(async () => {
  postgres = await startPostgres()
  const url = await postgres.url()
  env = { ...productionEnvironment(url), SEGUE_ACTOR: 'robin' }
  database = await openPostgres(url)
  folder = await mkdtemp(join(tmpdir(), 'segue-sending-'))
  const deployed = await segue(['deploy', WORKSPACE], { cwd: folder, env })
  if (deployed.code !== 0) throw new Error(deployed.stderr)
  const [row] = await database.query<{ journey: string }>('select journey from deployment order by journey limit 1')
  journey = row?.journey ?? ''
})
afterAll(async () => {
  await database.close()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

const run = (...args: string[]) => segue(args, { cwd: folder, env })

/** A run whose message a pause holds for hours. */
async function heldRun(): Promise<string> {
  const [contact, enrollment] = [randomUUID(), randomUUID()]
  await database.query('insert into contact (id, created_at, updated_at) values ($1, 0, 0)', [contact])
  await database.query(
    `insert into enrollment (id, journey, version, contact_id, trigger, entered_at, trigger_message_id)
     select $1, journey, version, $2, '{}', 0, 'm-1' from deployment where journey = $3`,
    [enrollment, contact, journey],
  )
  await database.query(
    `insert into decision (enrollment_id, step, branch, verdict, reason, until_at, facts, version, at)
     select $1, 'first', 'action', 'hold', 'paused', $2, '{}', version, 0 from deployment where journey = $3`,
    [enrollment, Date.now() + 6 * 3_600_000, journey],
  )
  return enrollment
}

describe('segue pause and resume', () => {
  it('pause what is named, say so, and put it on the trail', async () => {
    const paused = await run('pause', `journey:${journey}`, '--because', 'wrong price in the mail')
    expect(paused).toEqual({ code: 0, stdout: `paused: journey:${journey}\n`, stderr: '' })
    const { stdout } = await run('switches')
    expect(stdout).toMatch(new RegExp(`^journey:${journey} since 20.*, by operator robin: wrong price in the mail`))
    expect((await run('pause', `journey:${journey}`, '--because', 'again')).stdout).toContain('already paused')
  })

  it('on resume the runs that were held hear of it, once', async () => {
    const enrollment = await heldRun()
    const resumed = await run('resume', `journey:${journey}`)
    expect(resumed.stdout).toBe(`resumed: journey:${journey}; 1 runs that were held ask again\n`)
    const told = await database.query<{ payload: object }>('select payload from outbox where enrollment_id = $1', [
      enrollment,
    ])
    expect(told).toEqual([{ payload: expect.objectContaining({ kind: 'resume' }) }])
    await database.query('update decision set until_at = 0 where enrollment_id = $1', [enrollment])
    expect((await run('resume', `journey:${journey}`)).stdout).toBe(`not paused: journey:${journey}\n`)
    expect(await database.query("select act from audit where act like 'switch.%' order by id")).toEqual([
      { act: 'switch.on' },
      { act: 'switch.off' },
    ])
  })

  it.each([
    ['chanel:sms', 'is not all, channel:<name>'],
    ['channel:smss', 'there is no channel "smss"; there are email, sms'],
    ['provider:twillio', 'there is no provider "twillio"; there are '],
    ['journey:no-such', 'there is no journey "no-such"'],
  ])('a typing mistake pauses nothing: %s', async (what, complaint) => {
    const { code, stderr } = await run('pause', what, '--because', 'a test')
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(complaint) })
    expect((await run('switches')).stdout).toBe('nothing is paused\n')
  })
})
