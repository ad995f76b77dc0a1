import type { Check } from '../check.ts'

/** Neither before it is due nor after its giving up. */
export const timely: Check = ({ request: { dueAt }, now, giveUpAt, read }) => {
  read['due_at'] = dueAt
  // A timer may fire a millisecond early; anything more is a host that asks too soon.
  if (now < dueAt - 1) return { kind: 'hold', until: dueAt, reason: 'not_due' }
  read['give_up_at'] = giveUpAt
  return now > giveUpAt ? { kind: 'refuse', reason: 'gave_up' } : undefined
}
