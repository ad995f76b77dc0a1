import type { Statements } from '../core/database.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { consentFacts } from './checks/consent.ts'
import { stepFacts } from './checks/condition.ts'
import { contactFacts } from './checks/contacts.ts'
import { conversationFacts } from './checks/conversation.ts'
import { codeFacts } from './checks/offer.ts'
import { optOutFacts } from './checks/opt-out-wording.ts'
import { rivalFacts } from './checks/outranked.ts'
import { switchFacts } from './checks/pause.ts'
import { preferenceFacts } from './checks/preference.ts'
import { engagementFacts } from './checks/sunset.ts'
import { suppressionFacts } from './checks/suppression.ts'
import type { FactPart, Facts, FactsQuestion } from './facts.ts'

const armFacts: FactPart = {
  name: 'arm',
  needed: ({ experiment }) => experiment !== null,
  sql: '(select a.arm from assignment a where a.contact_id = e.contact_id and a.salt = {experiment})',
  otherwise: 'null',
}

const sendFacts: FactPart = {
  name: 'send',
  sql: `(select json_build_object('state', s.state, 'reason', s.reason, 'handedOffAt', s.handed_off_at, 'updatedAt', s.updated_at)
    from send s where s.enrollment_id = e.id and s.step = {step} and s.branch = {branch})`,
}

/** Every part of the facts that is not a column of the run or its contact. Each check brings its own. */
const PARTS: readonly FactPart[] = [
  switchFacts,
  consentFacts,
  suppressionFacts,
  contactFacts,
  sendFacts,
  stepFacts,
  armFacts,
  codeFacts,
  engagementFacts,
  rivalFacts,
  preferenceFacts,
  conversationFacts,
  optOutFacts,
]

/** Whether `asked` reads everything that `wanted` needs. */
export function covers(asked: FactsQuestion, wanted: FactsQuestion): boolean {
  return (
    asked.since <= wanted.since &&
    PARTS.every(({ needed }) => needed === undefined || needed(asked) || !needed(wanted)) &&
    wanted.outranking.every((journey) => asked.outranking.includes(journey))
  )
}

interface FactsStatement {
  readonly text: string
  /** Fields of the question in the order of the parameters; `known` is the workspace that is in memory. */
  readonly parameters: readonly (keyof FactsQuestion | 'known')[]
}

/** Statements by the parts that they read; few, and each is prepared by the store under its text. */
const statements = new Map<number, FactsStatement>()

// One statement, because each statement of a READ COMMITTED transaction sees a different instant.
function statementFor(question: FactsQuestion): FactsStatement {
  const chosen = PARTS.reduce(
    (bits, { needed }, i) => (needed === undefined || needed(question) ? bits | (1 << i) : bits),
    0,
  )
  let statement = statements.get(chosen)
  if (statement !== undefined) return statement
  const columns = PARTS.map(
    ({ name, sql, otherwise }, i) => `${(chosen & (1 << i)) === 0 ? otherwise : sql} as "${name}"`,
  )
  statement = numbered(`
select e.journey, e.version, e.contact_id as "contactId", e.state, e.outcome, e.held_out as "heldOut", e.trigger,
  c.traits, c.email, c.phone,
  ${columns.join(',\n  ')},
  w.hash as "workspaceHash", case when w.hash is distinct from {known} then w.compiled end as workspace
from enrollment e
join contact c on c.id = e.contact_id
left join workspace w on w.id = 1
where e.id = {enrollment}`)
  statements.set(chosen, statement)
  return statement
}

/** Numbers the named parameters by their first use. PostgreSQL refuses a parameter that its statement does not use. */
function numbered(named: string): FactsStatement {
  const parameters: (keyof FactsQuestion | 'known')[] = []
  const text = named.replaceAll(/\{(\w+)\}/g, (_whole, name: keyof FactsQuestion | 'known') => {
    if (!parameters.includes(name)) parameters.push(name)
    return `$${parameters.indexOf(name) + 1}`
  })
  return { text, parameters }
}

interface FactsRow extends Facts {
  readonly workspaceHash: string | null
  readonly workspace: CompiledWorkspace | null
}

export interface LiveWorkspace {
  readonly hash: string
  readonly compiled: CompiledWorkspace
}

/** Keeps the live workspace parsed. It is read with the facts, so it is never older than they are. */
export class WorkspaceCache {
  current: LiveWorkspace | undefined
}

export async function readFacts(
  store: Statements,
  question: FactsQuestion,
  cache: WorkspaceCache,
): Promise<{ facts: Facts; workspace: CompiledWorkspace | undefined } | undefined> {
  const known = cache.current
  const { text, parameters } = statementFor(question)
  const values = parameters.map((name) => (name === 'known' ? (known?.hash ?? null) : question[name]))
  const [row] = await store.query<FactsRow>(text, values)
  if (row === undefined) return undefined
  const { workspaceHash, workspace, ...facts } = row
  if (workspaceHash === null) return { facts, workspace: undefined }
  if (workspace === null) return { facts, workspace: known?.compiled }
  cache.current = { hash: workspaceHash, compiled: workspace }
  return { facts, workspace }
}
