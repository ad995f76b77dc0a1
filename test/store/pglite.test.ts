import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { migrate } from '../../src/store/migrate.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { databaseContract } from '../contract/database.ts'

const folder = mkdtempSync(join(tmpdir(), 'segue-pglite-'))
let count = 0

databaseContract({
  name: 'PGlite',
  async open() {
    const dataDir = join(folder, String(count++))
    const database = await openPglite(dataDir)
    await migrate(database)
    return { database, reopen: () => openPglite(dataDir) }
  },
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))
