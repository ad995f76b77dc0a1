import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { templateOf } from '../../src/compiler/bind/templates.ts'
import { compileWorkspace, type Compilation } from '../../src/compiler/compile.ts'
import { readWorkspaceFiles } from '../../src/compiler/workspace-files.ts'

export const JOURNEYS = fileURLToPath(new URL('../journeys/', import.meta.url))

/** The small workspace that all fixtures live in; it compiles without findings. */
export const fixtureFiles: ReadonlyMap<string, string> = await readWorkspaceFiles(`${JOURNEYS}workspace`)

/** The fixture's place in the workspace: what its first line says (`# as: segue.yaml`), or a journey of its own name. */
export async function readFixture(
  folder: 'ok' | 'err' | 'err-shared',
  file: string,
): Promise<{ readonly path: string; readonly text: string }> {
  const text = await readFile(`${JOURNEYS}${folder}/${file}`, 'utf8')
  return { path: /^# as: (\S+)/.exec(text)?.[1] ?? file, text }
}

/**
 * The workspace with one file more. Templates that no journey of it names are left out: compiling MJML is most of the time that
 * a test takes.
 */
export function withFile(path: string, text: string): ReadonlyMap<string, string> {
  const names = `${text}\n${fixtureFiles.get('base.yaml') ?? ''}`
  const needed = [...fixtureFiles].filter(([file]) => {
    const template = templateOf(file)
    return template === undefined || names.includes(template.name)
  })
  return new Map([...needed, [path, text]])
}

export function compileWith(path: string, text: string): Promise<Compilation> {
  return compileWorkspace(withFile(path, text))
}

/** The fixture's own journey with some of its lines replaced. */
export function baseJourney(...replacements: readonly (readonly [string, string])[]): string {
  let text = fixtureFiles.get('base.yaml') ?? ''
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`the base journey has no ${JSON.stringify(from)}`)
    text = text.replace(from, () => to)
  }
  return text
}
