import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CommandIo } from '../../src/cli/command-io.ts'
import { runPreview } from '../../src/cli/preview.ts'
import { segue } from '../cli/command-line.ts'
import { accountSid, authToken, startStage, type Stage } from '../providers/sandbox/stage.ts'
import { openWorkspace, type EditableWorkspace } from './workspace.ts'

let workspace: EditableWorkspace
let stage: Stage
let env: Readonly<Record<string, string>>

beforeAll(async () => {
  workspace = await openWorkspace()
  stage = await startStage()
  const segueYaml = join(workspace.folder, 'segue.yaml')
  const contacts = 'test_contacts:\n  qa: { email: SEGUE_TEST_QA_EMAIL }\n'
  await writeFile(segueYaml, `${await readFile(segueYaml, 'utf8')}\n${contacts}`)
  env = {
    SEGUE_PUBLIC_URL: stage.receiver.url,
    TWILIO_ACCOUNT_SID: accountSid,
    TWILIO_AUTH_TOKENS: authToken,
    TWILIO_API_URL: stage.sandbox.url,
    SENDGRID_API_KEY: 'SG.key-of-the-tests',
    SENDGRID_API_URL: stage.sandbox.url,
    SEGUE_TEST_QA_EMAIL: 'qa@example.com',
  }
})
afterAll(async () => {
  await stage.close()
  await workspace.close()
})

const send = (...args: readonly string[]) => segue(['preview', 'send', ...args], { cwd: workspace.folder, env })

describe('segue preview send', () => {
  it('sends one message to a test contact and says who took it', async () => {
    const ran = await send('cart-recovery/first-email', '--to', 'qa', '--arm', 'personal')
    expect(ran).toEqual({ code: 0, stdout: 'cart-recovery/first-email: taken by sendgrid for qa\n', stderr: '' })
    expect(stage.sandbox.log().at(-1)).toMatchObject({
      to: 'qa@example.com',
      subject: '[Test] Maya, your basket is saved',
    })
  })

  it('prints the result as JSON, of a fallback as well', async () => {
    const ran = await send('cart-recovery/sms-code/fallback', '--to', 'qa', '--json')
    expect(JSON.parse(ran.stdout)).toMatchObject({
      format: '1.0',
      message: 'cart-recovery/sms-code/fallback',
      to: 'qa',
      kind: 'accepted',
    })
  })

  it('says what is missing for a text to somebody without a number', async () => {
    const ran = await send('welcome/hello-text', '--to', 'qa')
    expect([ran.code, ran.stdout]).toEqual([
      1,
      'welcome/hello-text: nothing was sent: the test contact "qa" has no phone in segue.yaml\n',
    ])
  })

  it.each([
    [['welcome/nothing', '--to', 'qa'], /there is no message welcome\/nothing/],
    [['welcome/hello', '--to', 'qa', '--fixture', 'nobody'], /there is no fixture "nobody"/],
    [['cart-recovery/first-email', '--to', 'qa', '--arm', 'loud'], /has no arm "loud"/],
    [['welcome/hello'], /--to <name>/],
  ])('refuses %j', async (args, why) => {
    const ran = await send(...args)
    expect([ran.code, ran.stdout]).toEqual([2, ''])
    expect(ran.stderr).toMatch(why)
  })

  it('refuses to send past a store that it cannot ask', async () => {
    const half = { ...env, SEGUE_DATABASE_URL: 'postgres://127.0.0.1:9/none' }
    const ran = await segue(['preview', 'send', 'welcome/hello', '--to', 'qa'], { cwd: workspace.folder, env: half })
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('SEGUE_ADDRESS_KEYS')])
    const down = { ...half, SEGUE_ADDRESS_KEYS: '1:an-address-key-for-tests' }
    const other = await segue(['preview', 'send', 'welcome/hello', '--to', 'qa'], { cwd: workspace.folder, env: down })
    expect([other.code, other.stdout]).toEqual([3, ''])
  })

  it('without a provider says which variables would configure one', async () => {
    const ran = await segue(['preview', 'send', 'welcome/hello', '--to', 'qa'], { cwd: workspace.folder })
    expect([ran.code, ran.stderr]).toEqual([2, expect.stringContaining('SENDGRID_API_KEY')])
  })
})

describe('segue preview', () => {
  const ioOf = (own: Readonly<Record<string, string>> = {}) => {
    const out: string[] = []
    const io: CommandIo = {
      stdout: (text) => void out.push(text),
      stderr: (text) => void out.push(text),
      cwd: workspace.folder,
      env: own,
      isTerminal: false,
    }
    return { io, out }
  }

  it('serves the pages until it is stopped, and prints its address and every message', async () => {
    const { io, out } = ioOf()
    let seen: { status: number; text: string } | undefined
    const code = await runPreview('welcome', { port: 0, open: false, json: true }, io, async () => {
      const { url, messages } = JSON.parse(out.join('')) as { url: string; messages: readonly string[] }
      expect(new URL(url).hostname).toBe('127.0.0.1')
      expect(messages).toContain('cart-recovery/sms-code/fallback')
      const answer = await fetch(url)
      seen = { status: answer.status, text: await answer.text() }
    })
    expect(code).toBe(0)
    expect(seen?.status).toBe(200)
    expect(seen?.text).toContain('sandbox inbox')
    expect(seen?.text).toContain('Welcome, Theo. Good to have you here')
  })

  it('refuses a journey that is not there, a port that is none, and a folder without a workspace', async () => {
    const never = async () => expect.unreachable()
    const options = { open: false, json: false }
    expect(await runPreview('nothing', options, ioOf().io, never)).toBe(2)
    expect(await runPreview(undefined, { ...options, port: 99_999 }, ioOf().io, never)).toBe(2)
    expect(await runPreview(undefined, options, { ...ioOf().io, cwd: '/' }, never)).toBe(2)
  })
})
