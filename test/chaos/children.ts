import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Doom, Word } from './doom.ts'

/** A process of the product under test. */
export interface Child {
  readonly pid: number
  /** Resolves when it has said that it is ready; rejects if it ends before. */
  readonly ready: Promise<void>
  /** Resolves with its last word about a place when it has ended, however it ended. */
  readonly ended: Promise<Extract<Word, { kind: 'doomed' }> | undefined>
  /** Resolves when it has said that it comes to its place (a frozen process does not end there). */
  readonly doomed: Promise<Extract<Word, { kind: 'doomed' }>>
  isAlive(): boolean
  go(): void
  kill(signal: NodeJS.Signals): void
}

export interface ChildOptions {
  /** `new URL('./file.ts', import.meta.url)` of its caller. */
  readonly file: URL
  readonly environment: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  readonly doom?: Doom
  /** Text of the line that means ready, where it is not a word of ours. */
  readonly ready?: string
  readonly onWord?: (word: Word) => void
  readonly onReadyLine?: (line: string) => void
}

const alive = new Set<ChildProcess>()
process.once('exit', killAll)

/** Ends whatever was started here, frozen or not. */
export function killAll(): void {
  for (const child of alive) child.kill('SIGKILL')
}

export function startChild(options: ChildOptions): Child {
  const { doom, onWord } = options
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(options.file), ...(options.args ?? [])], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: { ...process.env, ...options.environment, CHAOS_DOOM: JSON.stringify(doom ?? null) },
  })
  alive.add(child)
  child.once('exit', () => alive.delete(child))
  // A process that is dying may no longer take a message.
  child.on('error', () => undefined)
  let complaint = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString('utf8')).slice(-4_000)
  })
  let last: Extract<Word, { kind: 'doomed' }> | undefined
  let isReady = (): void => undefined
  let isDoomed = (_word: Extract<Word, { kind: 'doomed' }>): void => undefined
  const greeted = new Promise<void>((resolve) => {
    isReady = resolve
  })
  const doomed = new Promise<Extract<Word, { kind: 'doomed' }>>((resolve) => {
    isDoomed = resolve
  })
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (options.ready !== undefined && line.includes(options.ready)) {
        options.onReadyLine?.(line)
        isReady()
      }
      const word = wordIn(line)
      if (word === undefined) return
      onWord?.(word)
      if (word.kind === 'ready') isReady()
      if (word.kind !== 'doomed') return
      last = word
      isDoomed(word)
    })
  }
  const closed = once(child, 'close')
  void closed.then(() => {
    // Nobody killed it: what it says is news.
    if (child.signalCode === null && child.exitCode !== 0)
      process.stderr.write(
        `chaos: ${options.file.pathname.split('/').at(-1) ?? ''} ended by itself: ${errorLine(complaint)}\n`,
      )
  })
  const ready = Promise.race([
    greeted,
    closed.then(() => {
      // Killed at a place that lies before its greeting is no complaint.
      if (last === undefined && child.signalCode === null)
        throw new Error(`${options.file.pathname.split('/').at(-1) ?? ''} ended early: ${complaint}`)
    }),
  ])
  ready.catch(() => undefined)
  return {
    pid: child.pid ?? 0,
    ready,
    doomed,
    ended: closed.then(() => last),
    isAlive: () => child.exitCode === null && child.signalCode === null,
    go: () => void child.send('go', () => undefined),
    kill: (signal) => void child.kill(signal),
  }
}

/** The line that names the error, of all that Node prints. */
function errorLine(complaint: string): string {
  const lines = complaint.split('\n').filter((line) => line.trim() !== '')
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? 'nothing said'
}

function wordIn(line: string): Word | undefined {
  if (!line.startsWith('{"kind":')) return undefined
  try {
    return JSON.parse(line) as Word
  } catch {
    return undefined
  }
}

/** The child's end, or undefined if it is still there after so long. */
export async function endedWithin(child: Child, ms: number): Promise<'ended' | undefined> {
  const controller = new AbortController()
  const timeout = sleep(ms, undefined, { signal: controller.signal }).catch(() => undefined)
  const result = await Promise.race([child.ended.then(() => 'ended' as const), timeout])
  controller.abort()
  return result
}
