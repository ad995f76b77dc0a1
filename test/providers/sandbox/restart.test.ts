import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startStage } from './stage.ts'
import type { Stage } from './stage.ts'

const from = '+12025550100'
const to = '+12025550123'

let folder: string
let logFile: string
const open: Stage[] = []

const start = async (slow = false): Promise<Stage> => {
  // At this pace nothing that is due in virtual time happens while the test runs.
  const delays = slow ? { sent: 1e9, delivered: 2e9, processed: 1e9 } : {}
  const stage = await startStage({ logFile, delays })
  open.push(stage)
  return stage
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-log-'))
  logFile = join(folder, 'hand-offs.jsonl')
})
afterEach(async () => {
  for (const stage of open.splice(0)) await stage.close()
  rmSync(folder, { recursive: true })
})

describe('a restarted sandbox with a log file', () => {
  it('still knows every hand-off, and serves it to the SDK', async () => {
    const before = await start(true)
    const { sid } = await before.twilio.messages.create({ to, from, body: 'Hello' })
    await before.sandbox.close()
    const after = await start(true)
    expect(after.sandbox.log()).toEqual(before.sandbox.log())
    expect((await after.twilio.messages(sid).fetch()).body).toBe('Hello')
  })

  it('carries on the deliveries that had begun, and reports each state once', async () => {
    const before = await start(true)
    await before.twilio.messages.create({ to, from, body: 'Hello', statusCallback: `${before.receiver.url}/status` })
    await before.sandbox.close()
    const after = await start()
    const received = await before.receiver.until((all) => all.length === 2)
    expect(received.map(({ form }) => form['MessageStatus'])).toEqual(['sent', 'delivered'])
    await after.sandbox.close()
    await start()
    expect(before.receiver.received).toHaveLength(2)
  })

  it('still refuses a number that said STOP', async () => {
    const before = await start()
    await before.control('POST', '/sandbox/reply', { from: to, to: from, body: 'STOP' })
    await before.sandbox.close()
    const after = await start()
    await expect(after.twilio.messages.create({ to, from, body: 'x' })).rejects.toMatchObject({ code: 21610 })
  })

  it('passes over a line that a killed process left unfinished', async () => {
    const before = await start(true)
    await before.twilio.messages.create({ to, from, body: 'Hello' })
    await before.sandbox.close()
    appendFileSync(logFile, '{"kind":"accepted","handOff":{"id":"SM')
    const after = await start(true)
    expect(after.sandbox.log()).toHaveLength(1)
    await after.twilio.messages.create({ to, from, body: 'Hello again' })
    await after.sandbox.close()
    expect((await start(true)).sandbox.log()).toHaveLength(2)
  })
})
