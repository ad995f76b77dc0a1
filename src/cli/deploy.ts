import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { compileWorkspace, type Compilation } from '../compiler/compile.ts'
import { readWorkspaceFiles } from '../compiler/workspace-files.ts'
import type { Database } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { renderText } from '../diagnostics/render-text.ts'
import { SourceText } from '../diagnostics/source-text.ts'
import { deploy, type Deployment, type Release } from '../rollout/deploy.ts'
import type { Settings } from '../settings.ts'
import { openPostgres } from '../store/postgres.ts'
import { EXIT, wantsColor, type CommandIo, type ExitCode } from './command-io.ts'
import { operator } from './operator-command.ts'
import { settingsOrComplaint, storeOrComplaint } from './server-process.ts'
import { findWorkspace } from './workspace-folder.ts'

const run = promisify(execFile)

/** `segue deploy [path]`: compiles a workspace and makes it live. Nothing changes unless all of it compiles. */
export async function runDeploy(path: string, io: CommandIo): Promise<ExitCode> {
  const settings = settingsOrComplaint(io)
  if (settings === undefined) return EXIT.usage
  const search = await findWorkspace(io.cwd, path)
  if (search.kind === 'missing') {
    io.stderr(`segue deploy: ${search.message}\n`)
    return EXIT.usage
  }
  const { folder } = search.workspace
  const compilation = await compileFolder(folder, io)
  if (compilation === undefined) return EXIT.findings
  const database = await openPostgres(settings.databaseUrl)
  try {
    if (!(await storeOrComplaint(database, io))) return EXIT.infrastructure
    const { journeys } = await deployCompiled(database, folder, compilation, Date.now(), {
      ...settings,
      actor: operator(io),
    })
    for (const { id, version, changed } of journeys) {
      const state = version === null ? 'retired' : changed ? `now ${version.slice(0, 12)}` : 'unchanged'
      io.stdout(`${id}: ${state}\n`)
    }
    return EXIT.clean
  } finally {
    await database.close()
  }
}

/** A workspace that compiles, with its shared part. */
export type SoundCompilation = Compilation & { readonly workspace: CompiledWorkspace }

/** Compiles a folder, or prints what is wrong with it. */
export async function compileFolder(folder: string, io: CommandIo): Promise<SoundCompilation | undefined> {
  const files = await readWorkspaceFiles(folder)
  const compilation = await compileWorkspace(files)
  const errors = compilation.diagnostics.filter(({ severity }) => severity === 'error')
  const { workspace } = compilation
  if (errors.length === 0 && workspace !== undefined) return { ...compilation, workspace }
  const source = (file: string): SourceText | undefined => {
    const text = files.get(file)
    return text === undefined ? undefined : new SourceText(file, text)
  }
  io.stderr(renderText(errors, source, { color: wantsColor(io) }))
  return undefined
}

/** Who deploys what, where the environment says so: a container has the files, but no git. */
export type Origin = Pick<Settings, 'commit' | 'author'> & Pick<Release, 'actor'>

/** Makes a compiled folder live, with the commit and author that `origin` names, or else git. */
export async function deployCompiled(
  database: Database,
  folder: string,
  { workspace, journeys, contents }: SoundCompilation,
  now: number,
  origin: Origin = {},
): Promise<Deployment> {
  return await deploy(database, {
    workspace,
    journeys,
    contents: Object.fromEntries(contents),
    commit: origin.commit ?? (await git(folder, ['rev-parse', 'HEAD'], 'uncommitted')),
    author: origin.author ?? (await git(folder, ['log', '-1', '--format=%an'], 'unknown')),
    now,
    ...(origin.actor === undefined ? {} : { actor: origin.actor }),
  })
}

/** What git says about the folder; the fallback where there is no git, no repository or no commit. */
async function git(folder: string, command: readonly string[], fallback: string): Promise<string> {
  const answer = await run('git', ['-C', folder, ...command]).catch(() => undefined)
  const text = answer?.stdout.trim() ?? ''
  return text === '' ? fallback : text
}
