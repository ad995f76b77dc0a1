import type { Check } from '../check.ts'

/**
 * What passes the limits of marketing may not carry any. A code makes a message marketing, whatever its purpose is called
 * (16 CFR 316.3; carriers say the same). The compiler refuses such a journey; here it is caught when a purpose was made
 * transactional after the journey had been deployed.
 */
export const noMarketing: Check = ({ request: { action }, live, read }) => {
  if (live.class !== 'transactional' || action.offer === undefined) return undefined
  read['offer'] = action.offer
  return { kind: 'refuse', reason: 'marketing_in_transactional' }
}
