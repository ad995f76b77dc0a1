import type { DecisionRequest, Live, Objection } from '../check.ts'
import type { FactPart, Facts } from '../facts.ts'
import type { MissingSetting } from '../setting.ts'

export const switchFacts: FactPart = {
  name: 'switches',
  sql: `(select coalesce(json_agg(json_build_object('scope', k.scope, 'name', k.name)), '[]') from kill_switch k
    where k.scope in ('all', 'provider') or (k.scope = 'channel' and k.name = {channel}) or (k.scope = 'journey' and k.name = e.journey))`,
}

/**
 * How long a paused message waits before it asks again, in milliseconds: the longer it has waited, the less another quarter of that
 * matters. A run has room for so many events only, and a pause may last for months.
 */
const SHORTEST_PAUSE_MS = 30 * 60_000
const LONGEST_PAUSE_MS = 6 * 3_600_000

/** The switches that keep this message back: which provider would carry it is known only from the live workspace. */
export function switchedOff(live: Live | MissingSetting, facts: Facts): Facts['switches'] {
  const provider = live.kind === 'live' ? live.sender.provider : undefined
  return facts.switches.filter(({ scope, name }) => scope !== 'provider' || name === provider)
}

/** The hold of a message that a kill switch, or a gap in the live workspace, keeps back. */
export function pause(
  request: DecisionRequest,
  live: Live | MissingSetting,
  facts: Facts,
  now: number,
  read: Record<string, unknown>,
): Objection {
  read['switches'] = switchedOff(live, facts).map(({ scope, name }) => (scope === 'all' ? scope : `${scope} ${name}`))
  if (live.kind === 'missing') read['missing'] = live.what
  return { kind: 'hold', until: now + pauseMs(now - request.dueAt), reason: 'paused' }
}

export function pauseMs(waitedMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, Math.floor(waitedMs / 4)))
}
