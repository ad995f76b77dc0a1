import type { Health } from '../../core/workspace.ts'

/**
 * Gmail asks senders to keep reported spam below 0.1 % and never to reach 0.3 %: https://support.google.com/mail/answer/81126.
 * For bounces nobody publishes a number; mail services warn at about 2 % and stop senders at about 5 %.
 */
export const DEFAULT_HEALTH: Health = {
  complaintWarn: 0.001,
  complaintStop: 0.003,
  bounceWarn: 0.02,
  bounceStop: 0.05,
  leastMessages: 200,
}

/** What became of the messages of one journey that certainly went to a carrier. */
export interface Figures {
  readonly emails: number
  readonly bounced: number
  readonly complained: number
  readonly texts: number
  readonly undelivered: number
}

export interface Finding {
  readonly what: 'complaints' | 'bounces' | 'undelivered texts'
  readonly level: 'warn' | 'stop'
  readonly count: number
  readonly of: number
  /** The share that it has reached, 0 to 1. */
  readonly limit: number
}

/** One person must not be able to pause a journey, and one complaint is more than 0.3 % of the fewest messages that count. */
const LEAST_COMPLAINTS_TO_STOP = 2

/** What is wrong with a journey's figures; empty if it is well. Pure. */
export function judge(
  { emails, bounced, complained, texts, undelivered }: Figures,
  health: Health,
): readonly Finding[] {
  const findings: Finding[] = []
  if (emails >= health.leastMessages) {
    // Nobody can report what never reached a mailbox.
    const reached = emails - bounced
    const stop = complained < LEAST_COMPLAINTS_TO_STOP ? Number.POSITIVE_INFINITY : health.complaintStop
    findings.push(...found('complaints', complained, reached, health.complaintWarn, stop))
    findings.push(...found('bounces', bounced, emails, health.bounceWarn, health.bounceStop))
  }
  if (texts >= health.leastMessages) {
    // A phone that is off or abroad is no sign of a bad list, so many more texts fail than emails bounce: told, never a reason to stop.
    findings.push(...found('undelivered texts', undelivered, texts, health.bounceStop, Number.POSITIVE_INFINITY))
  }
  return findings
}

function found(what: Finding['what'], count: number, of: number, warn: number, stop: number): readonly Finding[] {
  if (count === 0 || of === 0) return []
  const share = count / of
  if (share >= stop) return [{ what, level: 'stop', count, of, limit: stop }]
  return share >= warn ? [{ what, level: 'warn', count, of, limit: warn }] : []
}
