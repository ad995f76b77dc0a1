import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import type { Sandbox } from '../../src/providers/sandbox/sandbox.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { Scene } from '../gate/scene.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { ACCOUNT_SID, API_KEY, AUTH_TOKEN, startSandbox } from '../providers/sandbox-server.ts'
import { liveThrough, type Lived, QUAGGA } from '../rights/person.ts'
import { productionEnvironment, segue } from './command-line.ts'

let postgres: TestPostgres
let database: Database
let sandbox: Sandbox
let env: Record<string, string> = {}
let lived: Lived
let folder = ''

beforeAll(async () => {
  postgres = await startPostgres()
  sandbox = await startSandbox()
  const url = await postgres.url()
  env = {
    ...productionEnvironment(url),
    SEGUE_ADDRESS_KEYS: '1:an old key of the tests,2:the key of today',
    SEGUE_ACTOR: 'ada',
    TWILIO_ACCOUNT_SID: ACCOUNT_SID,
    TWILIO_AUTH_TOKENS: AUTH_TOKEN,
    TWILIO_API_URL: sandbox.url,
    SENDGRID_API_KEY: API_KEY,
    SENDGRID_API_URL: sandbox.url,
  }
  database = await openPostgres(url)
  lived = await liveThrough(database)
  folder = await mkdtemp(join(tmpdir(), 'segue-contact-'))
})
afterAll(async () => {
  await database.close()
  await sandbox.close()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

const run = (...args: string[]) => segue(args, { env, cwd: folder })

describe('segue contact', () => {
  it('shows one person, named in any way, without telling a bystander who it is', async () => {
    for (const args of [
      [QUAGGA.externalId],
      ['--id', lived.contact],
      ['--email', QUAGGA.email],
      ['--phone', '(212) 555-0177'],
    ]) {
      const { code, stdout } = await run('contact', 'show', ...args)
      expect(code).toBe(0)
      expect(stdout).toContain(`contact ${lived.contact}`)
      expect(stdout).toContain('z•••@example.com')
      expect(stdout).toContain('cart-reminders by email: granted')
      expect(stdout).not.toMatch(/Zebulon|zebulon/)
    }
    const full = await run('contact', 'show', QUAGGA.externalId, '--full', '--json')
    expect(JSON.parse(full.stdout)).toMatchObject({
      format: '1.0',
      traits: { first_name: 'Zebulon' },
      runs: [{ state: 'active' }],
    })
  })

  it('says what is wrong with a name without repeating it', async () => {
    for (const args of [
      [],
      ['a', '--email', 'b@example.com'],
      ['--email', 'nobody@example.com'],
      ['--id', 'no-uuid'],
    ]) {
      const { code, stderr } = await run('contact', 'show', ...args)
      expect(code).toBe(2)
      expect(stderr).toMatch(/^segue contact show: /)
      expect(stderr).not.toContain('@')
    }
    const scene = new Scene(database)
    const two = [await scene.contact({ email: 'both@example.com' }), await scene.contact({ email: 'both@example.com' })]
    const shared = await run('contact', 'show', '--email', 'both@example.com')
    expect(shared.code).toBe(2)
    for (const id of two) expect(shared.stderr).toContain(id)
  })

  it('exports everything into a file that only its owner can read, and writes that down', async () => {
    const { code, stdout } = await run('contact', 'export', QUAGGA.externalId, '--out', 'bundle.json')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    const path = join(folder, 'bundle.json')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ format: '1.0', contact: lived.contact })
    const acts = await database.query(`select actor from audit where act = 'contact.export' and subject = $1`, [
      lived.contact,
    ])
    expect(acts).toEqual([{ actor: 'operator ada' }])
  })

  it('explains a message by its contact and by its send', async () => {
    const all = await run('explain', '--contact', QUAGGA.externalId, '--journey', 'cart-recovery')
    expect(all.code).toBe(0)
    expect(all.stdout).toContain('It was allowed to go; it is delivered now.')
    const one = await run('explain', '--send', lived.textSend, '--json')
    expect(JSON.parse(one.stdout)).toMatchObject({ format: '1.0', explanations: [{ messages: [{ step: 'second' }] }] })
    expect((await run('explain', '--send', lived.contact)).code).toBe(1)
    expect((await run('explain', '--send', lived.textSend, '--step', 'x')).code).toBe(2)
    expect((await run('explain')).code).toBe(2)
  })

  it('merges two people, and says why it does not', async () => {
    const scene = new Scene(database)
    const [from, into] = [await scene.contact(), await scene.contact()]
    const merged = await run('contact', 'merge', from, into, '--json')
    expect(JSON.parse(merged.stdout)).toMatchObject({ format: '1.0', kind: 'merged', from, contact: into })
    const again = await run('contact', 'merge', from, into)
    expect(again).toMatchObject({ code: 2, stderr: 'segue contact merge: both are the same person already\n' })
    expect((await run('contact', 'merge', 'nobody', into)).stderr).toContain('the first one')
  })

  it('says what it would erase, and erases only when told to, here and at the carriers', async () => {
    const would = await run('contact', 'erase', QUAGGA.externalId)
    expect(would.code).toBe(1)
    expect(would.stdout).toContain('nothing was changed')
    expect((await run('contact', 'show', QUAGGA.externalId)).code).toBe(0)
    const { code, stdout, stderr } = await run('contact', 'erase', QUAGGA.externalId, '--yes', '--json')
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      contact: lived.contact,
      runsEnded: 1,
      carriers: { done: 4, open: 0, givenUp: 0 },
    })
    expect(sandbox.erasedRecipients()).toEqual([QUAGGA.email])
    expect((await run('contact', 'show', QUAGGA.externalId)).code).toBe(2)
    expect((await run('contact', 'show', '--id', lived.contact)).stdout).toContain('ERASED')
    expect((await run('contact', 'erase', '--id', lived.contact, '--yes')).code).toBe(0)
    expect((await run('contact', 'erase', '--id', lived.contact, '--wait', 'long')).code).toBe(2)
  })
})
