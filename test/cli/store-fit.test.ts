import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { productionEnvironment, segue } from './command-line.ts'

let postgres: TestPostgres
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

async function storeAfter(statement: string): Promise<string> {
  const url = await postgres.url()
  const database = await openPostgres(url)
  await database.query(statement)
  await database.close()
  return url
}

describe.each([['api'], ['worker'], ['codes', 'status']])('segue %s %s', (...command) => {
  const args = command.filter((word) => word !== undefined)

  it('refuses to start on a store that was never migrated', async () => {
    const url = await storeAfter('drop table migration')
    expect(await segue(args, { env: productionEnvironment(url) })).toEqual({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(
        /^segue: the store's schema is older than this release .*run `segue migrate` first\n$/,
      ),
    })
  })

  it('refuses to start on a store with a breaking migration that it does not know', async () => {
    const url = await storeAfter(
      "insert into migration (version, name, breaking, applied_at) values (900, 'from-the-future', true, 0)",
    )
    expect(await segue(args, { env: productionEnvironment(url) })).toEqual({
      code: 3,
      stdout: '',
      stderr: expect.stringMatching(/^segue: the store has a breaking migration .*start the newer release/),
    })
  })

  it('says in one sentence that the store cannot be reached', async () => {
    const url = (await postgres.url()).replace(/[^/]*$/, `no_${randomUUID().replaceAll('-', '')}`)
    const ran = await segue(args, { env: productionEnvironment(url) })
    expect(ran).toMatchObject({ code: 3, stdout: '' })
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1)
  })
})
