import { randomBytes } from 'node:crypto'
import Table from 'cli-table3'
import { createKey, listKeys, revokeKey, rotateKey, SCOPES, stateOf } from '../administration/api-key.ts'
import { parseDuration } from '../compiler/document/scalar-grammar.ts'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { withStore } from './operator-command.ts'

/** A key cannot be found by somebody who forgot where it is used, so a name says it. */
const MAX_NAME = 100
const ONLY_ONCE = 'Keep it now: it cannot be shown again.'

/** `segue keys create`: makes a key. The key stands alone on stdout, so that it can be piped into a secret store. */
export async function runKeysCreate(
  options: { readonly scope: string; readonly name: string; readonly expires?: string; readonly json: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  const scope = SCOPES.find((one) => one === options.scope)
  const name = options.name.trim()
  const lifeMs = options.expires === undefined ? undefined : durationOf(options.expires)
  if (scope === undefined) return refuse(io, 'create', `--scope is one of ${SCOPES.join(', ')}`)
  if (name === '' || name.length > MAX_NAME) return refuse(io, 'create', `--name has 1 to ${MAX_NAME} characters`)
  if (options.expires !== undefined && (lifeMs === undefined || lifeMs <= 0)) {
    return refuse(io, 'create', '--expires is a duration such as 90d')
  }
  return withStore(io, async ({ database, actor, now }) => {
    const expiry = lifeMs === undefined ? {} : { expiresAt: now + lifeMs }
    const issued = await createKey(database, { scope, name, actor, at: now, ...expiry }, randomBytes)
    if (options.json) return asJson(io, { scope, name, ...issued })
    io.stdout(`${issued.key}\n`)
    io.stderr(`${scope} key ${issued.id} for ${name}. ${ONLY_ONCE}\n`)
    return EXIT.clean
  })
}

/** `segue keys list`: every key that there ever was. */
export async function runKeysList(options: { readonly json: boolean }, io: CommandIo): Promise<ExitCode> {
  return withStore(io, async ({ database, now }) => {
    const keys = (await listKeys(database)).map((key) => ({ ...key, state: stateOf(key, now) }))
    if (options.json) return asJson(io, { keys })
    const table = new Table({
      head: ['id', 'scope', 'name', 'state', 'made', 'last used', 'until'],
      style: { head: [], border: [] },
    })
    for (const { id, scope, name, state, createdAt, lastUsedAt, expiresAt, revokedAt } of keys) {
      const until = revokedAt ?? expiresAt
      table.push([
        id,
        scope,
        name,
        state,
        day(createdAt),
        lastUsedAt === null ? 'never' : day(lastUsedAt),
        until === null ? '' : day(until),
      ])
    }
    io.stdout(keys.length === 0 ? 'there are no keys but those of the environment\n' : `${table.toString()}\n`)
    return EXIT.clean
  })
}

const WHY_NOT_ROTATED = {
  unknown: 'there is no key with this id; see `segue keys list`',
  not_live: 'the key has expired or was revoked; make a new one with `segue keys create`',
  rotated_already: 'another key has taken its place already; rotate that one, or revoke this one',
} as const

/** `segue keys rotate <id>`: a key that takes another's place, which goes on for the grace period. */
export async function runKeysRotate(
  id: string,
  options: { readonly grace: string; readonly json: boolean },
  io: CommandIo,
): Promise<ExitCode> {
  const graceMs = durationOf(options.grace)
  if (graceMs === undefined) return refuse(io, 'rotate', '--grace is a duration such as 7d')
  return withStore(io, async ({ database, actor, now }) => {
    const rotation = await rotateKey(database, { id, actor, at: now, graceMs }, randomBytes)
    if (rotation.kind !== 'rotated') return refuse(io, 'rotate', WHY_NOT_ROTATED[rotation.kind])
    const { issued, oldUntil } = rotation
    if (options.json) return asJson(io, { ...issued, replaces: id, oldUntil })
    io.stdout(`${issued.key}\n`)
    io.stderr(`key ${issued.id} takes the place of ${id}, which goes on until ${day(oldUntil)}. ${ONLY_ONCE}\n`)
    return EXIT.clean
  })
}

/** `segue keys revoke <id>`: ends a key for good. */
export async function runKeysRevoke(id: string, options: { readonly json: boolean }, io: CommandIo): Promise<ExitCode> {
  return withStore(io, async ({ database, actor, now }) => {
    const revoked = await revokeKey(database, { id, actor, at: now })
    if (!revoked) return refuse(io, 'revoke', 'there is no key with this id that could be revoked')
    if (options.json) return asJson(io, { id, revokedAt: now })
    io.stdout(`${id} is revoked; every process knows within five seconds\n`)
    return EXIT.clean
  })
}

function asJson(io: CommandIo, result: object): ExitCode {
  io.stdout(`${JSON.stringify({ format: '1.0', ...result }, undefined, 2)}\n`)
  return EXIT.clean
}

function refuse(io: CommandIo, command: string, why: string): ExitCode {
  io.stderr(`segue keys ${command}: ${why}\n`)
  return EXIT.usage
}

/** As in a journey: `90d`, `1h30m`. */
function durationOf(text: string): number | undefined {
  return /^(?:\d{1,4}[smhdw])+$/.test(text) ? parseDuration(text) : undefined
}

function day(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')}Z`
}
