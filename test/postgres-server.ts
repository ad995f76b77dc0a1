import { type ChildProcess, execFile, spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'
import { type Identity, postgresBinaries, serverIdentity } from './postgres-binaries.ts'

/** A running server of our own: loopback, a random port, trust, no fsync. */
export interface PostgresServer {
  readonly port: number
  readonly pid: number
  url(database: string): string
  /** `crash` kills it as a power cut would (its folder stays, `start` again works); `stop` ends it and removes its folder. */
  crash(): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}

/** All servers of all test runs live in folders under here, each named for the process that it belongs to. */
const ROOT = join(tmpdir(), `segue-test-postgres-${process.getuid?.() ?? 'user'}`)

/** The process at whose end the shared server ends: the test run, set by the global setup, or this process. */
export const OWNER_VARIABLE = 'SEGUE_TEST_POSTGRES_OWNER'

/**
 * The server that all test files of this run share; whoever asks first starts it and prepares it.
 * `release` does nothing in a test run, because the global teardown ends the server, and ends it anywhere else.
 */
export async function sharedServer(
  prepare: (server: PostgresServer) => Promise<void>,
): Promise<{ url(database: string): string; release(): Promise<void> }> {
  const owner = Number(process.env[OWNER_VARIABLE] ?? process.pid)
  const folder = ownerFolder(owner)
  const ready = join(folder, 'ready')
  mkdirSync(ROOT, { recursive: true })
  for (;;) {
    if (existsSync(ready)) break
    try {
      mkdirSync(folder)
    } catch {
      await sleep(50)
      continue
    }
    sweep()
    try {
      const server = await startServer(folder)
      await prepare(server)
      writeFileSync(ready, String(server.port))
    } catch (error) {
      endOwned(owner)
      throw error
    }
  }
  const port = Number(readFileSync(ready, 'utf8'))
  return {
    url: (database) => urlOf(port, database),
    release: async () => (owner === process.pid ? endOwned(owner) : undefined),
  }
}

/** Kills the owner's server, if it has one, and removes its folder. */
export function endOwned(owner: number): void {
  const folder = ownerFolder(owner)
  killServerIn(join(folder, 'data'))
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** Ends what an earlier run left behind because it was killed: servers whose owner is gone. */
function sweep(): void {
  for (const name of readdirSync(ROOT)) {
    const owner = Number(name.split('-')[1])
    if (Number.isInteger(owner) && !isAlive(owner)) endOwned(owner)
  }
}

const ownerFolder = (owner: number): string => join(ROOT, `owner-${owner}`)

function killServerIn(data: string): void {
  try {
    const [pid, folder] = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
    // The pid file names its folder too; a pid that the system has given to somebody else since then is not ours to kill.
    if (folder === data && isPostgres(Number(pid))) process.kill(Number(pid), 'SIGQUIT')
  } catch {
    // No pid file, or the process is gone already.
  }
}

function isPostgres(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('postgres')
  } catch {
    return existsSync('/proc/self') === false
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** A server of the caller's own, which must stop it: for tests that crash and restart it. */
export async function startServer(folder?: string): Promise<PostgresServer> {
  const binaries = postgresBinaries()
  const identity = serverIdentity()
  if (folder === undefined) mkdirSync(ROOT, { recursive: true })
  const home = folder ?? mkdtempSync(join(ROOT, `owner-${process.pid}-`))
  const data = join(home, 'data')
  mkdirSync(data)
  chmodSync(ROOT, 0o755)
  chmodSync(home, 0o755)
  if (identity !== undefined) chownSync(data, identity.uid, identity.gid)
  const init = ['-D', data, '-U', 'segue', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync']
  await promisify(execFile)(join(binaries, 'initdb'), init, {
    ...identity,
    cwd: data,
    env: { PATH: process.env['PATH'] ?? '' },
  })
  const port = await freePort()
  let child = await launch(binaries, data, port, identity)
  return {
    port,
    get pid() {
      return child.pid ?? 0
    },
    url: (database) => urlOf(port, database),
    async crash() {
      child.kill('SIGQUIT')
      await ended(child)
    },
    async restart() {
      child = await launch(binaries, data, port, identity)
    },
    async stop() {
      child.kill('SIGQUIT')
      await ended(child)
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

async function launch(
  binaries: string,
  data: string,
  port: number,
  identity: Identity | undefined,
): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    fsync: 'off',
    synchronous_commit: 'on',
    full_page_writes: 'off',
    deadlock_timeout: '200ms',
    shared_buffers: '64MB',
    dynamic_shared_memory_type: 'mmap',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(join(binaries, 'postgres'), ['-D', data, '-p', String(port), ...options], {
    ...identity,
    cwd: data,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: 'ignore',
    // Its own process group, so that it outlives the test file that happened to start it.
    detached: true,
  })
  child.unref()
  for (let left = 600; left > 0; left--) {
    if (child.exitCode !== null) break
    if (await answers(port)) return child
    await sleep(25)
  }
  throw new Error('the test PostgreSQL server did not start')
}

async function answers(port: number): Promise<boolean> {
  const client = new pg.Client({ connectionString: urlOf(port, 'postgres'), connectionTimeoutMillis: 2_000 })
  client.on('error', () => undefined)
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    return false
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  await new Promise<void>((resolve) => child.once('exit', () => resolve()))
}

function urlOf(port: number, database: string): string {
  return `postgres://segue@127.0.0.1:${port}/${database}`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
