import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findTemporalCli, TemporalCliMissing } from '../../../src/cli/dev/temporal-cli.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segue-cli-'))
})
afterEach(async () => rm(folder, { recursive: true, force: true }))

/** A program that answers --version, or does not. */
async function program(path: string, exitCode = 0): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, `#!/bin/sh\nexit ${exitCode}\n`)
  await chmod(path, 0o755)
  return path
}

function search(environment: Record<string, string>, lines: string[] = []) {
  return { environment, cacheDirectory: join(folder, 'cache'), report: (line: string) => lines.push(line) }
}

describe('the search for the Temporal CLI', () => {
  it('takes the one that SEGUE_TEMPORAL_CLI names before any other', async () => {
    const chosen = await program(join(folder, 'chosen'))
    await program(join(folder, 'bin', 'temporal'))
    await expect(findTemporalCli(search({ SEGUE_TEMPORAL_CLI: chosen, PATH: join(folder, 'bin') }))).resolves.toBe(
      chosen,
    )
  })

  it('says so at once when SEGUE_TEMPORAL_CLI does not run, instead of silently taking another', async () => {
    const broken = await program(join(folder, 'broken'), 1)
    const found = findTemporalCli(search({ SEGUE_TEMPORAL_CLI: broken, PATH: '' }))
    await expect(found).rejects.toThrow(TemporalCliMissing)
    await expect(found).rejects.toThrow(/SEGUE_TEMPORAL_CLI names .*broken/)
  })

  it('takes the one on PATH before the cache', async () => {
    const onPath = await program(join(folder, 'bin', 'temporal'))
    await program(join(folder, 'cache', 'temporal-1.9.1'))
    await expect(findTemporalCli(search({ PATH: join(folder, 'bin') }))).resolves.toBe(onPath)
  })

  it('takes the cached one without a word about the places before it', async () => {
    const cached = await program(join(folder, 'cache', 'temporal-1.9.1'))
    const lines: string[] = []
    await expect(findTemporalCli(search({ PATH: join(folder, 'empty') }, lines))).resolves.toBe(cached)
    expect(lines).toEqual([])
  })
})
