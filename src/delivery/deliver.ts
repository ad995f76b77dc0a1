import type { AddressKeys } from '../consent/address.ts'
import { suppress } from '../consent/suppression.ts'
import type { Clock } from '../core/clock.ts'
import type { Branch, CompiledJourney, Step } from '../core/compiled-journey.ts'
import type { Content } from '../core/content.ts'
import type { Database, Statements } from '../core/database.ts'
import type { DeliverInput, DeliverResult } from '../core/delivery.ts'
import type { Verdict } from '../core/enrollment.ts'
import { sendId } from '../core/send-id.ts'
import type { GateVerdict, Reservation } from '../gate/verdict.ts'
import { bodyHash } from './body-hash.ts'
import { callDeadline, type RealTime } from './call-deadline.ts'
import { handOver } from './hand-over.ts'
import type { Deadline, HandOff, MessageProvider, OutboundMessage } from './message-provider.ts'
import {
  type Attempt,
  type Claim,
  claimSend,
  endRunAt,
  keepRunUntil,
  markInterrupted,
  putOnHold,
  readStanding,
  recordOutcome,
  refuseContent,
  releaseSend,
} from './send-ledger.ts'
import type { RenderOutcome } from './outbound.ts'
import { takeTurn, type Turn } from './pace.ts'
import { saysOptOut } from './rendering/opt-out-wording.ts'
import { chargedSegments } from './rendering/sms-encoding.ts'
import { FALLBACK_LIFE_MS } from './send-progress.ts'
import { rejectionReason } from './send-state.ts'
import { endOfRun, refusedVerdict, standingVerdict } from './step-outcome.ts'

export interface DeliverDeps {
  readonly database: Database
  readonly clock: Clock
  readonly time: RealTime
  readonly gate: (request: GateRequest) => Promise<GateVerdict>
  readonly render: (content: Content, reservation: Reservation) => Promise<RenderOutcome>
  readonly content: (hash: string) => Promise<Content>
  readonly journey: (version: string) => Promise<CompiledJourney>
  readonly providers: (name: string) => MessageProvider | undefined
  readonly keys: AddressKeys
  /** Real milliseconds from the beginning of the delivery to the end of the call; less than the activity's start-to-close. */
  readonly callWithinMs?: number
}

export interface GateRequest {
  readonly enrollment: string
  readonly step: string
  readonly branch: Branch
  readonly dueAt: number
  readonly now: number
}

const CALL_WITHIN_MS = 20_000
const RETRY_AFTER_MS = 30_000
const LONGEST_RETRY_AFTER_MS = 3_600_000
const LONGEST_BACKOFF_MS = 900_000

/**
 * Delivers one step: the gate decides, the message is written, the send is claimed, the carrier is called once, the outcome is recorded.
 *
 * Whatever fails in between, calling it again is safe: before the claim nothing has happened, and after it nobody calls again.
 * Business refusals are values; it throws only for infrastructure and bugs, and then the caller repeats it.
 */
export async function deliver(deps: DeliverDeps, input: DeliverInput): Promise<DeliverResult> {
  const deadline = callDeadline(deps.time, deps.callWithinMs ?? CALL_WITHIN_MS)
  const { enrollment, step, branch, dueAt } = input
  for (let round = 0; round < 2; round++) {
    const now = deps.clock.now()
    const decision = await deps.gate({ enrollment, step, branch, dueAt, now })
    if (decision.kind !== 'send') return { verdict: await withoutCall(deps, input, decision, now), at: now }
    const verdict = await attempt(deps, input, decision.reservation, deadline)
    if (verdict !== 'not_claimed') return { verdict, at: now }
  }
  // Decided twice and claimed by somebody else between gate and claim: what they make of it stands.
  const now = deps.clock.now()
  return { verdict: await standing(deps, input, sendId(enrollment, step, branch), now), at: now }
}

