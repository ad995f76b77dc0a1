import type { Database } from '../../../core/database.ts'
import { checkExpectations } from './expectations/check.ts'
import type { LoggedHandOff } from './hand-off.ts'
import { readProgress, type RunCounts } from './progress.ts'
import type { Sample } from './sample.ts'

/** What `npm start -- --once --json` prints. */
export interface Result {
  /** Whether all expectations hold. */
  readonly ok: boolean
  readonly journeys: Readonly<Record<string, RunCounts>>
  /** By the sandbox's own log. Distinct send keys; equal to the total unless something was handed over twice. */
  readonly handoffs: { readonly total: number; readonly distinct: number }
  /** Where runs are seen. */
  readonly ui: string
  /** Where messages are seen. */
  readonly inbox: string
  /** What was not as it must be, in sentences. */
  readonly failures: readonly string[]
}

export interface ResultContext {
  readonly sample: Sample
  /** Virtual epoch milliseconds. */
  readonly now: number
  /** Virtual milliseconds; see {@link checkExpectations}. 250 real ones are plenty: 250 x scale. */
  readonly slackMs: number
  readonly ui: string
  readonly inbox: string
}

export async function readResult(
  database: Database,
  handOffs: readonly LoggedHandOff[],
  { sample, ui, inbox, ...circumstances }: ResultContext,
): Promise<Result> {
  const { journeys } = await readProgress(database, circumstances.now)
  const failures = await checkExpectations(database, handOffs, sample, circumstances)
  const keys = handOffs.flatMap(({ sendKey }) => (sendKey === null ? [] : [sendKey]))
  return {
    ok: failures.length === 0,
    journeys,
    handoffs: { total: handOffs.length, distinct: new Set(keys).size },
    ui,
    inbox,
    failures,
  }
}
