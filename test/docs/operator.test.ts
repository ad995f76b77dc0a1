import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { VARIABLES } from '../../src/settings.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { blocksOf, readPage, readPages, section, tableRows } from './pages.ts'

const page = await readPage('docs/operator.md')
const sql = (await readPages()).flatMap(blocksOf).filter(({ language }) => language === 'sql')

it('docs/operator.md lists the environment variables, which are required, and which are secret', () => {
  const written = tableRows(section(page, '## Environment variables')).map(([name, required, secret]) => ({
    name,
    required: required === 'yes',
    secret: secret === 'yes',
  }))
  expect(written).toEqual(VARIABLES.map(({ name, required, secret }) => ({ name: `\`${name}\``, required, secret })))
})

describe('the SQL in the documentation', () => {
  let store: Database
  beforeAll(async () => {
    store = await openPglite(undefined)
    await migrate(store)
  })
  afterAll(() => store.close())

  it('is there', () => {
    expect(sql.length).toBeGreaterThanOrEqual(6)
  })

  it.each(sql)('$page:$line runs on a migrated store', async ({ text }) => {
    for (const statement of text.split(/;\s*$/m).filter((one) => one.trim() !== '')) {
      await expect(store.query(statement)).resolves.toBeDefined()
    }
  })
})
