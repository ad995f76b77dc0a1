/** What a text from a person asks for. `ambiguous`: perhaps a "no"; marketing waits until an operator has read it. */
export type Meaning = 'revoke' | 'start' | 'help' | 'ambiguous' | 'reply'

/** What a person wants to end: messages of one kind, everything that advertises, or everything. */
export type StopScope = 'purpose' | 'marketing' | 'everything'

/** What else a text says that somebody should know. */
export type Hint =
  /** Somebody else answers at this address: whoever agreed to be contacted is not there. */
  | 'wrong_number'
  /** Says that they never agreed. */
  | 'denies_consent'
  /** A lawyer, a regulator, a report. */
  | 'legal_threat'
  /** Speaks of emails, or of texts, whatever it came by. */
  | 'email'
  | 'texts'

/** One way of saying something. Patterns see one clause in the spelling of `clausesOf`. */
export interface Rule {
  /** Stored with the message and shown to operators, so never renamed. */
  readonly id: string
  readonly meaning: 'revoke' | 'ambiguous'
  readonly pattern: RegExp
  /** Says the opposite, or speaks of something else. */
  readonly unless?: RegExp
  readonly hint?: Hint
}
