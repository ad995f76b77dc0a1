import { createHash, timingSafeEqual } from 'node:crypto'
import type { Database, Statements } from '../core/database.ts'
import { recordAct } from './audit-trail.ts'

/** What a key is for; what each of them may do is {@link mayDo}. */
export const SCOPES = ['write', 'read', 'server', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

/** A write key is public (it sits in browsers), so it may send events and nothing else; a read key can change nothing. */
const MAY: Readonly<Record<Scope, readonly Scope[]>> = {
  write: ['write'],
  read: ['read'],
  server: ['write', 'read', 'server'],
  admin: ['write', 'read', 'server', 'admin'],
}

/** Whether a key of one scope opens what asks for another. */
export function mayDo(held: Scope, asked: Scope): boolean {
  return MAY[held].includes(asked)
}

/** A key as it is kept: everything but the key. */
export interface ApiKey {
  readonly id: string
  readonly scope: Scope
  readonly name: string
  /** Epoch milliseconds, as all of these. */
  readonly createdAt: number
  readonly createdBy: string
  readonly lastUsedAt: number | null
  readonly expiresAt: number | null
  readonly revokedAt: number | null
  readonly replacedBy: string | null
}

/** A key that has just been made. `key` is shown once; nobody can show it again. */
export interface IssuedKey {
  readonly id: string
  readonly key: string
  readonly expiresAt: number | null
}

const ID_BYTES = 8
const SECRET_BYTES = 32
const FORMAT = /^segue_(write|read|server|admin)_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/

/** The parts of a key, or undefined if it has not a key's form, so that a guess never costs a look into the store. */
export function readKey(key: string): { readonly id: string; readonly secretHash: string } | undefined {
  const [, , id, secret] = FORMAT.exec(key) ?? []
  return id === undefined || secret === undefined ? undefined : { id, secretHash: hashSecret(secret) }
}

/**
 * SHA-256, and no slow hash on purpose: the secret is 256 random bits, so whoever holds the hash has nothing to guess, and a slow
 * one would cost each call of the API tens of milliseconds. Slow hashes are for what people think up (OWASP Password Storage).
 */
function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** In constant time. */
export function isSameHash(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}

/** Where new keys come from: `bytes` cryptographically random ones. */
export type RandomBytes = (bytes: number) => Buffer

export interface KeyRequest {
  readonly scope: Scope
  /** For people, and in the audit trail: who uses it. */
  readonly name: string
  /** Epoch milliseconds. Absent: until it is revoked. */
  readonly expiresAt?: number
  readonly actor: string
  readonly at: number
}

/** Makes a key. */
export async function createKey(database: Database, request: KeyRequest, random: RandomBytes): Promise<IssuedKey> {
  return database.transaction(async (statements) => {
    const issued = await insertKey(statements, request, random)
    const { scope, name } = request
    const detail = { scope, name, expiresAt: issued.expiresAt }
    await recordAct(statements, { actor: request.actor, act: 'key.create', subject: issued.id, detail, at: request.at })
    return issued
  })
}

async function insertKey(statements: Statements, request: KeyRequest, random: RandomBytes): Promise<IssuedKey> {
  const { scope, name, expiresAt = null, actor, at } = request
  const id = random(ID_BYTES).toString('hex')
  const secret = random(SECRET_BYTES).toString('base64url')
  await statements.query(
    `insert into api_key (id, scope, name, secret_hash, created_at, created_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [id, scope, name, hashSecret(secret), at, actor, expiresAt],
  )
  return { id, key: `segue_${scope}_${id}_${secret}`, expiresAt }
}

/** Every key that there ever was, the newest first. */
export async function listKeys(statements: Statements): Promise<readonly ApiKey[]> {
  return statements.query<ApiKey>(
    `select id, scope, name, created_at as "createdAt", created_by as "createdBy", last_used_at as "lastUsedAt",
            expires_at as "expiresAt", revoked_at as "revokedAt", replaced_by as "replacedBy"
       from api_key order by created_at desc, id`,
  )
}

export type KeyState = 'live' | 'expired' | 'revoked'

/** @param at Real epoch milliseconds. */
export function stateOf(key: Pick<ApiKey, 'expiresAt' | 'revokedAt'>, at: number): KeyState {
  if (key.revokedAt !== null) return 'revoked'
  return key.expiresAt !== null && key.expiresAt <= at ? 'expired' : 'live'
}

export interface KeyChange {
  readonly id: string
  readonly actor: string
  /** Epoch milliseconds. */
  readonly at: number
}

/** Ends a key for good, within five seconds in every process (see key-ring.ts). False when there is none that could be ended. */
export async function revokeKey(database: Database, { id, actor, at }: KeyChange): Promise<boolean> {
  return database.transaction(async (statements) => {
    const ended = await statements.query(
      'update api_key set revoked_at = $2 where id = $1 and revoked_at is null returning id',
      [id, at],
    )
    if (ended.length > 0) await recordAct(statements, { actor, act: 'key.revoke', subject: id, at })
    return ended.length > 0
  })
}

export type Rotation =
  | { readonly kind: 'rotated'; readonly issued: IssuedKey; readonly oldUntil: number }
  | { readonly kind: 'unknown' | 'not_live' | 'rotated_already' }

/**
 * Makes a key that takes another's place: same scope, same name, and as long a life as the old one was given. The old one goes on
 * for the grace period, so that clients move without a gap; never longer than it would have.
 *
 * @param change.graceMs Milliseconds.
 */
export async function rotateKey(
  database: Database,
  change: KeyChange & { readonly graceMs: number },
  random: RandomBytes,
): Promise<Rotation> {
  const { id, actor, at, graceMs } = change
  return database.transaction(async (statements): Promise<Rotation> => {
    const [old] = await statements.query<ApiKey>(
      `select scope, name, created_at as "createdAt", expires_at as "expiresAt", revoked_at as "revokedAt",
              replaced_by as "replacedBy"
         from api_key where id = $1 for update`,
      [id],
    )
    if (old === undefined) return { kind: 'unknown' }
    if (stateOf(old, at) !== 'live') return { kind: 'not_live' }
    if (old.replacedBy !== null) return { kind: 'rotated_already' }
    const { scope, name, createdAt, expiresAt } = old
    const life = expiresAt === null ? {} : { expiresAt: at + (expiresAt - createdAt) }
    const issued = await insertKey(statements, { scope, name, actor, at, ...life }, random)
    const oldUntil = Math.min(at + graceMs, expiresAt ?? Number.POSITIVE_INFINITY)
    await statements.query('update api_key set replaced_by = $2, expires_at = $3 where id = $1', [
      id,
      issued.id,
      oldUntil,
    ])
    await recordAct(statements, { actor, act: 'key.rotate', subject: id, detail: { by: issued.id, oldUntil }, at })
    return { kind: 'rotated', issued, oldUntil }
  })
}
