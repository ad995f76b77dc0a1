import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Another `npm start` holds this folder; its message says which process. */
export class AlreadyRunning extends Error {
  override readonly name = 'AlreadyRunning'
}

/** Where one development stack keeps what must survive a restart: store, Temporal's database, the sandbox's log, the clock. */
export interface StateDirectory {
  readonly store: string
  readonly temporalDatabase: string
  readonly sandboxLog: string
  readonly clock: string
  readonly secrets: string
  /** Remembers a child process, so that the next start can end it if this one is killed. */
  remember(pid: number): void
  /** Gives the folder back; with `remove`, deletes it. */
  release(options: { readonly remove: boolean }): void
}

/**
 * Takes a folder for this process. A folder left by a killed process is taken over, and the Temporal server that it left
 * behind is ended first, because two servers on one database file would corrupt it.
 */
export function takeStateDirectory(folder: string): StateDirectory {
  mkdirSync(folder, { recursive: true })
  const lock = join(folder, 'lock')
  claim(lock, folder)
  const childFile = join(folder, 'temporal.pid')
  endLeftover(childFile)
  return {
    store: join(folder, 'store'),
    temporalDatabase: join(folder, 'temporal.db'),
    sandboxLog: join(folder, 'sandbox.jsonl'),
    clock: join(folder, 'clock.json'),
    secrets: join(folder, 'secrets.json'),
    remember: (pid) => writeFileSync(childFile, String(pid)),
    release({ remove }) {
      rmSync(childFile, { force: true })
      rmSync(lock, { force: true })
      if (remove) rmSync(folder, { recursive: true, force: true })
    },
  }
}

function claim(lock: string, folder: string): void {
  for (;;) {
    try {
      const file = openSync(lock, 'wx')
      writeSync(file, String(process.pid))
      closeSync(file)
      return
    } catch {
      const holder = Number(readFileSync(lock, 'utf8'))
      if (isAlive(holder) && holder !== process.pid) {
        throw new AlreadyRunning(
          `Segue already runs here as process ${holder} (${folder}). Stop it, or choose another folder with --state.`,
        )
      }
      rmSync(lock, { force: true })
    }
  }
}

function endLeftover(childFile: string): void {
  if (!existsSync(childFile)) return
  const pid = Number(readFileSync(childFile, 'utf8'))
  // The number may have been given to another program since: only a Temporal server is ended.
  if (isAlive(pid) && commandOf(pid).includes('start-dev')) process.kill(pid, 'SIGKILL')
  rmSync(childFile, { force: true })
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function commandOf(pid: number): string {
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return ''
  }
}
