import type { Statements } from '../core/database.ts'

export interface Run {
  readonly id: string
  readonly journey: string
  readonly version: string
  readonly trigger: Readonly<Record<string, unknown>>
  readonly state: 'active' | 'ended'
  readonly entered_at: number
  readonly ends_at: number | null
}

export interface NewRun {
  readonly id: string
  readonly journey: string
  readonly version: string
  readonly contactId: string
  readonly key: string
  readonly trigger: Readonly<Record<string, unknown>>
  readonly triggerMessageId: string
  readonly heldOut: boolean
  readonly enteredAt: number
  /** The journey's end had happened before the trigger arrived: recorded, never started. */
  readonly over?: RunEnd
}

export type RunEnd =
  | { readonly outcome: 'goal'; readonly endedAt: number; readonly convertedAt: number }
  | { readonly outcome: 'exited'; readonly endedAt: number }

/** A contact's runs that an event may still matter to: the live ones, and those that may yet count as converted. */
export async function openRuns(statements: Statements, contactId: string): Promise<readonly Run[]> {
  return statements.query<Run>(
    `select id, journey, version, trigger, state, entered_at, ends_at
       from enrollment
      where contact_id = $1 and (state = 'active' or converted_at is null)
      order by entered_at, id`,
    [contactId],
  )
}

/** Runs that had nothing left to send and whose last receipt is overdue are completed, by the first who looks. */
export async function closeFinishedRuns(statements: Statements, contactId: string, now: number): Promise<void> {
  await statements.query(
    `update enrollment
        set state = 'ended', outcome = 'completed', ended_at = ends_at
      where contact_id = $1 and state = 'active' and ends_at <= $2`,
    [contactId, now],
  )
}

/** False if the run has ended by now: the delivery of its last message completes it without waiting for the contact. */
export async function endRun(statements: Statements, id: string, end: RunEnd): Promise<boolean> {
  const rows = await statements.query(
    `update enrollment
        set state = 'ended', outcome = $2, ended_at = $3, converted_at = $4
      where id = $1 and state = 'active'
      returning id`,
    [id, end.outcome, end.endedAt, end.outcome === 'goal' ? end.convertedAt : null],
  )
  return rows.length > 0
}

/** A run that has ended still counts as converted if its goal is reached within the journey's window. */
export async function convertEndedRun(statements: Statements, id: string, convertedAt: number): Promise<void> {
  await statements.query('update enrollment set converted_at = $2 where id = $1 and converted_at is null', [
    id,
    convertedAt,
  ])
}

/** The latest entry of a contact and key, and whether a run of it is alive. Undefined: there never was one. */
export async function lastEntry(
  statements: Statements,
  journey: string,
  contactId: string,
  key: string,
): Promise<{ readonly enteredAt: number; readonly alive: boolean } | undefined> {
  const [row] = await statements.query<{ entered_at: number | null; alive: boolean | null }>(
    `select max(entered_at) as entered_at, bool_or(state = 'active') as alive
       from enrollment
      where journey = $1 and contact_id = $2 and key = $3`,
    [journey, contactId, key],
  )
  return row === undefined || row.entered_at === null
    ? undefined
    : { enteredAt: row.entered_at, alive: row.alive === true }
}

/** False if a live run of this journey, contact and key exists: the unique index is the last word. */
export async function insertRun(statements: Statements, run: NewRun): Promise<boolean> {
  const rows = await statements.query(
    `insert into enrollment (id, journey, version, contact_id, key, trigger, state, outcome, held_out,
                             entered_at, ended_at, converted_at, trigger_message_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     on conflict do nothing
     returning id`,
    [
      run.id,
      run.journey,
      run.version,
      run.contactId,
      run.key,
      JSON.stringify(run.trigger),
      run.over === undefined ? 'active' : 'ended',
      run.over?.outcome ?? null,
      run.heldOut,
      run.enteredAt,
      run.over?.endedAt ?? null,
      run.over?.outcome === 'goal' ? run.over.convertedAt : null,
      run.triggerMessageId,
    ],
  )
  return rows.length > 0
}
