import { chmod, rename, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, sep } from 'node:path'
import { roleOf } from '../compiler/bind/workspace-layout.ts'
import { formatSource } from '../compiler/format/format.ts'
import { readWorkspaceFiles } from '../compiler/workspace-files.ts'
import { compareDiagnostics, type Diagnostic } from '../diagnostics/diagnostic.ts'
import { renderText } from '../diagnostics/render-text.ts'
import { SourceText } from '../diagnostics/source-text.ts'
import { EXIT, wantsColor, type CommandIo, type ExitCode } from './command-io.ts'
import { findWorkspace, isPartOf } from './workspace-folder.ts'

export interface FmtOptions {
  /** Say which files are not in canonical form; write nothing. */
  readonly check: boolean
  readonly json: boolean
}

/** What became of a file, in the words of `--json`. */
type FileState = 'unchanged' | 'formatted' | 'would_change' | 'unreadable' | 'unsafe'

interface FileReport {
  readonly file: string
  readonly state: FileState
}

/**
 * `segue fmt`: brings YAML files of workspaces into their canonical form. A file that does not parse is left as it is and
 * reported, and every other one is written whole or not at all.
 */
export async function fmt(paths: readonly string[], options: FmtOptions, io: CommandIo): Promise<ExitCode> {
  const parts = new Map<string, string[]>()
  for (const path of paths.length === 0 ? ['.'] : paths) {
    const search = await findWorkspace(io.cwd, path)
    if (search.kind === 'missing') {
      io.stderr(`segue fmt: ${search.message}\n`)
      return EXIT.usage
    }
    const { folder, part } = search.workspace
    parts.set(folder, [...(parts.get(folder) ?? []), part])
  }
  const reports: FileReport[] = []
  const sources = new Map<string, SourceText>()
  const diagnostics: Diagnostic[] = []
  for (const [folder, wanted] of parts) {
    for (const [path, text] of await readWorkspaceFiles(folder)) {
      const role = roleOf(path)
      if (role.kind !== 'yaml' || !wanted.some((part) => isPartOf(path, part))) continue
      const file = relative(io.cwd, join(folder, path)).split(sep).join('/')
      const source = new SourceText(file, text)
      sources.set(file, source)
      const result = formatSource(role.shape, source)
      if (result.kind === 'unreadable') diagnostics.push(...result.diagnostics)
      if (result.kind !== 'formatted') reports.push({ file, state: result.kind })
      else if (result.text === text) reports.push({ file, state: 'unchanged' })
      else {
        if (!options.check) await replaceFile(join(folder, path), result.text)
        reports.push({ file, state: options.check ? 'would_change' : 'formatted' })
      }
    }
  }
  reports.sort((a, b) => (a.file < b.file ? -1 : 1))
  diagnostics.sort(compareDiagnostics)
  if (options.json) io.stdout(`${JSON.stringify({ format: '1.0', files: reports, diagnostics }, null, 2)}\n`)
  else io.stdout(sentences(reports) + renderText(diagnostics, (file) => sources.get(file), { color: wantsColor(io) }))
  const isWell = reports.every(({ state }) => state === 'unchanged' || state === 'formatted')
  return isWell ? EXIT.clean : EXIT.findings
}

function sentences(reports: readonly FileReport[]): string {
  const lines = reports.flatMap(({ file, state }) => {
    switch (state) {
      case 'unchanged':
        return []
      case 'formatted':
        return [`formatted ${file}`]
      case 'would_change':
        return [`${file} is not formatted`]
      case 'unreadable':
        return [`${file} is left as it is: it has errors of syntax`]
      case 'unsafe':
        return [`${file} is left as it is: its canonical form would not mean the same; please report this file`]
      default:
        return state satisfies never
    }
  })
  const clean = reports.filter(({ state }) => state === 'unchanged').length
  if (lines.length === 0) return `${clean} ${clean === 1 ? 'file' : 'files'}, nothing to format\n`
  return `${lines.join('\n')}\n`
}

/** Writes beside the file and then takes its place: whoever is interrupted finds the old file or the new one, never half of one. */
async function replaceFile(path: string, text: string): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.fmt`)
  const { mode } = await stat(path)
  await writeFile(beside, text)
  await chmod(beside, mode)
  await rename(beside, path)
}
