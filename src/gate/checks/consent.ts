import { allowsPurpose } from '../../consent/ledger.ts'
import type { Check } from '../check.ts'
import type { FactPart } from '../facts.ts'

export const consentFacts: FactPart = {
  name: 'consent',
  sql: `(select coalesce(json_agg(json_strip_nulls(json_build_object('purpose', n.purpose, 'state', n.state, 'at', n.at,
      'expiresAt', n.expires_at))), '[]') from consent n
    where n.contact_id = e.contact_id and n.channel = {channel} and n.purpose in ({purpose}, '*'))`,
}

/** The person's word for this purpose and channel, as it stands now. A grant that has lapsed is on the record and counts for nothing. */
export const consent: Check = ({ request, facts, now, read }) => {
  read['consent'] = facts.consent
  return allowsPurpose(request.journey.purpose, facts.consent, now)
    ? undefined
    : { kind: 'refuse', reason: 'no_consent' }
}
