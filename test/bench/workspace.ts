import { fileURLToPath } from 'node:url'
import { compileWorkspace, type WorkspaceFiles } from '../../src/compiler/compile.ts'
import { readWorkspaceFiles } from '../../src/compiler/workspace-files.ts'
import { deployCompiled, type SoundCompilation } from '../../src/cli/deploy.ts'
import { contentHash } from '../../src/core/canonical-json.ts'
import type { CompiledJourney } from '../../src/core/compiled-journey.ts'
import type { Database } from '../../src/core/database.ts'

/** A Tuesday, 14:00 in New York and 11:00 in Los Angeles: inside every window of the shipped policy. */
export const NOON = Date.parse('2026-11-17T19:00:00Z')

const FOLDER = fileURLToPath(new URL('../../journeys/', import.meta.url))

/** The workspace that ships, with a benchmark's changes: `path` to a change of its text. It throws if a change changes nothing. */
export async function compileShipped(
  changes: Readonly<Record<string, (text: string) => string>> = {},
): Promise<SoundCompilation> {
  const files = new Map<string, string>(await readWorkspaceFiles(FOLDER))
  for (const [path, change] of Object.entries(changes)) {
    const before = files.get(path) ?? ''
    const after = change(before)
    if (after === before) throw new Error(`the benchmark's change of ${path} found nothing to change`)
    files.set(path, after)
  }
  return sound(files)
}

async function sound(files: WorkspaceFiles): Promise<SoundCompilation> {
  const compilation = await compileWorkspace(files)
  const errors = compilation.diagnostics.filter(({ severity }) => severity === 'error')
  const { workspace } = compilation
  if (errors.length === 0 && workspace !== undefined) return { ...compilation, workspace }
  throw new Error(`the benchmark's workspace does not compile: ${errors.map(({ message }) => message).join('; ')}`)
}

/** Makes it live in a migrated store and returns the journey of the given id with its version. */
export async function deployFor(
  database: Database,
  compilation: SoundCompilation,
  id: string,
  now: number,
): Promise<{ readonly journey: CompiledJourney; readonly version: string }> {
  await deployCompiled(database, FOLDER, compilation, now)
  const journey = compilation.journeys.find((candidate) => candidate.id === id)
  if (journey === undefined) throw new Error(`the benchmark's workspace has no journey ${id}`)
  return { journey, version: contentHash(journey) }
}
