import { assignArm, isHeldOut } from '../core/assignment.ts'
import { messagesOfStep, type CompiledJourney } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'

/**
 * Assigns a contact to the arms of a journey's experiments and to its holdout, and tells whether the contact is held out.
 *
 * The first assignment is stored and stays, whatever a later version says about shares or arms: a person who was held out
 * and is messaged half-way would spoil both groups.
 */
export async function assignAtEntry(
  statements: Statements,
  journey: CompiledJourney,
  contactId: string,
  at: number,
): Promise<{ readonly heldOut: boolean }> {
  const arms = new Map<string, string>()
  const holdout = `holdout:${journey.id}`
  if (journey.enter.holdout !== undefined) {
    arms.set(holdout, isHeldOut(journey.id, journey.enter.holdout, contactId) ? 'out' : 'in')
  }
  for (const [experiment, names] of experimentsOf(journey))
    arms.set(experiment, assignArm(experiment, names, contactId))
  if (arms.size === 0) return { heldOut: false }

  const stored = await statements.query<{ salt: string; arm: string }>(
    `with fresh as (
       insert into assignment (contact_id, salt, arm, at)
       select $1, salt, arm, $4 from unnest($2::text[], $3::text[]) as wanted (salt, arm)
       on conflict do nothing
       returning salt, arm
     )
     select salt, arm from fresh
     union all
     select salt, arm from assignment where contact_id = $1 and salt = any($2::text[])`,
    [contactId, [...arms.keys()], [...arms.values()], at],
  )
  return { heldOut: stored.some((row) => row.salt === holdout && row.arm === 'out') }
}

function experimentsOf(journey: CompiledJourney): ReadonlyMap<string, readonly string[]> {
  const experiments = new Map<string, readonly string[]>()
  for (const step of journey.steps) {
    for (const action of messagesOfStep(step)) {
      if (typeof action.subject !== 'object') continue
      experiments.set(
        action.subject.experiment,
        action.subject.arms.map((arm) => arm.name),
      )
    }
  }
  return experiments
}
