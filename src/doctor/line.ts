/** One thing that was looked at. */
export interface Line {
  /** Stable, for monitoring: `dns.spf`, `store.migrations`. */
  readonly check: string
  /** What it is about: a domain, a number, a queue. Never a secret, never a person. */
  readonly subject: string
  readonly state: 'ok' | 'warn' | 'fail'
  /** What is the case, in one sentence. */
  readonly says: string
  /** What to do about it: the record to publish, the command to run. Absent only when all is well. */
  readonly mend?: string
}

type Say = (check: string, subject: string, says: string) => Line
type Complain = (check: string, subject: string, says: string, mend: string) => Line

export const ok: Say = (check, subject, says) => ({ check, subject, state: 'ok', says })
export const warn: Complain = (check, subject, says, mend) => ({ check, subject, state: 'warn', says, mend })
export const fail: Complain = (check, subject, says, mend) => ({ check, subject, state: 'fail', says, mend })
