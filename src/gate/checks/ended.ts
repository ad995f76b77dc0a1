import type { Check } from '../check.ts'

/** The run is over: its goal was reached, it was exited, or nothing was left of it. */
export const ended: Check = ({ facts, read }) => {
  if (facts.state === 'active') return undefined
  read['outcome'] = facts.outcome
  return { kind: 'ended', outcome: facts.outcome === 'goal' ? 'goal' : 'exited' }
}
