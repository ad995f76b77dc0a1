import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { productionEnvironment, segue } from './command-line.ts'

let postgres: TestPostgres
let database: Database
let env: Record<string, string> = {}

beforeAll(async () => {
  postgres = await startPostgres()
  const url = await postgres.url()
  env = { ...productionEnvironment(url), SEGUE_ACTOR: 'ada' }
  database = await openPostgres(url)
})
afterAll(async () => {
  await database.close()
  await postgres.stop()
})

const audit = () => database.query('select actor, act, subject, detail from audit order by id')

interface Made {
  readonly id: string
  readonly key: string
  readonly expiresAt: number | null
}

describe('segue keys', () => {
  it('makes a key, shows it alone and once, lists it without it, rotates and revokes it, and each is on the audit trail', async () => {
    const created = await segue(['keys', 'create', '--scope', 'server', '--name', 'checkout', '--json'], { env })
    expect(created.code).toBe(0)
    const made = JSON.parse(created.stdout) as Made
    expect(made).toMatchObject({ format: '1.0', scope: 'server', name: 'checkout', expiresAt: null })
    expect(made.key).toMatch(new RegExp(`^segue_server_${made.id}_[\\w-]{43}$`))

    const listed = await segue(['keys', 'list', '--json'], { env })
    expect(listed.stdout).not.toContain(made.key.slice(-43))
    expect(JSON.parse(listed.stdout)).toMatchObject({
      format: '1.0',
      keys: [{ id: made.id, state: 'live', createdBy: 'operator ada', lastUsedAt: null }],
    })

    const rotated = await segue(['keys', 'rotate', made.id, '--grace', '1h', '--json'], { env })
    const next = JSON.parse(rotated.stdout) as Made & { readonly oldUntil: number }
    expect(next).toMatchObject({ replaces: made.id })
    expect(next.oldUntil).toBeLessThanOrEqual(Date.now() + 3_600_000)
    expect((await segue(['keys', 'rotate', made.id], { env })).stderr).toContain('another key has taken its place')

    expect(await segue(['keys', 'revoke', next.id], { env })).toMatchObject({ code: 0 })
    expect(await segue(['keys', 'revoke', next.id], { env })).toMatchObject({ code: 2 })
    expect((await segue(['keys', 'rotate', next.id], { env })).stderr).toContain('has expired or was revoked')

    expect(await audit()).toEqual([
      {
        actor: 'operator ada',
        act: 'key.create',
        subject: made.id,
        detail: { scope: 'server', name: 'checkout', expiresAt: null },
      },
      {
        actor: 'operator ada',
        act: 'key.rotate',
        subject: made.id,
        detail: { by: next.id, oldUntil: next.oldUntil },
      },
      { actor: 'operator ada', act: 'key.revoke', subject: next.id, detail: {} },
    ])
    expect(JSON.stringify(await audit())).not.toContain(next.key.slice(-43))
  })

  it('prints the key alone on stdout, so that it can be piped into a secret store', async () => {
    const { code, stdout, stderr } = await segue(
      ['keys', 'create', '--scope', 'write', '--name', 'shop', '--expires', '90d'],
      { env },
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/^segue_write_[0-9a-f]{16}_[\w-]{43}\n$/)
    expect(stderr).toContain('cannot be shown again')
    const table = await segue(['keys', 'list'], { env })
    expect(table.stdout).toMatch(/write +│ shop +│ live/)
  })

  it.each([
    [['keys', 'create', '--scope', 'root', '--name', 'x'], 'write, read, server, admin'],
    [['keys', 'create', '--scope', 'read', '--name', ' '], '--name has 1 to 100 characters'],
    [['keys', 'create', '--scope', 'read', '--name', 'x', '--expires', 'soon'], '--expires is a duration such as 90d'],
    [['keys', 'rotate', 'nobody', '--grace', 'long'], '--grace is a duration such as 7d'],
    [['keys', 'rotate', 'nobody'], 'there is no key with this id'],
    [['keys', 'revoke', 'nobody'], 'there is no key with this id'],
  ])('%j is refused with what it expects', async (args, sentence) => {
    const before = await audit()
    const ran = await segue(args, { env })
    expect(ran).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(sentence) })
    expect(await audit()).toEqual(before)
  })
})
