import type { AddressKeys } from '../consent/address.ts'
import type { Statements } from '../core/database.ts'
import type { Branch } from '../core/compiled-journey.ts'
import { explainMessage } from './explain.ts'
import type { ExplainedMessage, Explanation } from './explanation.ts'
import { readMessage, RUN, type RunRow } from './read-message.ts'

/** What somebody wants to have explained. */
export type ExplainQuestion =
  | { readonly kind: 'send'; readonly send: string }
  | {
      readonly kind: 'contact'
      /** The surviving contact's id. */
      readonly contact: string
      readonly journey?: string
      readonly step?: string
    }

/** Runs of one person that are explained at once; the latest are. */
const RUNS = 20
const BRANCHES: readonly Branch[] = ['action', 'fallback']
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Why a message was sent, held or refused: the runs in question, the latest first, each with its messages. Empty if there is none.
 * Reads only, and holds no address.
 */
export async function answerWhy(
  statements: Statements,
  keys: AddressKeys,
  question: ExplainQuestion,
): Promise<readonly Explanation[]> {
  if (question.kind === 'send') {
    if (!UUID.test(question.send)) return []
    const [sent] = await statements.query<{ run: string; step: string; branch: Branch }>(
      'select enrollment_id as run, step, branch from send where id = $1::uuid',
      [question.send],
    )
    if (sent === undefined) return []
    const rows = await statements.query<RunRow>(`${RUN} where e.id = $1`, [sent.run])
    return explainRuns(statements, keys, rows, { step: sent.step, branches: [sent.branch] })
  }
  const { contact, journey = null, step } = question
  const rows = await statements.query<RunRow>(
    `${RUN} where e.contact_id = $1 and ($2::text is null or e.journey = $2) order by e.entered_at desc, e.id limit ${RUNS}`,
    [contact, journey],
  )
  return explainRuns(statements, keys, rows, { ...(step === undefined ? {} : { step }), branches: BRANCHES })
}

async function explainRuns(
  statements: Statements,
  keys: AddressKeys,
  rows: readonly RunRow[],
  wanted: { readonly step?: string; readonly branches: readonly Branch[] },
): Promise<readonly Explanation[]> {
  const explanations: Explanation[] = []
  for (const row of rows) {
    const messages: ExplainedMessage[] = []
    for (const step of row.compiled.steps) {
      if (wanted.step !== undefined && step.id !== wanted.step) continue
      for (const branch of wanted.branches) {
        const message = await readMessage(statements, keys, row, step, branch)
        if (message !== undefined) messages.push(explainMessage(message))
      }
    }
    if (messages.length === 0) continue
    explanations.push({ format: '1.0', contact: row.contact, journey: row.journey, run: row.id, messages })
  }
  return explanations
}