async function withoutCall(
  deps: DeliverDeps,
  input: DeliverInput,
  decision: Exclude<GateVerdict, { kind: 'send' }>,
  now: number,
): Promise<Verdict> {
  switch (decision.kind) {
    case 'hold':
      return held(deps, input, decision.until, decision.reason)
    case 'ended':
      return { kind: 'ended', outcome: decision.outcome }
    case 'refuse':
      return concluded(deps, input, refusedVerdict(decision.reason), now)
    case 'ghost':
      return concluded(deps, input, { kind: 'held_out', at: now }, now)
    case 'settled':
      return standing(deps, input, decision.sendId, now)
    default:
      return decision satisfies never
  }
}

/** A fallback may be held for longer than the receipt that brought it was awaited: the run must not be closed under it. */
async function held(deps: DeliverDeps, input: DeliverInput, until: number, reason: string): Promise<Verdict> {
  if (input.branch === 'fallback') await keepRunUntil(deps.database, input.enrollment, until + FALLBACK_LIFE_MS)
  return { kind: 'held', until, reason }
}

/** What an earlier or a concurrent attempt made of the send. One that never came back is unknown, and is not called again. */
async function standing(deps: DeliverDeps, input: DeliverInput, id: string, now: number): Promise<Verdict> {
  await markInterrupted(deps.database, id, now)
  const stands = (await readStanding(deps.database, id)) ?? { state: 'unknown', reason: null, at: now }
  // Claimed and given back by another attempt meanwhile: still to be sent, so the run asks again.
  if (stands.state === 'reserved') {
    return held(deps, input, retryAt(deps, input, now), 'throttled')
  }
  return concluded(deps, input, standingVerdict(stands, input.branch, await stepOf(deps, input)), now)
}

async function attempt(
  deps: DeliverDeps,
  input: DeliverInput,
  reservation: Reservation,
  deadline: Deadline,
): Promise<Verdict | 'not_claimed'> {
  // Everything that the record will need is read before the call: after it, a failed read would lose what the carrier said.
  const step = stepIn(await deps.journey(reservation.version), input.step)
  const rendered = await deps.render(await deps.content(reservation.action.content), reservation)
  const now = deps.clock.now()
  if (rendered.kind === 'unrenderable') {
    const refused = await refuseContent(deps.database, reservation.sendId, rendered.detail, now)
    return refused ? concluded(deps, input, refusedVerdict('content'), now) : 'not_claimed'
  }
  const { message } = rendered
  const provider = deps.providers(reservation.sender.provider)
  // A mistake of whoever runs this, for every contact alike: the run waits until it is mended, and nobody is dropped.
  if (provider === undefined) throw new Error(`the provider ${reservation.sender.provider} is not configured`)
  const turn = await turnOf(deps.database, reservation, message, now)
  if (turn.kind === 'later') {
    await putOnHold(deps.database, reservation.sendId, turn.at, now)
    return held(deps, input, turn.at, 'throttled')
  }
  const taken: Attempt = { sendId: reservation.sendId, startedRealAt: deps.time.realNow() }
  const claimed = await claimSend(deps.database, {
    ...taken,
    now,
    provider: provider.name,
    bodyHash: bodyHash(message),
    links: rendered.links,
    ...(message.channel === 'sms' && { text: textFacts(message) }),
  })
  if (!claimed) return 'not_claimed'
  const { windowClosesAt } = reservation
  const windowIsClosed = (): boolean => windowClosesAt !== undefined && deps.clock.now() >= windowClosesAt
  const handOff = await handOver(provider, message, taken.sendId, deadline, windowIsClosed)
  return recorded(deps, input, step, { taken, handOff, message, provider })
}

/** Texts wait for their turn at the number that they leave from. Email is limited by its provider alone, which says so. */
async function turnOf(
  database: Database,
  { sendId, sender }: Reservation,
  message: OutboundMessage,
  now: number,
): Promise<Turn> {
  if (message.channel !== 'sms' || sender.channel !== 'sms') return { kind: 'now' }
  return takeTurn(database, { sendId, from: message.from, sender, segments: chargedSegments(message), now })
}

/** What the send remembers of a text besides its hash. */
function textFacts(message: Extract<OutboundMessage, { channel: 'sms' }>): NonNullable<Claim['text']> {
  return { segments: chargedSegments(message), saysOptOut: saysOptOut(message.body) }
}

