// Makes a fresh clone runnable, then runs what it was asked to: `node src/cli/bootstrap.mjs start|test [arguments]`.
// Plain JavaScript without packages, because it runs before anything is installed. Prints to stderr only: stdout belongs to
// what it starts.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const [, , command, ...rest] = process.argv
const say = (/** @type {string} */ line) => process.stderr.write(`segue: ${line}\n`)

requireNode()
install()
if (command === 'start') {
  build()
  run(process.execPath, ['--enable-source-maps', join(root, 'src', 'cli', 'segue.mjs'), 'dev', ...rest])
} else if (command === 'test') {
  build()
  run(process.execPath, [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...rest])
} else if (command === 'build') {
  build()
} else if (command !== undefined) {
  say(`unknown command ${command}; use start, test or build`)
  process.exitCode = 2
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 20 || (major === 20 && minor >= 19)) return
  say(`Node ${process.versions.node} is too old: install Node 20.19 or newer (https://nodejs.org)`)
  process.exit(3)
}

/** Installs when the lockfile is not the one that was last installed in full. A half-finished install is repeated. */
function install() {
  const marker = join(root, 'node_modules', '.segue-installed')
  const wanted = digest([join(root, 'package-lock.json')])
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return
  say('installing packages (once)')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const result = spawnSync(npm, ['ci', '--loglevel=error', '--ignore-scripts'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  })
  if (result.status !== 0) {
    say('npm ci failed (see above). Without network it cannot fetch packages; connect and start again.')
    process.exit(3)
  }
  writeFileSync(marker, wanted)
}

/** Compiles when a source is not the one that was last compiled. */
function build() {
  const marker = join(root, 'dist', '.segue-built')
  const sources = ['src', 'workers'].flatMap((folder) => files(join(root, folder)))
  const wanted = digest([
    join(root, 'package-lock.json'),
    join(root, 'tsconfig.json'),
    join(root, 'tsconfig.build.json'),
    ...sources,
  ])
  if (existsSync(marker) && readFileSync(marker, 'utf8') === wanted) return
  say('building')
  const bin = (/** @type {string[]} */ ...path) => join(root, 'node_modules', ...path)
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  mkdirSync(join(root, 'dist'), { recursive: true })
  step(bin('typescript', 'bin', 'tsc'), ['-p', 'tsconfig.build.json'])
  step(join(root, 'dist', 'workers', 'build-bundles.js'), [])
  writeFileSync(marker, wanted)
}

function step(/** @type {string} */ script, /** @type {string[]} */ parameters) {
  const result = spawnSync(process.execPath, [script, ...parameters], { cwd: root, stdio: ['ignore', 2, 2] })
  if (result.status === 0) return
  say('the build failed (see above)')
  process.exit(3)
}

function files(/** @type {string} */ folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .toSorted()
}

function digest(/** @type {string[]} */ paths) {
  const hash = createHash('sha256')
  for (const path of paths) hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0')
  return hash.digest('hex')
}

/** Replaces this process as well as Node can: same terminal, signals passed on, same exit code. */
function run(/** @type {string} */ file, /** @type {string[]} */ parameters) {
  const child = spawn(file, parameters, { cwd: process.cwd(), stdio: 'inherit' })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    // The terminal has already told the child of Ctrl-C; others are passed on.
    process.on(signal, () => signal === 'SIGINT' || child.kill(signal))
  }
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? (code ?? 3) : 128 + 2
  })
}
