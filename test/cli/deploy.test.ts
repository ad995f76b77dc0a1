import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { productionEnvironment, segue } from './command-line.ts'

const WORKSPACE = fileURLToPath(new URL('../journeys/workspace', import.meta.url))

let postgres: TestPostgres
/** Outside of any repository, as in a container. */
let folder = ''

beforeAll(async () => {
  postgres = await startPostgres()
  folder = await mkdtemp(join(tmpdir(), 'segue-deploy-'))
  await cp(WORKSPACE, join(folder, 'journeys'), { recursive: true })
})
afterAll(async () => {
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

async function originAfterDeploy(named: Record<string, string>): Promise<object | undefined> {
  const url = await postgres.url()
  const ran = await segue(['deploy'], { cwd: folder, env: { ...productionEnvironment(url), ...named } })
  expect(ran).toMatchObject({ code: 0, stderr: '' })
  const database = await openPostgres(url)
  const [version] = await database.query('select commit_hash as commit, author from journey_version')
  await database.close()
  return version
}

describe('segue deploy', () => {
  it('records the commit and author that the environment names', async () => {
    const named = { SEGUE_COMMIT: '886feb7', SEGUE_AUTHOR: 'Ada Example' }
    expect(await originAfterDeploy(named)).toEqual({ commit: '886feb7', author: 'Ada Example' })
  })

  it('says so when neither the environment nor git knows them', async () => {
    const empty = { SEGUE_COMMIT: '', SEGUE_AUTHOR: '' }
    expect(await originAfterDeploy(empty)).toEqual({ commit: 'uncommitted', author: 'unknown' })
  })
})
