import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface BenchProcess {
  /** The line with which it said that it is ready. */
  readonly greeting: string
  stop(): Promise<void>
}

/** Starts a TypeScript file as a process of its own and waits until a line of its output holds `ready`. */
export async function startProcess(
  file: URL,
  options: {
    readonly ready: string
    readonly args?: readonly string[]
    readonly env?: Readonly<Record<string, string>>
  },
): Promise<BenchProcess> {
  const profile = process.env['BENCH_CPU_PROFILE']
  const child = spawn(
    process.execPath,
    [
      ...(profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-dir', profile]),
      ...['--import', 'tsx', fileURLToPath(file), ...(options.args ?? [])],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...options.env } },
  )
  // However this process ends, nothing that it started goes on.
  const end = (): void => void child.kill('SIGKILL')
  process.once('exit', end)
  child.once('exit', () => process.off('exit', end))
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGTERM')
    const force = setTimeout(() => child.kill('SIGKILL'), 40_000)
    await exited
    clearTimeout(force)
  }
  const greeting = await new Promise<string>((resolve, reject) => {
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said = (said + chunk.toString('utf8')).slice(-20_000)
      const line = said.split('\n').find((candidate) => candidate.includes(options.ready))
      if (line !== undefined) resolve(line)
    })
    child.once('exit', (code) => reject(new Error(`${fileURLToPath(file)} ended with ${String(code)}: ${said}`)))
  })
  return { greeting, stop }
}
