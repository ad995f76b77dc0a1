import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accountSid, authToken, twilioClient } from './stage.ts'

const entry = fileURLToPath(new URL('../../../src/providers/sandbox/main.ts', import.meta.url))
const to = '+12025550123'
const from = '+12025550100'

let folder: string
const children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-process-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

const start = async () => {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', entry, '--log-file', join(folder, 'log.jsonl'), '--scale', '100'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken },
    },
  )
  children.push(child)
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { url } = JSON.parse(line) as { readonly url: string }
  const call = async (path: string, body?: object): Promise<unknown> => {
    const init =
      body === undefined
        ? {}
        : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    return await (await fetch(`${url}${path}`, init)).json()
  }
  return { child, client: twilioClient(url), call, died: once(child, 'exit') }
}

const send = async (client: ReturnType<typeof twilioClient>): Promise<unknown> =>
  await client.messages.create({ to, from, body: 'x' }).then(
    () => 'answered',
    () => 'no answer',
  )

describe('the sandbox as a process of its own', () => {
  it.each([
    ['before', 0],
    ['after', 1],
  ] as const)('kills itself %s it has accepted, and then knows %i hand-offs', async (crash, known) => {
    const first = await start()
    await first.call('/sandbox/rules', { crash })
    expect(await send(first.client)).toBe('no answer')
    expect(await first.died).toEqual([null, 'SIGKILL'])
    const second = await start()
    expect(await second.call('/sandbox/log/summary')).toMatchObject({ total: known })
    expect(await send(second.client)).toBe('answered')
  })

  it('ends when it is asked to', async () => {
    const { child, died } = await start()
    child.kill('SIGTERM')
    expect(await died).toEqual([0, null])
  })
})
