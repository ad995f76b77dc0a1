import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AlreadyRunning, takeStateDirectory } from '../../../src/cli/dev/state-directory.ts'

let folder: string
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'segue-state-')), 'dev')
})
afterEach(async () => rm(join(folder, '..'), { recursive: true, force: true }))

/** The id of a process that has ended. */
async function endedProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''])
  await new Promise((resolve) => child.once('exit', resolve))
  return child.pid ?? 0
}

describe('the state folder of a development stack', () => {
  it('belongs to one living process, which is named to the other', () => {
    takeStateDirectory(folder)
    writeFileSync(join(folder, 'lock'), String(process.ppid))
    expect(() => takeStateDirectory(folder)).toThrow(AlreadyRunning)
    expect(() => takeStateDirectory(folder)).toThrow(String(process.ppid))
  })

  it('is taken over from a process that was killed', async () => {
    takeStateDirectory(folder)
    writeFileSync(join(folder, 'lock'), String(await endedProcess()))
    expect(() => takeStateDirectory(folder)).not.toThrow()
  })

  it('is taken over when the lock is half-written', () => {
    takeStateDirectory(folder)
    writeFileSync(join(folder, 'lock'), '')
    expect(() => takeStateDirectory(folder)).not.toThrow()
  })

  it('never ends a process that only has the number of a server left behind', () => {
    takeStateDirectory(folder).release({ remove: false })
    const innocent = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'])
    try {
      writeFileSync(join(folder, 'temporal.pid'), String(innocent.pid))
      takeStateDirectory(folder)
      expect(innocent.killed || innocent.exitCode !== null || innocent.signalCode !== null).toBe(false)
      expect(() => process.kill(innocent.pid ?? 0, 0)).not.toThrow()
    } finally {
      innocent.kill('SIGKILL')
    }
  })

  it('is removed with everything in it, or kept for the next start', () => {
    const kept = takeStateDirectory(folder)
    writeFileSync(kept.clock, '{}')
    kept.release({ remove: false })
    expect(existsSync(kept.clock)).toBe(true)
    takeStateDirectory(folder).release({ remove: true })
    expect(existsSync(folder)).toBe(false)
  })
})
