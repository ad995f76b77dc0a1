import { assignArm } from '../core/assignment.ts'
import type { CompiledJourney, MessageAction } from '../core/compiled-journey.ts'
import type { Database, Statements } from '../core/database.ts'
import { sendId } from '../core/send-id.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { decide, type Decision } from './decide.ts'
import { contactOf, type Facts } from './facts.ts'
import { lockAndRead, type Question } from './lock-and-read.ts'
import { type IssuedCode, issueCode } from './offer-codes.ts'
import { WorkspaceCache } from './read-facts.ts'
import type { GateDeps, GateRequest } from './request.ts'
import { settle, writeDecision } from './reserve.ts'
import type { GateVerdict } from './verdict.ts'

export type { GateDeps, GateRequest } from './request.ts'

const workspaces = new WeakMap<Database, WorkspaceCache>()

/**
 * Decides whether one message of one run may go out now, and reserves it if so: one transaction, in which the contact and the
 * address are locked first and everything is read after that. So whatever was committed before the reservation (an opt-out, a
 * suppression, a goal, another journey's message) was seen by it, and whatever comes later finds the reservation.
 *
 * Safe to call again for the same message: it decides afresh until the hand-off has begun, and reports the outcome after that.
 * Throws for an unknown enrollment or step, which is a bug, and when the store is unavailable.
 */
export async function gate(database: Database, deps: GateDeps, request: GateRequest): Promise<GateVerdict> {
  let cache = workspaces.get(database)
  if (cache === undefined) workspaces.set(database, (cache = new WorkspaceCache()))
  const live = cache
  return database.transaction((statements) => decideOnce(statements, deps, request, live))
}

async function decideOnce(
  statements: Statements,
  deps: GateDeps,
  request: GateRequest,
  cache: WorkspaceCache,
): Promise<GateVerdict> {
  const { now } = request
  const question = await lockAndRead(statements, deps, request, cache)
  const { facts, journey, step, action, workspace, address, hashes, rivals } = question
  const id = sendId(request.enrollment, step.id, request.branch)
  if (facts.send !== null && facts.send.state !== 'reserved') {
    return { kind: 'settled', sendId: id, ...(await settle(statements, id, facts.send, now)) }
  }

  let decision: Decision = decide(
    {
      enrollment: request.enrollment,
      journey,
      step,
      branch: request.branch,
      action,
      dueAt: request.dueAt,
      address,
      workspace,
      rivals,
    },
    facts,
    now,
  )
  let code: IssuedCode | undefined = facts.code ?? undefined
  if (decision.kind === 'send' && action.offer !== undefined && code === undefined) {
    code = await takeCode(statements, request, journey, action.offer, workspace)
    if (code === undefined) decision = { kind: 'refuse', reason: 'codes_exhausted', read: decision.read }
  }
  const arm = armOf(action, facts)
  // By which purposes, policies and senders it was decided.
  decision = { ...decision, read: { ...decision.read, workspace: cache.current?.hash ?? null } }
  await writeDecision(statements, decision, facts, {
    sendId: id,
    enrollment: request.enrollment,
    step: step.id,
    branch: request.branch,
    channel: action.channel,
    purpose: journey.purpose,
    class: workspace?.purposes[journey.purpose]?.class ?? 'marketing',
    addressHash: hashes[0],
    arm,
    code: decision.kind === 'send' && action.offer !== undefined ? code?.code : undefined,
    now,
  })
  return verdictOf(decision, question, request, id, arm, code)
}

async function takeCode(
  statements: Statements,
  request: GateRequest,
  journey: CompiledJourney,
  name: string,
  workspace: CompiledWorkspace | undefined,
): Promise<IssuedCode | undefined> {
  const offer = journey.offers[name]
  const pool = offer === undefined ? undefined : workspace?.pools[offer.codes]
  if (offer === undefined || pool === undefined) return undefined
  return issueCode(statements, {
    poolName: offer.codes,
    pool,
    enrollment: request.enrollment,
    offer: name,
    validForMs: offer.validForMs,
    now: request.now,
  })
}

/** The stored assignment; where there is none, or its arm is gone, the arm that the hash gives, which never changes either. */
function armOf(action: MessageAction, facts: Facts): string | undefined {
  if (typeof action.subject !== 'object') return undefined
  const { experiment } = action.subject
  const arms = action.subject.arms.map(({ name }) => name)
  return facts.arm !== null && arms.includes(facts.arm) ? facts.arm : assignArm(experiment, arms, facts.contactId)
}

function verdictOf(
  decision: Decision,
  { facts, journey, step, action, address }: Question,
  request: GateRequest,
  id: string,
  arm: string | undefined,
  code: IssuedCode | undefined,
): GateVerdict {
  switch (decision.kind) {
    case 'hold':
      return { kind: 'hold', until: decision.until, reason: decision.reason }
    case 'refuse':
      return { kind: 'refuse', reason: decision.reason }
    case 'ended':
      return { kind: 'ended', outcome: decision.outcome }
    case 'ghost':
      return { kind: 'ghost', sendId: id }
    case 'send': {
      if (address === undefined) throw new Error('a message without an address was not refused')
      const offer = action.offer === undefined ? undefined : journey.offers[action.offer]
      return {
        kind: 'send',
        reservation: {
          sendId: id,
          enrollment: request.enrollment,
          journey: facts.journey,
          version: facts.version,
          step: step.id,
          branch: request.branch,
          channel: action.channel,
          action,
          class: decision.class,
          purpose: journey.purpose,
          contactId: facts.contactId,
          address,
          traits: contactOf(facts),
          trigger: facts.trigger,
          policy: decision.policy,
          sender: decision.sender,
          ...(arm === undefined ? {} : { arm }),
          ...(offer === undefined || code === undefined ? {} : { offer: { ...offer, ...code } }),
          ...(decision.windowClosesAt === undefined ? {} : { windowClosesAt: decision.windowClosesAt }),
          ...(decision.optOutDue ? {} : { optOutDue: false }),
        },
      }
    }
    default:
      return decision satisfies never
  }
}
