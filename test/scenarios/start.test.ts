import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const clickstream = join(process.env['SEGUE_DATA'] ?? resolve(root, '../shared/data'), 'rees46-2019-10-01-sample.csv')

let folder: string
const running = new Set<ChildProcess>()
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segue-start-'))
})
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  stdout(): string
  stderr(): string
}

/** `npm start -- …` without npm: what the script runs, in a folder of its own for the state. */
function start(...parameters: string[]): Started {
  const child = spawn(process.execPath, [join(root, 'src/cli/segue.mjs'), 'dev', ...parameters], { cwd: folder })
  running.add(child)
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (said.stdout += chunk.toString('utf8')))
  child.stderr.on('data', (chunk: Buffer) => (said.stderr += chunk.toString('utf8')))
  const ended = once(child, 'exit').then(([code]) => {
    running.delete(child)
    return code as number | null
  })
  return { child, ended, stdout: () => said.stdout, stderr: () => said.stderr }
}

interface Result {
  readonly ok: boolean
  readonly journeys: Readonly<
    Record<string, { entered: number; sent: { email: number; sms: number }; finished: number; converted: number }>
  >
  readonly handoffs: { readonly total: number; readonly distinct: number }
  readonly failures: readonly string[]
}

/** Stdout must be one JSON object and nothing else, stderr must hold no stack trace. */
function resultOf(started: Started): Result {
  expect(started.stderr()).not.toMatch(/^\s+at .+:\d+:\d+\)?$/m)
  expect(started.stdout().trimEnd().split('\n')).toHaveLength(1)
  return JSON.parse(started.stdout()) as Result
}

function sentIn({ journeys }: Result): number {
  return Object.values(journeys).reduce((sum, { sent }) => sum + sent.email + sent.sms, 0)
}

describe('npm start', { timeout: 600_000 }, () => {
  it('--once --json walks the shipped sample through every journey and finds every expectation true', async () => {
    const started = start('--once', '--json')
    const code = await started.ended
    const result = resultOf(started)
    expect(result.failures).toEqual([])
    expect({ code, ok: result.ok }).toEqual({ code: 0, ok: true })
    expect(Object.keys(result.journeys)).toEqual(expect.arrayContaining(['cart-recovery', 'welcome']))
    for (const { entered, finished } of Object.values(result.journeys)) {
      expect(entered).toBeGreaterThan(0)
      expect(finished).toBe(entered)
    }
    expect(result.handoffs.total).toBe(result.handoffs.distinct)
    expect(result.handoffs.total).toBe(sentIn(result))
    expect(existsSync(join(folder, '.segue', `once-${started.child.pid}`))).toBe(false)
  })

  it.runIf(existsSync(clickstream))(
    '--data walks a real clickstream through the same path (needs SEGUE_DATA)',
    async () => {
      const started = start('--once', '--json', '--data', clickstream)
      expect(await started.ended).toBe(0)
      const result = resultOf(started)
      expect(result.failures).toEqual([])
      expect(result.journeys['cart-recovery']?.entered).toBeGreaterThan(20)
      expect(result.handoffs.total).toBe(sentIn(result))
    },
  )

  it('goes on from where it was killed, loses nobody, and stops at Ctrl-C', async () => {
    const first = start()
    await expect.poll(first.stderr, { timeout: 120_000, interval: 200 }).toMatch(/sent [1-9]\d* email/)
    first.child.kill('SIGKILL')
    await first.ended
    const second = start()
    await expect.poll(second.stderr, { timeout: 300_000, interval: 500 }).toContain('Where to look')
    expect(second.stderr()).not.toContain('do not hold')
    second.child.kill('SIGINT')
    expect(await second.ended).toBe(0)
    expect(second.stderr()).toContain('the next start goes on from here')
  })

  it('names a file that is no clickstream, and one that is not there, in a sentence', async () => {
    for (const file of [join(root, 'package.json'), join(folder, 'nothing.csv')]) {
      const started = start('--once', '--data', file)
      expect(await started.ended).not.toBe(0)
      expect(started.stderr()).toContain('segue: ')
      expect(started.stderr()).not.toMatch(/^\s+at /m)
      expect(started.stdout()).toBe('')
    }
  })
})
