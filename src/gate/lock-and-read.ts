import { lockAddressHashes } from '../consent/address-lock.ts'
import { type AddressKeys, hashesOf, normalizeAddress } from '../consent/address.ts'
import {
  type Channel,
  CHANNELS,
  type CompiledJourney,
  type MessageAction,
  messageOf,
  type Step,
} from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { outranking } from './checks/outranked.ts'
import { signsOfLife } from './checks/sunset.ts'
import type { Facts, FactsQuestion } from './facts.ts'
import { lookBackMs } from './limits.ts'
import { covers, readFacts, type WorkspaceCache } from './read-facts.ts'
import type { GateDeps, GateRequest } from './request.ts'
import type { Rival } from './rival.ts'

/** A message and everything that its decision rests on. */
export interface Question {
  readonly facts: Facts
  readonly journey: CompiledJourney
  readonly step: Step
  readonly action: MessageAction
  readonly workspace: CompiledWorkspace | undefined
  readonly address: string | undefined
  readonly hashes: readonly string[]
  readonly rivals: readonly Rival[]
}

/** Times to start over because the run was moved to another contact (a merge) or the limits grew while waiting. */
const ROUNDS = 5

// The enrollment is locked as well, so that a goal or an exit is committed before the facts are read or after the reservation.
const LOCK = `select c.id, c.email, c.phone, e.version from enrollment e join contact c on c.id = e.contact_id
  where e.id = $1 for no key update of c for share of e`

/**
 * Locks, then reads. Never in one statement: a locking statement that had to wait re-reads only the rows that it locks, while its
 * subqueries still see what was true before the wait, and two gates would both find the last place under a cap free.
 */
export async function lockAndRead(
  statements: Statements,
  deps: GateDeps,
  request: GateRequest,
  cache: WorkspaceCache,
): Promise<Question> {
  for (let round = 0; round < ROUNDS; round++) {
    const [locked] = await statements.query<{
      id: string
      email: string | null
      phone: string | null
      version: string
    }>(LOCK, [request.enrollment])
    if (locked === undefined) continue
    const journey = await deps.journeys.get(statements, locked.version)
    const step = journey.steps.find((one) => one.id === request.step)
    const action = step === undefined ? undefined : messageOf(step, request.branch)
    if (step === undefined || action === undefined) {
      throw new Error(`journey ${journey.id} has no ${request.branch} for step ${request.step}`)
    }
    const own = CHANNELS.map((channel) => addressOn(channel, locked, deps.keys))
    const used = own.find(({ channel }) => channel === action.channel)
    const address = used?.address
    const hashes = used?.hashes ?? []
    const current = own.flatMap((one) => one.hashes[0] ?? [])
    if (current.length > 0) await lockAddressHashes(statements, current)

    const about = (workspace: CompiledWorkspace | undefined): FactsQuestion => {
      const policy = workspace?.policies[journey.policy]
      return {
        enrollment: request.enrollment,
        step: step.id,
        branch: request.branch,
        channel: action.channel,
        purpose: journey.purpose,
        hashes,
        ownHashes: own.flatMap((one) => one.hashes),
        since: request.now - lookBackMs(journey, workspace),
        experiment: typeof action.subject === 'object' ? action.subject.experiment : null,
        offer: action.offer ?? null,
        withSteps: step.if !== undefined || step.unless !== undefined,
        signsOfLife: signsOfLife(journey, policy),
        outranking: outranking(policy, journey.id),
        asksOptOutWording: action.channel === 'sms' && policy?.optOutEveryMs !== undefined,
      }
    }
    const question = about(cache.current?.compiled)
    const read = await readFacts(statements, question, cache)
    // What the workspace asks for may have grown since it was put in memory; then too little was read.
    if (read?.facts.contactId !== locked.id || !covers(question, about(read.workspace))) continue
    return { ...read, journey, step, action, address, hashes, rivals: await rivalsOf(statements, deps, read.facts) }
  }
  throw new Error(`enrollment ${request.enrollment} is not in the store, or does not come to rest`)
}

async function rivalsOf(statements: Statements, deps: GateDeps, { rivals }: Facts): Promise<readonly Rival[]> {
  const found: Rival[] = []
  for (const run of rivals) found.push({ run, journey: await deps.journeys.get(statements, run.version) })
  return found
}

/** A contact's address on a channel, and its hashes under every key version: both empty if the contact has none that can be one. */
function addressOn(
  channel: Channel,
  contact: { readonly email: string | null; readonly phone: string | null },
  keys: AddressKeys,
): { readonly channel: Channel; readonly address: string | undefined; readonly hashes: readonly string[] } {
  const raw = channel === 'email' ? contact.email : contact.phone
  const address = raw === null ? undefined : normalizeAddress(channel, raw)
  return { channel, address, hashes: address === undefined ? [] : hashesOf(keys, channel, address) }
}
