import { type AddressKeys, hashesOf, normalizeAddress } from '../consent/address.ts'
import { allowsPurpose, type ConsentFact } from '../consent/ledger.ts'
import { DEAD_REASONS } from '../consent/suppression.ts'
import { messageOf, type Channel, CHANNELS, type CompiledJourney } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { writeOutbox } from '../engine/outbox.ts'
import { endRun } from './enrollments.ts'

/** A block that the same transaction is about to write: addresses are locked after runs, so it is told before it is true. */
export interface ComingBlock {
  readonly channel: Channel
  readonly address: string
  readonly reason: string
}

/** Why a run ended; stored on it. */
const ENDED_BY_OPT_OUT = 'opt_out'

/**
 * Ends every run of these contacts that is no longer allowed on any channel it uses, and tells the engine, in the transaction of the
 * refusal. A run that still has a channel goes on, and the gate refuses the rest.
 *
 * The contacts are locked by the caller; call it before anything locks an address. Returns how many ended.
 */
export async function endForbiddenRuns(
  statements: Statements,
  deps: { readonly keys: AddressKeys; readonly workspace: CompiledWorkspace | undefined },
  contacts: readonly string[],
  at: number,
  coming: readonly ComingBlock[] = [],
): Promise<number> {
  let ended = 0
  for (const contactId of contacts) {
    const runs = await activeRuns(statements, contactId)
    if (runs.length === 0) continue
    const word = await wordOf(statements, deps.keys, contactId, coming)
    for (const { id, compiled } of runs) {
      if (mayGoOn(compiled, word, deps.workspace, at)) continue
      if (!(await endRun(statements, id, { outcome: 'exited', endedAt: at }))) continue
      await statements.query('update enrollment set end_reason = $2 where id = $1', [id, ENDED_BY_OPT_OUT])
      await writeOutbox(statements, id, { kind: 'signal', event: { kind: 'exit', at } }, at)
      ended++
    }
  }
  return ended
}

interface ActiveRun {
  readonly id: string
  readonly compiled: CompiledJourney
}

async function activeRuns(statements: Statements, contactId: string): Promise<readonly ActiveRun[]> {
  return statements.query<ActiveRun>(
    `select e.id, v.compiled from enrollment e join journey_version v on v.hash = e.version
      where e.contact_id = $1 and e.state = 'active' order by e.id`,
    [contactId],
  )
}

/** What a person said, and what blocks their addresses, by channel. */
type Word = Readonly<Record<Channel, { readonly consent: readonly ConsentFact[]; readonly blocks: readonly string[] }>>

async function wordOf(
  statements: Statements,
  keys: AddressKeys,
  contactId: string,
  coming: readonly ComingBlock[],
): Promise<Word> {
  const consent = await statements.query<ConsentFact & { channel: Channel }>(
    `select channel, purpose, state, at, expires_at as "expiresAt" from consent where contact_id = $1`,
    [contactId],
  )
  const [contact] = await statements.query<{ email: string | null; phone: string | null }>(
    'select email, phone from contact where id = $1',
    [contactId],
  )
  const blocks = async (channel: Channel): Promise<readonly string[]> => {
    const raw = (channel === 'email' ? contact?.email : contact?.phone) ?? null
    const address = raw === null ? undefined : (normalizeAddress(channel, raw) ?? raw)
    if (address === undefined) return []
    const rows = await statements.query<{ reason: string }>(
      `select reason from suppression where channel = $1 and address_hash = any($2::text[]) and lifted_at is null`,
      [channel, hashesOf(keys, channel, address)],
    )
    const soon = coming.filter((block) => block.channel === channel && block.address === address)
    return [...rows, ...soon].map(({ reason }) => reason)
  }
  const said = (channel: Channel): readonly ConsentFact[] => consent.filter((fact) => fact.channel === channel)
  return {
    email: { consent: said('email'), blocks: await blocks('email') },
    sms: { consent: said('sms'), blocks: await blocks('sms') },
  }
}

function mayGoOn(journey: CompiledJourney, word: Word, workspace: CompiledWorkspace | undefined, at: number): boolean {
  const used = CHANNELS.filter((channel) =>
    journey.steps.some((step) =>
      (['action', 'fallback'] as const).some((branch) => messageOf(step, branch)?.channel === channel),
    ),
  )
  const marketing = workspace?.purposes[journey.purpose]?.class !== 'transactional'
  return (
    used.length === 0 ||
    used.some((channel) => {
      const { consent, blocks } = word[channel]
      const blocked = blocks.some((reason) => !DEAD_REASONS.includes(reason) && (reason !== 'unsubscribe' || marketing))
      return !blocked && allowsPurpose(journey.purpose, consent, at)
    })
  )
}
