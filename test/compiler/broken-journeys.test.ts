import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { compileWorkspace } from '../../src/compiler/compile.ts'
import { readWorkspaceFiles } from '../../src/compiler/workspace-files.ts'
import type { Diagnostic } from '../../src/diagnostics/diagnostic.ts'
import { renderText } from '../../src/diagnostics/render-text.ts'
import { SourceText } from '../../src/diagnostics/source-text.ts'
import { compileWith, fixtureFiles, JOURNEYS, readFixture, withFile } from './workspace-fixture.ts'

/** Broken journeys live in a workspace of their own (`npx segue check test/journeys/err`), broken shared files each apart. */
const files = (
  await Promise.all(
    (['err', 'err-shared'] as const).map(async (folder) =>
      (await readdir(`${JOURNEYS}${folder}`)).map((file) => ({ folder, file })),
    ),
  )
)
  .flat()
  .filter(({ file }) => file.endsWith('.yaml') && file !== 'segue.yaml')

/** UPDATE_GOLDEN=1 rewrites the expectations; each is then read by a person. */
const update = process.env['UPDATE_GOLDEN'] === '1'

function applyFix(text: string, { fix }: Diagnostic): string {
  return fix === undefined ? text : text.slice(0, fix.range.start.offset) + fix.text + text.slice(fix.range.end.offset)
}

/** The rendering, and the lines that the fix would change. */
function golden(diagnostics: readonly Diagnostic[], path: string, text: string): string {
  const sources = withFile(path, text)
  const sourceOf = (file: string) => new SourceText(file, sources.get(file) ?? '')
  const fixes = diagnostics.flatMap((diagnostic) => {
    if (diagnostic.fix === undefined) return []
    const before = text.split('\n')
    const changed = applyFix(text, diagnostic).split('\n')
    const sameLength = changed.length === before.length
    const lines = changed.filter((line, index) => (sameLength ? line !== before[index] : !before.includes(line)))
    return [`fix (${diagnostic.fix.applicability}):\n${lines.map((line) => `  ${line}\n`).join('')}`]
  })
  return [renderText(diagnostics, sourceOf, { color: false }), ...fixes].join('\n')
}

describe('a broken file', () => {
  it('is among many: the folder holds a case for each mistake that people make', () => {
    expect(files.length).toBeGreaterThanOrEqual(24)
  })

  it.each(files)('$folder/$file has exactly one finding, at its place, as recorded', async ({ folder, file }) => {
    const { path, text } = await readFixture(folder, file)
    const { diagnostics } = await compileWith(path, text)
    const recorded = `${JOURNEYS}${folder}/${file.replace(/yaml$/, 'out')}`
    const actual = golden(diagnostics, path, text)
    if (update) await writeFile(recorded, actual)
    expect(diagnostics).toHaveLength(1)
    expect(existsSync(recorded)).toBe(true)
    expect(actual).toBe(await readFile(recorded, 'utf8'))
  })

  it.each(files)('$folder/$file is mended by its fix, if that is safe', async ({ folder, file }) => {
    const { path, text } = await readFixture(folder, file)
    const { diagnostics } = await compileWith(path, text)
    const [diagnostic] = diagnostics
    if (diagnostic?.fix?.applicability !== 'safe') return
    const mended = await compileWith(path, applyFix(text, diagnostic))
    expect(mended.diagnostics).toEqual([])
  })

  it('is found among all the others: checked together, each journey has its one finding and no other', async () => {
    const together = await readWorkspaceFiles(`${JOURNEYS}err`)
    const journeys = files.filter(({ folder }) => folder === 'err').map(({ file }) => file)
    const { diagnostics } = await compileWorkspace(together)
    expect(diagnostics.map(({ file }) => file)).toEqual(journeys.toSorted())
  })

  it('lives in the same workspace as the sound ones', async () => {
    for (const [path, text] of await readWorkspaceFiles(`${JOURNEYS}err`)) {
      const shared = fixtureFiles.get(path)
      if (path.includes('/') || path === 'segue.yaml') expect(text, path).toBe(shared)
    }
  })
})
