import type { Statements } from '../core/database.ts'

/** Something that somebody did to the product rather than through it. */
export interface Act {
  /** The API key's name, `operator <name>` for a command line, or `schedule <name>`. */
  readonly actor: string
  /** Noun and verb: `key.create`, `suppression.lift`, `contact.erase`, `switch.on`. */
  readonly act: string
  /** What it was done to. Opaque ids only: the trail outlives the person. */
  readonly subject: string
  /** No addresses, no names. */
  readonly detail?: Readonly<Record<string, unknown>>
  /** Epoch milliseconds. */
  readonly at: number
}

/** Appends to the audit trail, in the transaction of the act: what is not on the trail did not happen. */
export async function recordAct(statements: Statements, act: Act): Promise<void> {
  await statements.query('insert into audit (actor, act, subject, detail, at) values ($1, $2, $3, $4, $5)', [
    act.actor,
    act.act,
    act.subject,
    JSON.stringify(act.detail ?? {}),
    act.at,
  ])
}
