import { FIRST_NAMES, HOMES, type PhoneBook } from './homes.ts'
import type { Persona, Reaction } from './personas.ts'
import type { Random } from './random.ts'
import type { SampleConsent, SamplePerson } from './sample.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** Invents one person. `number` is unique in the sample; `before` is when the sample begins. */
export function inventPerson(
  persona: Persona,
  number: number,
  before: number,
  { phones, random }: { readonly phones: PhoneBook; readonly random: Random },
): SamplePerson {
  // In turn, so that every zone has several people; names are drawn.
  const home = HOMES[number % HOMES.length] ?? HOMES[0]
  if (home === undefined) throw new Error('nobody lives anywhere')
  const firstName = random.pick(FIRST_NAMES)
  const email = `${firstName.toLowerCase()}.${String(number).padStart(2, '0')}@example.com`
  const good = phones.next(home, random.whole(0, 7))
  const phone = persona.phone === 'none' ? undefined : persona.phone === 'wrong' ? '555-0142' : good
  // Of the others only the number says where they may be.
  const tellsZone = number % 3 !== 2
  const tellsState = number % 2 === 0
  const purpose = persona.story.kind === 'signs-up' ? 'newsletter' : 'cart-reminders'
  const reaction = persona.story.kind === 'leaves-cart' ? persona.story.reacts : undefined

  return {
    userId: `person-${String(number).padStart(2, '0')}`,
    persona: persona.name,
    zone: home.zone,
    traits: {
      firstName,
      email,
      ...(phone !== undefined && { phone }),
      ...(tellsZone && { timezone: home.zone }),
      ...(tellsState && { state: home.state }),
    },
    consents: consentsOf(persona, purpose, before, random),
    suppressions: (persona.suppressed ?? []).flatMap((channel) => {
      const address = channel === 'email' ? email : phone
      return address === undefined ? [] : [{ channel, address, reason: 'manual' }]
    }),
    ...reactionOf(reaction, email, phone),
  }
}

function consentsOf(persona: Persona, purpose: string, before: number, random: Random): readonly SampleConsent[] {
  const consents: SampleConsent[] = []
  for (const channel of persona.consents ?? (['email', 'sms'] as const)) {
    consents.push({ channel, purpose, state: 'granted', at: before - random.whole(20, 300) * DAY_MS })
  }
  for (const channel of persona.optedOut ?? []) {
    consents.push({ channel, purpose, state: 'revoked', at: before - random.whole(1, 15) * DAY_MS })
  }
  return consents
}

type Reacting = Pick<SamplePerson, 'behaviours' | 'faults' | 'clicksAgain'>

function reactionOf(reaction: Reaction | undefined, email: string, phone: string | undefined): Reacting {
  const nothing: Reacting = { behaviours: [], faults: [], clicksAgain: false }
  if (reaction === undefined || phone === undefined) return nothing
  const clicks = { address: phone, clicks: 'first-link', clickAfterMs: 25 * MINUTE_MS } as const
  switch (reaction) {
    case 'clicks-text':
      return { ...nothing, behaviours: [clicks] }
    case 'clicks-text-twice':
      return { ...nothing, behaviours: [clicks], clicksAgain: true }
    case 'replies-stop':
      return { ...nothing, behaviours: [{ address: phone, replies: { body: 'STOP', afterMs: 15 * MINUTE_MS } }] }
    case 'text-undeliverable':
      // Twilio 30006: landline or unreachable carrier.
      return { ...nothing, faults: [{ channel: 'sms', to: phone, undeliverable: 30006 }] }
    case 'email-bounces':
      return { ...nothing, faults: [{ channel: 'email', to: email, bounce: 'hard' }] }
    default:
      return reaction satisfies never
  }
}
