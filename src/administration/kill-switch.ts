import type { Statements } from '../core/database.ts'
import { recordAct } from './audit-trail.ts'

/** What a switch stops: everything, a channel, a provider, or a journey. `name` is empty for everything. */
export const SWITCH_SCOPES = ['all', 'channel', 'provider', 'journey'] as const
export type SwitchScope = (typeof SWITCH_SCOPES)[number]

export interface KillSwitch {
  readonly scope: SwitchScope
  readonly name: string
  /** For whoever finds it: no names, no addresses. */
  readonly reason: string
  readonly actor: string
  /** Epoch milliseconds. */
  readonly at: number
}

/**
 * Turns a switch on or off and puts it on the audit trail. Every gate reads the switches, so it is in force with the commit: the very
 * next decision holds. A call that has begun is not taken back. Returns whether anything changed.
 */
export async function setSwitch(
  statements: Statements,
  { on, ...wanted }: KillSwitch & { readonly on: boolean },
): Promise<boolean> {
  const { scope, name, reason, actor, at } = wanted
  const changed = on
    ? await statements.query(
        `insert into kill_switch (scope, name, reason, actor, at) values ($1, $2, $3, $4, $5)
         on conflict (scope, name) do nothing returning 1 as changed`,
        [scope, name, reason, actor, at],
      )
    : await statements.query('delete from kill_switch where scope = $1 and name = $2 returning 1 as changed', [
        scope,
        name,
      ])
  if (changed.length === 0) return false
  const subject = scope === 'all' ? scope : `${scope} ${name}`
  await recordAct(statements, { actor, act: on ? 'switch.on' : 'switch.off', subject, detail: { reason }, at })
  return true
}

/** What is switched off now, the oldest first. */
export async function listSwitches(statements: Statements): Promise<readonly KillSwitch[]> {
  return statements.query<KillSwitch>('select scope, name, reason, actor, at from kill_switch order by at, scope, name')
}
