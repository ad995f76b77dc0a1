import { createHash, timingSafeEqual } from 'node:crypto'
import type { Database } from '../core/database.ts'
import { isSameHash, readKey, type Scope, stateOf } from './api-key.ts'

/** Whose key a request carries. */
export interface Principal {
  /** Of the key; `environment-server-0` for the first server key of the environment. Never the key itself. */
  readonly id: string
  /** What the audit trail calls it. */
  readonly name: string
  readonly scope: Scope
}

/** Knows every key that is valid now. */
export interface KeyRing {
  /** Whose key it is; undefined when it is nobody's, or not any more. Throws DatabaseUnavailable only for keys that are kept in the store. */
  find(key: string): Promise<Principal | undefined>
  /** The same for an id that a signed session names. */
  findById(id: string): Promise<Principal | undefined>
}

export interface KeyRingDeps {
  readonly database: Database
  /** Keys of the environment: what a new installation begins with. They cannot be revoked while it runs. */
  readonly environment: { readonly writeKeys: readonly string[]; readonly serverKeys: readonly string[] }
  /** Real epoch milliseconds: a key's life does not follow an accelerated clock. */
  readonly realNow: () => number
}

interface Kept {
  readonly id: string
  readonly scope: Scope
  readonly name: string
  readonly secretHash: string
  readonly expiresAt: number | null
  readonly revokedAt: number | null
}

/** What was read is used for this long, real milliseconds: ingestion asks thousands of times a second. Revocation acts within 5 s. */
const FRESH_MS = 3_000
/** A key that was made a moment ago is looked for anew, but whoever guesses cannot make us read more often than this. */
const LOOK_AGAIN_MS = 500
/** `last_used_at` is for people who tidy up; it is written at most this often per key. */
const USED_EVERY_MS = 60_000

export function createKeyRing({ database, environment, realNow }: KeyRingDeps): KeyRing {
  const fixed = [
    // A key that stands in both lists is a server key.
    ...named('server', environment.serverKeys),
    ...named('write', environment.writeKeys),
  ]
  const used = new Map<string, number>()
  let read: { readonly at: number; readonly keys: Promise<ReadonlyMap<string, Kept>> } | undefined

  async function keysWithin(freshMs: number): Promise<ReadonlyMap<string, Kept>> {
    const now = realNow()
    if (read === undefined || now - read.at >= freshMs || now < read.at) {
      const keys = readKeys(database)
      const mine = { at: now, keys }
      read = mine
      // A failure is not remembered: the next call asks again.
      keys.catch(() => {
        if (read === mine) read = undefined
      })
    }
    return read.keys
  }

  async function kept(id: string): Promise<Kept | undefined> {
    const found = (await keysWithin(FRESH_MS)).get(id) ?? (await keysWithin(LOOK_AGAIN_MS)).get(id)
    return found !== undefined && stateOf(found, realNow()) === 'live' ? found : undefined
  }

  async function noteUse(id: string): Promise<void> {
    const now = realNow()
    if (now - (used.get(id) ?? Number.NEGATIVE_INFINITY) < USED_EVERY_MS) return
    used.set(id, now)
    await database.query(
      'update api_key set last_used_at = $2 where id = $1 and (last_used_at is null or last_used_at <= $3)',
      [id, now, now - USED_EVERY_MS],
    )
  }

  return {
    async find(key) {
      // Every one is compared, as hashes: neither the length nor the place of a match can be measured.
      const digest = sha256(key)
      const matches = fixed.map((one) => timingSafeEqual(digest, one.digest))
      const match = fixed[matches.indexOf(true)]
      if (match !== undefined) return match.principal
      const parts = readKey(key)
      const found = parts === undefined ? undefined : await kept(parts.id)
      if (parts === undefined || found === undefined || !isSameHash(parts.secretHash, found.secretHash))
        return undefined
      await noteUse(found.id)
      return principalOf(found)
    },
    async findById(id) {
      const found = await kept(id)
      return found === undefined ? undefined : principalOf(found)
    },
  }
}

/** The scope of the row counts: the one written in the key is for people, and for scanners of leaked secrets. */
function principalOf({ id, name, scope }: Kept): Principal {
  return { id, name, scope }
}

function named(
  scope: Scope,
  keys: readonly string[],
): readonly { readonly digest: Buffer; readonly principal: Principal }[] {
  return keys.map((key, index) => ({
    digest: sha256(key),
    principal: { id: `environment-${scope}-${index}`, name: `${scope} key ${index + 1} of the environment`, scope },
  }))
}

async function readKeys(database: Database): Promise<ReadonlyMap<string, Kept>> {
  const rows = await database.query<Kept>(
    `select id, scope, name, secret_hash as "secretHash", expires_at as "expiresAt", revoked_at as "revokedAt"
       from api_key where revoked_at is null`,
  )
  return new Map(rows.map((row) => [row.id, row]))
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
