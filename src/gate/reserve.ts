import type { Branch, Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import type { Decision } from './decide.ts'
import type { ExistingSend, Facts } from './facts.ts'

/** What is written about a decision, besides the decision itself. */
export interface Written {
  readonly sendId: string
  readonly enrollment: string
  readonly step: string
  readonly branch: Branch
  readonly channel: Channel
  readonly purpose: string
  readonly class: 'marketing' | 'transactional'
  readonly addressHash: string | undefined
  readonly arm: string | undefined
  readonly code: string | undefined
  readonly now: number
}

const DECISION = `insert into decision (enrollment_id, step, branch, verdict, reason, until_at, facts, version, at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// A reservation that is put on hold gives its place under the caps back, and nobody may claim it until it is decided afresh.
const PUT_ON_HOLD = `update send set reason = $5, updated_at = $9
  where enrollment_id = $1 and step = $2 and branch = $3 and state = 'reserved'`

// A row that is further than `reserved` is never touched here, whatever this decision says.
const SEND = `insert into send (id, enrollment_id, step, branch, journey, version, contact_id, channel, purpose, class,
    address_hash, arm, state, reason, code, reserved_at, handed_off_at, updated_at)
  values ($10, $1, $2, $3, $11, $8, $12, $13, $14, $15, $16, $17, $18, $19, $20, $9, $21, $9)
  on conflict (enrollment_id, step, branch) do update set
    contact_id = excluded.contact_id, channel = excluded.channel, class = excluded.class, address_hash = excluded.address_hash, arm = excluded.arm,
    state = excluded.state, reason = excluded.reason, code = excluded.code, reserved_at = excluded.reserved_at,
    handed_off_at = excluded.handed_off_at, updated_at = excluded.updated_at
    where send.state = 'reserved'`

/**
 * Writes a decision and the send's row: reserved, refused, or a ghost (dated now, because it anchors what follows just as a
 * hand-off does). A hold makes no row.
 */
export async function writeDecision(
  statements: Statements,
  decision: Decision,
  facts: Facts,
  written: Written,
): Promise<void> {
  const { enrollment, step, branch, now } = written
  const reason = reasonOf(decision)
  const verdict = decision.kind === 'ended' ? 'refuse' : decision.kind
  const until = decision.kind === 'hold' ? decision.until : null
  const read = JSON.stringify(decision.read)
  const row = [enrollment, step, branch, verdict, reason, until, read, facts.version, now]
  const state = sendStateOf(decision)
  if (state === undefined) {
    await statements.query(facts.send === null ? DECISION : `with decided as (${DECISION}) ${PUT_ON_HOLD}`, row)
    return
  }
  await statements.query(`with decided as (${DECISION}) ${SEND}`, [
    ...row,
    written.sendId,
    facts.journey,
    facts.contactId,
    written.channel,
    written.purpose,
    written.class,
    written.addressHash ?? null,
    written.arm ?? null,
    state,
    state === 'refused' ? reason : null,
    written.code ?? null,
    state === 'held_out' ? now : null,
  ])
}

/** The word under which the decision is counted and explained. */
function reasonOf(decision: Decision): string {
  switch (decision.kind) {
    case 'hold':
    case 'refuse':
      return decision.reason
    case 'ended':
      return decision.outcome === 'goal' ? 'goal_reached' : 'exited'
    case 'ghost':
      return 'held_out'
    case 'send':
      return 'allowed'
    default:
      return decision satisfies never
  }
}

function sendStateOf(decision: Decision): 'reserved' | 'held_out' | 'refused' | undefined {
  switch (decision.kind) {
    case 'send':
      return 'reserved'
    case 'ghost':
      return 'held_out'
    case 'refuse':
    case 'ended':
      return 'refused'
    case 'hold':
      return undefined
    default:
      return decision satisfies never
  }
}

/**
 * What became of a send that an earlier attempt took beyond `reserved`. An attempt that never reported may have reached the
 * carrier, so it becomes `unknown` here, and is never made again.
 */
export async function settle(
  statements: Statements,
  sendId: string,
  send: ExistingSend,
  now: number,
): Promise<{ state: string; reason: string | null; at: number }> {
  if (send.state !== 'attempting') {
    return { state: send.state, reason: send.reason, at: send.handedOffAt ?? send.updatedAt }
  }
  await statements.query(
    `update send set state = 'unknown', reason = 'interrupted', handed_off_at = coalesce(handed_off_at, reserved_at), updated_at = $2
     where id = $1 and state = 'attempting'`,
    [sendId, now],
  )
  return { state: 'unknown', reason: 'interrupted', at: send.handedOffAt ?? send.updatedAt }
}
