import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Connection } from '@temporalio/client'
import { SEARCH_ATTRIBUTES } from '../../../workers/protocol.ts'

export interface TemporalServerOptions {
  /** Path of the Temporal CLI. */
  readonly cli: string
  readonly port: number
  /** Absent: no UI. */
  readonly uiPort?: number
  /** Absent: in memory. */
  readonly databaseFile?: string
}

export interface TemporalServer {
  readonly address: string
  readonly pid: number
  readonly uiUrl?: string
  /** Resolves with the reason if the server ends by itself. */
  readonly died: Promise<string>
  stop(): Promise<void>
}

/** Starts a real Temporal development server on loopback and waits until it answers. Throws with its own last words if it does not. */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const address = `127.0.0.1:${options.port}`
  const server = spawn(options.cli, serverArguments(options), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Not in our process group: Ctrl-C reaches us alone, and we stop the server last.
    detached: true,
  })
  // However this process ends, short of being killed itself, the server does not outlive it.
  const endWithUs = (): boolean => server.kill('SIGKILL')
  process.once('exit', endWithUs)
  server.once('exit', () => process.off('exit', endWithUs))
  const lastWords = keepLastWords(server)
  const died = once(server, 'exit').then(([code, signal]) => `ended with ${String(signal ?? code)}: ${lastWords()}`)
  try {
    await Promise.race([
      answering(address),
      died.then((reason) => {
        throw new Error(`the Temporal server did not start: it ${reason}`)
      }),
    ])
  } catch (error) {
    await stop(server)
    throw error
  }
  return {
    address,
    pid: server.pid ?? 0,
    ...(options.uiPort === undefined ? {} : { uiUrl: `http://127.0.0.1:${options.uiPort}` }),
    died,
    stop: () => stop(server),
  }
}

function serverArguments(options: TemporalServerOptions): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(options.port), '--log-level', 'error'],
    ...(options.uiPort === undefined
      ? ['--headless']
      : ['--ui-port', String(options.uiPort), '--ui-ip', '127.0.0.1', '--ui-disable-news-fetch']),
    ...(options.databaseFile === undefined ? [] : ['--db-filename', options.databaseFile]),
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ]
}

async function answering(address: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      const connection = await Connection.connect({ address, connectTimeout: 1_000 })
      try {
        await connection.workflowService.describeNamespace({ namespace: 'default' })
        return
      } finally {
        await connection.close()
      }
    } catch (error) {
      if (attempt >= 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exited = once(server, 'exit')
  server.kill('SIGTERM')
  const force = setTimeout(() => server.kill('SIGKILL'), 5_000)
  await exited
  clearTimeout(force)
}

function keepLastWords(server: ChildProcess): () => string {
  let text = ''
  const keep = (chunk: Buffer): void => {
    text = (text + chunk.toString('utf8')).slice(-2_000)
  }
  server.stdout?.on('data', keep)
  server.stderr?.on('data', keep)
  return () => text.trim().split('\n').slice(-3).join(' ')
}
