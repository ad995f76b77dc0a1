import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startDevClock } from '../../../src/cli/dev/dev-clock.ts'

const START = Date.parse('2026-11-10T14:00:00Z')
let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segue-clock-'))
  file = join(folder, 'clock.json')
})
afterEach(async () => rm(folder, { recursive: true, force: true }))

describe('the development clock', () => {
  it('begins where the sample begins and never goes back', () => {
    const clock = startDevClock({ file, scale: 2880, startsAt: START })
    const first = clock.now()
    expect(first).toBeGreaterThanOrEqual(START)
    expect(clock.now()).toBeGreaterThanOrEqual(first)
  })

  it('stands still while nothing runs: the next start goes on from where it was saved', () => {
    writeFileSync(file, JSON.stringify({ virtual: START + 5_000_000 }))
    const clock = startDevClock({ file, scale: 2880, startsAt: START })
    expect(clock.origin.virtual).toBe(START + 5_000_000)
    clock.save()
    expect(startDevClock({ file, scale: 2880, startsAt: START }).origin.virtual).toBeGreaterThanOrEqual(
      START + 5_000_000,
    )
  })

  it.each(['', '{', '{"virtual":"soon"}', 'null'])('begins anew when what was saved is damaged: %j', (saved) => {
    writeFileSync(file, saved)
    expect(startDevClock({ file, scale: 1, startsAt: START }).origin.virtual).toBe(START)
  })
})
