/**
 * The statement that a message relied on, as lateral joins for a row `s` of `send`: of what was known when it was handed over, the latest
 * word for its purpose, and the latest word for everything. The gate decided by the same rule (`allowsPurpose`).
 *
 * It looks into the ledger that the message was claimed under, which is another contact's once two were merged, and reads that ledger
 * anew: the entry that the claim wrote down is not believed. `own` and `every` are null where nothing was said; `relied_on` is the
 * entry that allowed the message, null if nothing did.
 */
export const RELIANCE = `
  left join consent_event claimed on claimed.id = s.relied_on
  cross join lateral (select coalesce(claimed.contact_id, s.contact_id) as contact_id) person
  left join lateral (${latestWord('s.purpose')}) own on true
  left join lateral (${latestWord("'*'")}) every on true
  cross join lateral (
    select own.state = 'granted' and (own.expires_at is null or own.expires_at > s.handed_off_at) as own_holds,
           every.state = 'granted' and (every.expires_at is null or every.expires_at > s.handed_off_at) as every_holds
  ) holds
  cross join lateral (
    select case
      when own.state = 'revoked' then null
      when every.state = 'revoked' then case when holds.own_holds and own.at > every.at then own.id end
      when holds.own_holds then own.id
      when holds.every_holds then every.id
    end as relied_on
  ) relied`

function latestWord(purpose: string): string {
  return `
    select e.id, e.state, e.at, e.recorded_at, e.expires_at from consent_event e
     where e.contact_id = person.contact_id and e.channel = s.channel and e.purpose = ${purpose} and e.state <> 'requested'
       and e.recorded_at <= s.handed_off_at
     order by e.at desc, e.state desc, e.expires_at nulls last limit 1`
}

/** States of a send that reached, or may have reached, a person. */
export const HANDED_OVER = `('attempting', 'accepted', 'delivered', 'undelivered', 'bounced', 'complained', 'unknown')`
