import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import Table from 'cli-table3'
import { recordAct } from '../administration/audit-trail.ts'
import type { CodePool } from '../core/workspace.ts'
import { deployedPools, loadCodes, poolStock } from '../gate/code-pool.ts'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { withStore } from './operator-command.ts'

/** Bad lines that are named; the rest are counted. */
const NAMED_LINES = 20
/** Far beyond any code: what is kept of a line that never ends, such as that of a picture. */
const MAX_LINE = 4_096

/** `segue codes load <pool> <file>`: puts a shop's codes into a pool. Running it again, or on a longer file, is harmless. */
export async function runCodesLoad(pool: string, file: string, io: CommandIo): Promise<ExitCode> {
  return withStore(io, async ({ database, actor, now }) => {
    const complaint = whyNotLoadable(pool, await deployedPools(database))
    if (complaint !== undefined) {
      io.stderr(`segue codes load: ${complaint}\n`)
      return EXIT.usage
    }
    const said = (count: number): string => count.toLocaleString('en-US')
    let named = 0
    const onBad = (line: number, reason: string): void => {
      if (named++ < NAMED_LINES) io.stderr(`${file}:${line}: ${reason}\n`)
    }
    let load
    try {
      load = await loadCodes(database, pool, linesOf(resolve(io.cwd, file)), onBad)
    } catch (error) {
      const problem = fileProblem(error, file)
      if (problem === undefined) throw error
      io.stderr(`segue codes load: ${problem}\n`)
      return EXIT.usage
    }
    // A load goes batch by batch and may be repeated, so its row comes at its end.
    await recordAct(database, { actor, act: 'codes.load', subject: pool, detail: { ...load }, at: now })
    if (named > NAMED_LINES) io.stderr(`and ${said(named - NAMED_LINES)} more\n`)
    io.stdout(`${pool}: ${said(load.loaded)} loaded, ${said(load.known)} known already, ${said(load.bad)} not usable\n`)
    return load.bad === 0 ? EXIT.clean : EXIT.findings
  })
}

/** `segue codes status`: how many codes each pool has left. */
export async function runCodesStatus(options: { readonly json: boolean }, io: CommandIo): Promise<ExitCode> {
  return withStore(io, async ({ database }) => {
    const pools = await poolStock(database)
    if (options.json) {
      io.stdout(`${JSON.stringify({ format: '1.0', pools }, undefined, 2)}\n`)
      return EXIT.clean
    }
    const table = new Table({
      head: ['pool', 'kind', 'free', 'issued'],
      style: { head: [], border: [] },
      colAligns: ['left', 'left', 'right', 'right'],
    })
    for (const { pool, kind, free, issued } of pools) table.push([pool, kind, free ?? 'made when needed', issued])
    io.stdout(pools.length === 0 ? 'there are no code pools\n' : `${table.toString()}\n`)
    return EXIT.clean
  })
}

function whyNotLoadable(pool: string, pools: Readonly<Record<string, CodePool>> | undefined): string | undefined {
  if (pools === undefined) return 'nothing is deployed yet, so there are no code pools: run `segue deploy` first'
  const known = Object.hasOwn(pools, pool) ? pools[pool] : undefined
  if (known?.kind === 'file') return undefined
  const loadable = Object.keys(pools).filter((name) => pools[name]?.kind === 'file')
  const choice =
    loadable.length === 0
      ? 'the deployed workspace has no pool that takes codes from a file'
      : `pools that take codes from a file: ${loadable.toSorted().join(', ')}`
  return known === undefined
    ? `the deployed workspace has no code pool ${JSON.stringify(pool)}; ${choice}`
    : `the pool ${JSON.stringify(pool)} makes its codes itself; ${choice}`
}

/** The lines of a file, as it is read. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = `${rest}${String(chunk)}`.split('\n')
    rest = (lines.pop() ?? '').slice(0, MAX_LINE)
    yield* lines
  }
  yield rest
}

function fileProblem(error: unknown, file: string): string | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return undefined
  if (error.code === 'ENOENT') return `there is no file ${file}`
  if (error.code === 'EISDIR') return `${file} is a folder`
  return error.code === 'EACCES' ? `${file} may not be read` : undefined
}