interface Attempted {
  readonly taken: Attempt
  readonly handOff: HandOff
  readonly message: OutboundMessage
  readonly provider: MessageProvider
}

async function recorded(deps: DeliverDeps, input: DeliverInput, step: Step, attempted: Attempted): Promise<Verdict> {
  const { taken, handOff, message, provider } = attempted
  const now = deps.clock.now()
  if (handOff.kind === 'rejected' && handOff.class === 'throttled') {
    const until = retryAt(deps, input, now, handOff.retryAfterMs)
    if (await releaseSend(deps.database, taken, { until, code: handOff.code }, now)) {
      return held(deps, input, until, 'throttled')
    }
  }
  const optOut = handOff.kind === 'rejected' && handOff.class === 'opt_out'
  const record = async (statements: Statements): Promise<Verdict> => {
    if (optOut) {
      // The contact is locked before the send, as everywhere.
      const reason = message.channel === 'sms' ? 'stop' : 'unsubscribe'
      const { channel, to } = message
      await suppress(statements, { keys: deps.keys, channel, address: to, reason, source: provider.name, at: now })
    }
    const stands = await recordOutcome(statements, taken, outcomeOf(handOff), now)
    const verdict = standingVerdict(stands ?? { state: 'unknown', reason: null, at: now }, input.branch, step)
    await endIfOver(statements, input, verdict, step, now)
    return verdict
  }
  return optOut || input.rest !== 'others' ? deps.database.transaction(record) : record(deps.database)
}

/**
 * When a message that was certainly not accepted is tried again: when the carrier says, but the longer it has waited, the less
 * often. Every try costs the run eleven events of its history, which ends at about 51,000; an outage may last for days.
 */
function retryAt({ clock }: DeliverDeps, { dueAt }: DeliverInput, now: number, askedMs = RETRY_AFTER_MS): number {
  const asked = Math.min(LONGEST_RETRY_AFTER_MS, Math.max(1_000, askedMs)) * clock.scale
  const backoff = Math.min(LONGEST_BACKOFF_MS * clock.scale, (now - dueAt) / 8)
  return now + Math.ceil(Math.max(asked, backoff))
}

/** What a call brought, as it is stored. */
export function outcomeOf(handOff: HandOff): Parameters<typeof recordOutcome>[2] {
  switch (handOff.kind) {
    case 'accepted':
      return { state: 'accepted', reason: null, providerId: handOff.providerId }
    case 'rejected':
      return { state: 'rejected', reason: rejectionReason(handOff), providerId: null }
    case 'unknown':
      return { state: 'unknown', reason: handOff.cause, providerId: null }
    default:
      return handOff satisfies never
  }
}

/** A verdict that no call has brought; if nothing is left to do, the run ends with it. Repeating it changes nothing. */
async function concluded(deps: DeliverDeps, input: DeliverInput, verdict: Verdict, now: number): Promise<Verdict> {
  if (input.rest !== 'others') await endIfOver(deps.database, input, verdict, await stepOf(deps, input), now)
  return verdict
}

async function endIfOver(
  statements: Statements,
  input: DeliverInput,
  verdict: Verdict,
  step: Step,
  now: number,
): Promise<void> {
  const endsAt = endOfRun(verdict, input, step, now)
  if (endsAt !== undefined) await endRunAt(statements, input.enrollment, endsAt, now)
}

/** The step as the run entered it. */
async function stepOf(deps: DeliverDeps, input: DeliverInput): Promise<Step> {
  const [row] = await deps.database.query<{ version: string }>('select version from enrollment where id = $1', [
    input.enrollment,
  ])
  if (row === undefined) throw new Error(`enrollment ${input.enrollment} is not in the store`)
  return stepIn(await deps.journey(row.version), input.step)
}

function stepIn(journey: CompiledJourney, id: string): Step {
  const step = journey.steps.find((candidate) => candidate.id === id)
  if (step === undefined) throw new Error(`journey ${journey.id} has no step ${id}`)
  return step
}
