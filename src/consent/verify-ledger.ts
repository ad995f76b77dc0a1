import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import { type ChainEnd, type ChainProblem, type LedgerEntry, type Standing, verifyChain } from './chain.ts'

/** The columns of a {@link LedgerEntry}, of `consent_event e`. */
export const ENTRY = `e.id, e.contact_id as "contactId", e.channel, e.purpose, e.seq, e.state, e.source, e.at,
  e.recorded_at as "recordedAt", e.expires_at as "expiresAt", e.commitment, e.prev_hash as "prevHash", e.hash, e.salt, e.address,
  e.proof::text as proof, e.removed_at as "removedAt", e.removed_for as "removedFor"`

/** The columns of a {@link ChainEnd}, of `consent_chain h` and `consent n`. */
const END = `case when h.hash is not null then json_build_object('seq', h.seq, 'hash', h.hash) end as head,
  case when n.state is not null then json_build_object('state', n.state, 'at', n.at, 'expiresAt', n.expires_at) end as standing`

const ENDS = `
  left join consent_chain h on h.contact_id = e.contact_id and h.channel = e.channel and h.purpose = e.purpose
  left join consent n on n.contact_id = e.contact_id and n.channel = e.channel and n.purpose = e.purpose`

type Row = LedgerEntry & { readonly head: ChainEnd['head']; readonly standing: Standing | null }

export interface LedgerCheck {
  readonly chains: number
  readonly entries: number
  readonly problems: readonly ChainProblem[]
  /** More problems than are listed. */
  readonly unlisted: number
}

export interface LedgerWalk {
  /** Entries read at once. */
  readonly page?: number
  /** Problems listed; the rest are counted. */
  readonly listed?: number
  /** Called after each page with the entries checked so far. */
  readonly onProgress?: (entries: number) => void
}

/**
 * Checks every chain of the ledger, a page of entries at a time, so that memory does not grow with the ledger. Reads only. A chain that
 * grows meanwhile is checked as it was when its page was read, or reported by nobody: entries and ends are read in one statement.
 */
export async function verifyLedger(statements: Statements, walk: LedgerWalk = {}): Promise<LedgerCheck> {
  const { page = 5_000, listed = 1_000, onProgress } = walk
  const problems: ChainProblem[] = []
  let unlisted = 0
  let chains = 0
  let entries = 0
  const take = (found: readonly ChainProblem[]): void => {
    const room = Math.max(0, listed - problems.length)
    problems.push(...found.slice(0, room))
    unlisted += Math.max(0, found.length - room)
  }
  let after: Place | undefined
  for (;;) {
    const rows = await readPage(statements, after, page)
    const last = rows.at(-1)
    if (last === undefined) break
    for (const chain of chainsOf(rows)) {
      const [first] = chain
      if (first === undefined) continue
      // The page may have cut its last chain: that one is read again as a whole.
      const isCut = rows.length === page && isSamePlace(first, last)
      const whole = isCut ? await readChain(statements, first) : chain
      take(verifyChain(whole, whole[0] ?? first))
      chains += 1
      entries += whole.length
    }
    after = last
    onProgress?.(entries)
    if (rows.length < page) break
  }
  take(await chainsWithoutEntries(statements))
  return { chains, entries, problems, unlisted }
}

/** Checks the chains of one contact. `entries` in their order, as `verifyLedger` would read them. */
export async function readLedgerOf(
  statements: Statements,
  contactId: string,
): Promise<{ entries: readonly LedgerEntry[]; problems: readonly ChainProblem[] }> {
  const rows = await statements.query<Row>(
    `select ${ENTRY}, ${END} from consent_event e ${ENDS}
      where e.contact_id = $1 order by e.channel, e.purpose, e.seq`,
    [contactId],
  )
  const problems = chainsOf(rows).flatMap((chain) => (chain[0] === undefined ? [] : verifyChain(chain, chain[0])))
  return {
    entries: rows.map(({ head: _head, standing: _standing, ...entry }) => entry),
    problems: [...problems, ...(await chainsWithoutEntries(statements, contactId))],
  }
}

interface Place {
  readonly contactId: string
  readonly channel: Channel
  readonly purpose: string
}

function isSamePlace(a: Place, b: Place): boolean {
  return a.contactId === b.contactId && a.channel === b.channel && a.purpose === b.purpose
}

function chainsOf(rows: readonly Row[]): readonly (readonly Row[])[] {
  const chains: Row[][] = []
  for (const row of rows) {
    const current = chains.at(-1)
    if (current?.[0] !== undefined && isSamePlace(current[0], row)) current.push(row)
    else chains.push([row])
  }
  return chains
}

async function readPage(statements: Statements, after: Place | undefined, page: number): Promise<readonly Row[]> {
  return statements.query<Row>(
    `select ${ENTRY}, ${END} from consent_event e ${ENDS}
      where (e.contact_id, e.channel, e.purpose) > ($1::uuid, $2, $3)
      order by e.contact_id, e.channel, e.purpose, e.seq limit $4`,
    // Before the first: an "or" would make each page begin at the start of the ledger.
    [after?.contactId ?? '00000000-0000-0000-0000-000000000000', after?.channel ?? '', after?.purpose ?? '', page],
  )
}

async function readChain(statements: Statements, { contactId, channel, purpose }: Place): Promise<readonly Row[]> {
  return statements.query<Row>(
    `select ${ENTRY}, ${END} from consent_event e ${ENDS}
      where e.contact_id = $1 and e.channel = $2 and e.purpose = $3 order by e.seq`,
    [contactId, channel, purpose],
  )
}

/** Chains of which a head or a standing is left and no entry: nothing else would tell of them. */
async function chainsWithoutEntries(statements: Statements, contactId?: string): Promise<readonly ChainProblem[]> {
  const rows = await statements.query<Place & { readonly fault: 'end' | 'standing' }>(
    `select c.contact_id as "contactId", c.channel, c.purpose, c.fault
       from (select contact_id, channel, purpose, 'end' as fault from consent_chain
             union all select contact_id, channel, purpose, 'standing' from consent) c
      where ($1::uuid is null or c.contact_id = $1)
        and not exists (select 1 from consent_event e
                         where e.contact_id = c.contact_id and e.channel = c.channel and e.purpose = c.purpose)
      order by 1, 2, 3, 4`,
    [contactId ?? null],
  )
  return rows.map((row) => ({ ...row, seq: 0 }))
}
