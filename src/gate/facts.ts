import type { StepFacts } from '../conditions/evaluate.ts'
import type { Branch, Channel } from '../core/compiled-journey.ts'
import type { ConsentFact } from '../consent/ledger.ts'

/** Everything that a decision rests on, read in one statement after the locks were taken: one instant's truth. */
export interface Facts {
  readonly journey: string
  readonly version: string
  readonly contactId: string
  readonly state: 'active' | 'ended'
  readonly outcome: string | null
  readonly heldOut: boolean
  readonly traits: Readonly<Record<string, unknown>>
  readonly trigger: Readonly<Record<string, unknown>>
  readonly email: string | null
  readonly phone: string | null
  /** Kill switches that are on and may concern this message; those of providers whichever it is. */
  readonly switches: readonly { readonly scope: string; readonly name: string }[]
  readonly consent: readonly ConsentFact[]
  readonly suppressions: readonly string[]
  /** Marketing that reached, or may have reached, this contact or this address within the time asked for; the latest first. */
  readonly contacts: readonly MarketingContact[]
  readonly steps: Readonly<Record<string, StepFacts>>
  /** This very send, if an earlier attempt wrote it. */
  readonly send: ExistingSend | null
  readonly arm: string | null
  readonly code: { readonly code: string; readonly validUntil: number } | null
  /** Latest sign of life of this person, epoch milliseconds; null when the policy has no sunset rule, or there never was one. */
  readonly engagedAt: number | null
  /** Live runs of this contact whose journeys the policy ranks above this one; empty when it ranks none. */
  readonly rivals: readonly RivalRun[]
  /** What the person asked for in the preference centre. Absent or null: nothing. */
  readonly preference?: PersonalPreference | null
  /** What the person wrote to us that keeps marketing back. Absent: nothing. */
  readonly conversation?: Conversation
  /** When a text last said how to opt out, epoch milliseconds. Absent or null: never, or the policy does not ask. */
  readonly optOutSaidAt?: number | null
}

/** Epoch milliseconds. */
export interface Conversation {
  /** The latest text that was a sentence and not a keyword. */
  readonly repliedAt: number | null
  /** The oldest message that may have been a refusal and that no operator has decided yet. */
  readonly doubtAt: number | null
}

export interface PersonalPreference {
  /** Epoch milliseconds before which no marketing may leave. */
  readonly pausedUntil: number | null
  /** The person's own rolling cap over everything; both null without one. */
  readonly capCount: number | null
  readonly capWindowMs: number | null
  /** The last `capCount` marketing messages, the latest first: epoch milliseconds. Empty without a cap. */
  readonly latest: readonly number[]
}

export interface MarketingContact {
  readonly channel: Channel
  readonly purpose: string
  readonly at: number
}

export interface ExistingSend {
  readonly state: string
  readonly reason: string | null
  readonly handedOffAt: number | null
  readonly updatedAt: number
}

/** Another live run of the contact, as far as the store knows it: enough to tell when its next message is due. */
export interface RivalRun {
  readonly enrollment: string
  readonly version: string
  readonly enteredAt: number
  readonly sends: readonly {
    readonly step: string
    readonly branch: Branch
    readonly state: string
    readonly at: number
  }[]
  /** The latest decision about each message that is on hold. */
  readonly holds: readonly {
    readonly step: string
    readonly branch: Branch
    readonly reason: string
    readonly until: number
  }[]
}

/** What a message asks the store about. Parts of the facts read from it what they need, by name. */
export interface FactsQuestion {
  readonly enrollment: string
  readonly step: string
  readonly branch: Branch
  readonly channel: Channel
  readonly purpose: string
  /** Hashes of the address on the channel, under every key version; empty without one. */
  readonly hashes: readonly string[]
  /** Hashes of all of the contact's addresses: what went to any of them went to this person. */
  readonly ownHashes: readonly string[]
  /** Sends at or before this instant are of no interest. */
  readonly since: number
  readonly experiment: string | null
  readonly offer: string | null
  /** Whether conditions ask about other steps. */
  readonly withSteps: boolean
  /** Events that count as a sign of life; null when nobody asks for one. */
  readonly signsOfLife: readonly string[] | null
  /** Journeys that go before this one; empty when the policy ranks none above it. */
  readonly outranking: readonly string[]
  /** Whether the policy lets texts leave the opt-out wording out for a while. */
  readonly asksOptOutWording: boolean
}

/**
 * One column of the facts statement. `sql` may use `e` (the enrollment), `c` (its contact) and any field of the question as
 * `{field}`, which becomes a parameter. A part whose `needed` says no is left out of the statement, and `otherwise` stands in its
 * place: starting a subquery that nobody needs costs as much as running it, and the gate is the busiest statement there is.
 */
export interface FactPart {
  readonly name: keyof Facts
  readonly sql: string
  /** Absent: always. Must depend on nothing but the message and the live workspace. */
  readonly needed?: (question: FactsQuestion) => boolean
  /** An SQL constant. */
  readonly otherwise?: string
}

/** The contact as conditions and templates see it: its traits and its addresses. */
export function contactOf({ traits, email, phone }: Facts): Readonly<Record<string, unknown>> {
  return { ...traits, ...(email === null ? {} : { email }), ...(phone === null ? {} : { phone }) }
}
