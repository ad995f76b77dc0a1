import { join, relative, sep } from 'node:path'
import { compileWorkspace } from '../compiler/compile.ts'
import { readWorkspaceFiles } from '../compiler/workspace-files.ts'
import { compareDiagnostics, type Diagnostic } from '../diagnostics/diagnostic.ts'
import { renderJson } from '../diagnostics/render-json.ts'
import { renderText } from '../diagnostics/render-text.ts'
import { SourceText } from '../diagnostics/source-text.ts'
import { EXIT, wantsColor, type CommandIo, type ExitCode } from './command-io.ts'
import { findWorkspace, isPartOf } from './workspace-folder.ts'

export interface CheckOptions {
  readonly json: boolean
  /** Warnings count as findings too. */
  readonly strict: boolean
}

/** `segue check`: compiles workspaces and prints what is wrong. Offline; reads files only. */
export async function check(paths: readonly string[], options: CheckOptions, io: CommandIo): Promise<ExitCode> {
  const parts = new Map<string, string[]>()
  for (const path of paths.length === 0 ? ['.'] : paths) {
    const search = await findWorkspace(io.cwd, path)
    if (search.kind === 'missing') {
      io.stderr(`segue check: ${search.message}\n`)
      return EXIT.usage
    }
    const { folder, part } = search.workspace
    parts.set(folder, [...(parts.get(folder) ?? []), part])
  }
  const sources = new Map<string, SourceText>()
  const diagnostics: Diagnostic[] = []
  let journeys = 0
  for (const [folder, wanted] of parts) {
    const files = await readWorkspaceFiles(folder)
    const shown = (file: string): string => relative(io.cwd, join(folder, file)).split(sep).join('/')
    for (const [file, text] of files) sources.set(shown(file), new SourceText(shown(file), text))
    const compilation = await compileWorkspace(files)
    journeys += compilation.journeys.length
    const ours = compilation.diagnostics.filter(({ file }) => wanted.some((part) => isPartOf(file, part)))
    diagnostics.push(...ours.map((diagnostic) => relocate(diagnostic, shown)))
  }
  diagnostics.sort(compareDiagnostics)
  if (options.json) io.stdout(renderJson(diagnostics))
  else if (diagnostics.length > 0) {
    io.stdout(renderText(diagnostics, (file) => sources.get(file), { color: wantsColor(io) }))
  } else {
    io.stdout(`${journeys} ${journeys === 1 ? 'journey' : 'journeys'}, no findings\n`)
  }
  const counts = (diagnostic: Diagnostic): boolean =>
    diagnostic.severity === 'error' || (options.strict && diagnostic.severity === 'warning')
  return diagnostics.some(counts) ? EXIT.findings : EXIT.clean
}

/** Paths as the reader would type them, from where the command was called. */
function relocate(diagnostic: Diagnostic, shown: (file: string) => string): Diagnostic {
  const related = diagnostic.related.map((one) => ({ ...one, file: shown(one.file) }))
  return { ...diagnostic, file: shown(diagnostic.file), related }
}
