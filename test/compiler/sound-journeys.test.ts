import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { compileWorkspace } from '../../src/compiler/compile.ts'
import { readWorkspaceFiles } from '../../src/compiler/workspace-files.ts'
import { compileWith, fixtureFiles, JOURNEYS, readFixture } from './workspace-fixture.ts'

const files = (await readdir(`${JOURNEYS}ok`)).filter((file) => file.endsWith('.yaml'))

it('the fixture workspace compiles without findings', async () => {
  const { workspace, diagnostics } = await compileWorkspace(fixtureFiles)
  expect(diagnostics).toEqual([])
  expect(workspace).toBeDefined()
})

it.each(files)('%s compiles without findings', async (file) => {
  const { path, text } = await readFixture('ok', file)
  const { journeys, diagnostics } = await compileWith(path, text)
  expect(diagnostics).toEqual([])
  expect(journeys.map((journey) => journey.id)).toContain(file.replace(/\.yaml$/, ''))
})

it('the workspace that ships with the product compiles without findings', async () => {
  const files = await readWorkspaceFiles(fileURLToPath(new URL('../../journeys', import.meta.url)))
  const { workspace, journeys, diagnostics } = await compileWorkspace(files)
  expect(diagnostics).toEqual([])
  expect(workspace).toBeDefined()
  expect(journeys.map((journey) => journey.id)).toContain('cart-recovery')
})
