import { hashFraction } from '../../../core/assignment.ts'
import { contentHash } from '../../../core/canonical-json.ts'
import { FIRST_NAMES, HOMES, PhoneBook } from './homes.ts'
import type { SampleConsent, SamplePerson } from './sample.ts'

/** Shares of the invented people. Each channel's consent is drawn by itself, so that some lack one, some both. */
const CONSENTING = 0.8
const WITH_PHONE = 0.9
const WITH_DECLARED_ZONE = 0.7
const SUPPRESSED = 0.03
const OPTED_OUT = 0.03
const DAY_MS = 86_400_000

/** The name under which a user of the real data appears. The real id does not leave the file. */
export function shopperId(user: string): string {
  return `shopper-${contentHash(`user ${user}`).slice(0, 12)}`
}

/** Invents a contact for each shopper: the same for the same users in every run. `before` is when the data begins. */
export function inventPeople(users: readonly string[], before: number): readonly SamplePerson[] {
  const phones = new PhoneBook()
  return users.map((user) => invent(shopperId(user), before, phones))
}

function invent(userId: string, before: number, phones: PhoneBook): SamplePerson {
  const draw = (what: string): number => hashFraction(what, userId)
  const choose = <T>(what: string, choices: readonly T[]): T => {
    const chosen = choices[Math.floor(draw(what) * choices.length)]
    if (chosen === undefined) throw new Error(`nothing to choose for ${what}`)
    return chosen
  }
  const home = choose('home', HOMES)
  const email = `${userId}@example.com`
  const phone = draw('phone') < WITH_PHONE ? phones.next(home, Math.floor(draw('area') * 8)) : undefined

  const consents: SampleConsent[] = []
  for (const channel of ['email', 'sms'] as const) {
    if (draw(`consent ${channel}`) >= CONSENTING) continue
    const given = { channel, purpose: 'cart-reminders' }
    consents.push({ ...given, state: 'granted', at: before - 30 * DAY_MS })
    if (draw(`opted out ${channel}`) < OPTED_OUT) consents.push({ ...given, state: 'revoked', at: before - 2 * DAY_MS })
  }
  const suppressed = draw('suppressed') < SUPPRESSED

  return {
    userId,
    persona: 'shopper',
    zone: home.zone,
    traits: {
      firstName: choose('name', FIRST_NAMES),
      email,
      ...(phone !== undefined && { phone }),
      ...(draw('zone') < WITH_DECLARED_ZONE && { timezone: home.zone, state: home.state }),
    },
    consents,
    suppressions: suppressed ? [{ channel: 'email', address: email, reason: 'manual' }] : [],
    behaviours: [],
    faults: [],
    clicksAgain: false,
  }
}
