/**
 * What the ledger keeps about how something was said, where it is known: 47 CFR 64.1200(f)(9), FTC TSR 16 CFR 310.5(a)(8), GDPR Art. 7(1),
 * CTIA Messaging Principles 5.1.2. All of it is personal and goes with an erasure; the entry itself stays.
 */
export interface ConsentEvidence {
  /** The text that was shown, word for word. */
  readonly wording?: string
  readonly wordingVersion?: string
  /** BCP 47, of the wording. */
  readonly language?: string
  /** Where it was shown, or the form's name. */
  readonly page?: string
  /** The word that was texted. */
  readonly keyword?: string
  readonly ip?: string
  readonly userAgent?: string
  /** Where the person was, as far as known: an ISO 3166 code, such as US-VA or CA. It decides how long evidence is kept. */
  readonly jurisdiction?: string
  /** The message in which it was said, at its carrier. */
  readonly messageId?: string
  /** What confirmed it: the request for confirmation, or the operator's name for the paper. */
  readonly confirmedBy?: string
}

/** Names of before, and those that senders of JSON expect. */
const NAMES = {
  wording: ['wording'],
  wordingVersion: ['wordingVersion', 'wording_version', 'version'],
  language: ['language'],
  page: ['page'],
  keyword: ['keyword'],
  ip: ['ip'],
  userAgent: ['userAgent', 'user_agent'],
  jurisdiction: ['jurisdiction'],
  messageId: ['messageId', 'message_id', 'message'],
  confirmedBy: ['confirmedBy', 'confirmed_by'],
} as const satisfies Readonly<Record<keyof ConsentEvidence, readonly string[]>>

/** The known fields of a stored proof. What is no text is left out here and stays in the proof. */
export function readEvidence(proof: Readonly<Record<string, unknown>>): ConsentEvidence {
  const found: Partial<Record<keyof ConsentEvidence, string>> = {}
  for (const field of Object.keys(NAMES) as (keyof ConsentEvidence)[]) {
    const value = NAMES[field].map((name) => proof[name]).find((one) => typeof one === 'string')
    if (typeof value === 'string') found[field] = value
  }
  return found
}

/** Whether there is anything at all to show for a consent. */
export function hasEvidence(proof: Readonly<Record<string, unknown>>): boolean {
  return Object.values(proof).some((value) => value !== null && value !== '')
}
