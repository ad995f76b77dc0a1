import { isRoleMailbox } from '../../consent/role-mailbox.ts'
import { DEAD_REASONS } from '../../consent/suppression.ts'
import type { Check } from '../check.ts'

/** An address that does not lead to the person is as good as none: nobody said "no", so a declared fallback may follow. */
export const addressable: Check = ({ request, live, facts, read }) => {
  const dead = facts.suppressions.some((reason) => DEAD_REASONS.includes(reason))
  const nobody =
    live.class === 'marketing' && request.action.channel === 'email' && isRoleMailbox(request.address ?? '')
  if (nobody) read['role_mailbox'] = true
  return request.address === undefined || dead || nobody ? { kind: 'refuse', reason: 'no_address' } : undefined
}
