import { appendFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { program } from '../../src/cli/segue.ts'
import type { Database } from '../../src/core/database.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { productionEnvironment, segue } from '../cli/command-line.ts'
import { openSurface } from '../http/surface.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'

const WORKSPACE = fileURLToPath(new URL('../journeys/workspace', import.meta.url))
const ADA = '6f1c2a52-3c0e-4a39-9a55-1f6a2d1f7b10'
const BOB = '6f1c2a52-3c0e-4a39-9a55-1f6a2d1f7b11'

let postgres: TestPostgres
let database: Database
let env: Record<string, string> = {}
let folder = ''

beforeAll(async () => {
  postgres = await startPostgres()
  const url = await postgres.url()
  // The test send of a preview is on the trail before the call, so nobody has to answer it.
  const nobody = { SENDGRID_API_URL: 'http://127.0.0.1:9', SEGUE_TEST_QA_EMAIL: 'qa@example.com' }
  env = { ...productionEnvironment(url), ...nobody, SEGUE_ACTOR: 'ada' }
  database = await openPostgres(url)
  folder = await mkdtemp(join(tmpdir(), 'segue-acts-'))
  await writeFile(join(folder, 'addresses.txt'), 'kim@example.com\n')
})
afterAll(async () => {
  await database.close()
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
})

const acts = () => database.query<{ actor: string; act: string }>('select actor, act from audit order by id')

/** A call that changes something, in the order in which the calls are made, and the act that it leaves. */
interface Acting {
  readonly act: string
  readonly args: () => Promise<readonly string[]> | readonly string[]
}
const acting = (act: string, ...args: readonly string[]): Acting => ({ act, args: () => args })

/** Why a command leaves no row: it changes nothing, or what it changes has a record of its own. */
type Silent = 'reads' | 'a process, not an act' | 'the table migration is its record'

/** Every command there is. A new one fails this test until it is here. */
const COMMANDS: Readonly<Record<string, Acting | Silent>> = {
  check: 'reads',
  doctor: 'reads',
  fmt: 'reads',
  explain: 'reads',
  switches: 'reads',
  'codes status': 'reads',
  'consent audit': 'reads',
  'consent verify': 'reads',
  'keys list': 'reads',
  'replies inbound-url': 'reads',
  'replies list': 'reads',
  'suppression status': 'reads',
  api: 'a process, not an act',
  dev: 'a process, not an act',
  worker: 'a process, not an act',
  migrate: 'the table migration is its record',

  deploy: acting('workspace.deploy', 'deploy', WORKSPACE),
  pause: acting('switch.on', 'pause', 'channel:sms', '--because', 'a test'),
  resume: acting('switch.off', 'resume', 'channel:sms'),
  'codes load': {
    act: 'codes.load',
    args: async () => {
      await database.query(
        `update workspace set compiled = jsonb_set(compiled, '{pools,spring}', '{"kind":"file","file":"x"}')`,
      )
      await writeFile(join(folder, 'codes.csv'), 'A-1\n')
      return ['codes', 'load', 'spring', join(folder, 'codes.csv')]
    },
  },
  'preview send': {
    act: 'preview.send',
    args: async () => {
      const own = join(folder, 'journeys')
      await cp(WORKSPACE, own, { recursive: true })
      await appendFile(join(own, 'segue.yaml'), 'test_contacts:\n  qa: { email: SEGUE_TEST_QA_EMAIL }\n')
      return ['preview', 'send', 'base/reminder', '--to', 'qa']
    },
  },
  'keys create': acting('key.create', 'keys', 'create', '--scope', 'read', '--name', 'x'),
  'keys rotate': { act: 'key.rotate', args: async () => ['keys', 'rotate', await liveKey()] },
  'keys revoke': { act: 'key.revoke', args: async () => ['keys', 'revoke', await liveKey()] },
  'suppression add': acting('suppression.add', 'suppression', 'add', 'email', 'lin@example.com'),
  'suppression lift': acting(
    'suppression.lift',
    'suppression',
    'lift',
    'email',
    'lin@example.com',
    '--reason',
    'manual',
    '--because',
    'a test',
  ),
  'suppression import': {
    act: 'suppression.import',
    args: () => ['suppression', 'import', join(folder, 'addresses.txt'), '--channel', 'email', '--source', 'a test'],
  },
  'suppression export': acting('suppression.export', 'suppression', 'export', '--channel', 'email'),
  'suppression rotate': acting('suppression.rotate', 'suppression', 'rotate'),
  'consent import': {
    act: 'consent.import',
    args: async () => {
      await writeFile(join(folder, 'consents.jsonl'), '')
      const about = ['--purpose', 'newsletter', '--channel', 'email', '--source', 'a test']
      return ['consent', 'import', join(folder, 'consents.jsonl'), ...about]
    },
  },
  'consent proof': {
    act: 'consent.proof',
    args: async () => ['consent', 'proof', '--contact', await person(ADA, 'ada')],
  },
  'contact show': { act: 'contact.show', args: async () => ['contact', 'show', await person(ADA, 'ada'), '--full'] },
  'contact export': { act: 'contact.export', args: async () => ['contact', 'export', await person(ADA, 'ada')] },
  'contact merge': {
    act: 'contact.merge',
    args: async () => ['contact', 'merge', await person(BOB, 'bob'), await person(ADA, 'ada')],
  },
  'contact erase': { act: 'contact.erase', args: () => ['contact', 'erase', 'ada', '--yes', '--wait', '0'] },
  'replies close': {
    act: 'reply.close',
    args: async () => {
      const [row] = await database.query<{ id: number }>(
        `insert into inbound_message (provider, provider_id, meaning, body, received_at, state)
         values ('twilio', 'm-1', 'ambiguous', 'hm', 0, 'open') returning id`,
      )
      return ['replies', 'close', String(row?.id)]
    },
  },
}

async function liveKey(): Promise<string> {
  const [key] = await database.query<{ id: string }>(
    'select id from api_key where revoked_at is null and replaced_by is null limit 1',
  )
  return key?.id ?? 'none'
}

async function person(id: string, name: string): Promise<string> {
  await database.query(
    'insert into contact (id, external_id, created_at, updated_at) values ($1, $2, 0, 0) on conflict (id) do nothing',
    [id, name],
  )
  return name
}

/** Every command that does something itself, as it is called. */
function leaves(command: Command, path: readonly string[] = []): readonly string[] {
  return command.commands.length === 0
    ? [path.join(' ')]
    : command.commands.flatMap((sub) => leaves(sub, [...path, sub.name()]))
}

describe('the audit trail', () => {
  it('knows every command', () => {
    const silent = { stdout: () => undefined, stderr: () => undefined, cwd: '/', env: {}, isTerminal: false }
    expect(leaves(program(silent, () => undefined)).toSorted()).toEqual(Object.keys(COMMANDS).toSorted())
  })

  it('every command and every page that changes something writes one', async () => {
    for (const [name, command] of Object.entries(COMMANDS)) {
      if (typeof command === 'string') continue
      const before = (await acts()).length
      const ran = await segue(await command.args(), { env, cwd: folder })
      const added = (await acts()).slice(before)
      expect([name, ran.stderr, added[0]?.actor, added[0]?.act]).toEqual([
        name,
        ran.stderr,
        'operator ada',
        command.act,
      ])
    }
  })

  it('of pages: each form has a test of its own, and there are no others', async () => {
    const surface = await openSurface()
    const forms = surface.app.doors.filter(({ method, path }) => method === 'POST' && path.startsWith('/admin/'))
    expect(forms.map(({ path }) => path).toSorted()).toEqual([
      '/admin/keys',
      '/admin/login',
      '/admin/logout',
      '/admin/proof',
      '/admin/replies',
      '/admin/switches',
    ])
    await surface.app.close()
    await surface.shop.database.close()
  })
})
