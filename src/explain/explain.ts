import { CHECKS, checkOf, isReason, passedBefore } from './checks.ts'
import type { DecisionEvidence, MessageEvidence, SendEvidence } from './evidence.ts'
import type { ExplainedDecision, ExplainedMessage } from './explanation.ts'
import { factLines } from './fact-lines.ts'
import { holdSentence, refusalSentence } from './sentences.ts'
import { instantIn } from './words.ts'
import { HOLD_REASONS, REFUSAL_REASONS, type HoldReason, type RefusalReason } from '../gate/verdict.ts'

/** Explains one message of one run. Pure: the same rows give the same words. */
export function explainMessage(message: MessageEvidence): ExplainedMessage {
  const { version, zone, step, branch, channel, purpose } = message
  const decisions = message.decisions.map((decision) => explainDecision(message, decision))
  const approved = version.approver === null ? 'whose approval is not recorded' : `approved by ${version.approver}`
  return {
    step,
    branch,
    channel,
    purpose,
    summary: summaryOf(message, decisions.at(-1)),
    decisions,
    outcome: message.send === null ? [] : outcomeOf(message.send, zone),
    version: {
      hash: version.hash,
      commit: version.commit,
      author: version.author,
      approver: version.approver,
      says: `Journey ${message.run.journey}, version ${version.hash.slice(0, 12)}, commit ${version.commit}, by ${version.author}, ${approved}; first deployed at ${instantIn(zone, version.deployedAt)}.`,
    },
  }
}

function explainDecision(message: MessageEvidence, decision: DecisionEvidence): ExplainedDecision {
  const { at, verdict, reason, until, facts } = decision
  const known = reason === 'allowed' || reason === 'held_out' || isReason(reason) ? reason : undefined
  const answered = known === undefined ? undefined : checkOf(known, facts)
  const passed = answered === undefined ? [] : passedBefore(answered, facts)
  const sayings = known === 'allowed' && answered !== undefined ? [...passed, answered] : passed
  return {
    at,
    verdict,
    reason,
    until,
    says: `${instantIn(message.zone, at)}: ${saysOf(message, decision)}`,
    answeredBy: known === 'allowed' ? 'none: every check passed' : (answered ?? 'unknown'),
    passed: sayings.map((check) => CHECKS[check]),
    facts: factLines({ message, decision }),
  }
}

function saysOf(message: MessageEvidence, decision: DecisionEvidence): string {
  const { verdict, reason, until } = decision
  const told = { message, decision }
  switch (verdict) {
    case 'send':
      return 'It was allowed to go.'
    case 'ghost':
      return 'The run is held out: it was written down as if sent, and handed to nobody.'
    case 'hold': {
      const why = isHold(reason) ? ` ${holdSentence(reason, told)}` : ''
      return `It was held (${reason})${until === null ? '' : ` until ${instantIn(message.zone, until)}`}.${why}`
    }
    case 'refuse':
      return `It was refused (${reason}).${isRefusal(reason) ? ` ${refusalSentence(reason, told)}` : ''}`
    default:
      return verdict satisfies never
  }
}

function isHold(reason: string): reason is HoldReason {
  return HOLD_REASONS.some((one) => one === reason)
}

function isRefusal(reason: string): reason is RefusalReason {
  return REFUSAL_REASONS.some((one) => one === reason)
}

function summaryOf(
  { send, run, zone, decisions, waits }: MessageEvidence,
  last: ExplainedDecision | undefined,
): string {
  const latest = decisions.at(-1)
  if (latest === undefined || last === undefined) {
    if (run.state !== 'active') {
      const end = run.endedAt === null ? '' : ` at ${instantIn(zone, run.endedAt)}`
      return `It was never decided about: the run ended${end} (${run.outcome ?? 'unknown'}) before it was due.`
    }
    const anchor = waits.from === 'entry' ? 'the entry' : waits.from
    return waits.dueAt === null
      ? `It has not been decided about: it counts from ${anchor}, which has not happened.`
      : `It has not been decided about yet: the run waits until it is due at ${instantIn(zone, waits.dueAt)}, counted from ${anchor}.`
  }
  switch (latest.verdict) {
    case 'refuse':
      return `It was not sent, and will not be: ${latest.reason}.`
    case 'hold':
      return run.state === 'active'
        ? `It is held${latest.until === null ? '' : ` until ${instantIn(zone, latest.until)}`} (${latest.reason}) and is decided afresh then.`
        : `It was held (${latest.reason}), and the run ended before it was decided afresh.`
    case 'ghost':
      return 'It was not sent: the run is in the holdout.'
    case 'send':
      return send === null
        ? 'It was allowed to go.'
        : `It was allowed to go; it is ${STATES[send.state] ?? send.state} now.`
    default:
      return latest.verdict satisfies never
  }
}

const STATES: Readonly<Record<string, string>> = {
  reserved: 'reserved and not yet handed over',
  attempting: 'being handed over',
  accepted: 'with the carrier',
  delivered: 'delivered',
  undelivered: 'reported as not delivered',
  bounced: 'bounced',
  complained: 'delivered, and reported as spam',
  rejected: 'rejected by the carrier',
  unknown: 'with nobody knows whom: the carrier may or may not have it, and it is never sent again',
  refused: 'refused',
  held_out: 'held out',
}

function outcomeOf(send: SendEvidence, zone: string): readonly string[] {
  const to = send.provider === null ? '' : ` to ${send.provider}`
  const name = send.providerId === null ? '' : `, which calls it ${send.providerId}`
  return [
    ...(send.handedOffAt === null || send.state === 'held_out'
      ? []
      : [`${instantIn(zone, send.handedOffAt)}: handed over${to}${name}.`]),
    ...send.feedback.map(
      ({ event, code, machine, at }) =>
        `${instantIn(zone, at)}: ${event}${code === null ? '' : ` (${code})`}${machine ? ', by a machine' : ''}.`,
    ),
    `The send ${send.id} is ${STATES[send.state] ?? send.state}${send.reason === null ? '' : ` (${send.reason})`}, since ${instantIn(zone, send.updatedAt)}.`,
  ]
}
