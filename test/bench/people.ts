import { randomUUID } from 'node:crypto'
import type { Channel } from '../../src/core/compiled-journey.ts'
import type { Database } from '../../src/core/database.ts'

export interface Person {
  readonly id: string
  readonly email: string
  readonly phone: string
}

/** Area codes of the eastern states, each with the hundred numbers that are kept for fiction: nobody shares an address. */
const AREAS = [
  ...['212 315 332 347 363 516 518 585 607 624 631 646 680 716 718 838 845 914 917 929 934', '302', '401'],
  ...['201 551 609 640 732 848 856 862 908 973', '215 223 267 272 412 445 484 570 582 610 717 724 814 835 878'],
  ...['216 220 234 283 326 330 380 419 436 440 513 567 614 740 937', '229 404 470 478 678 706 762 770 912 943'],
].flatMap((state) => state.split(' '))
const NUMBERS = 100

/** The nth of many invented people. */
export function person(index: number): Person {
  const area = AREAS[index % AREAS.length] ?? ''
  const number = Math.floor(index / AREAS.length)
  if (number >= NUMBERS) throw new Error(`there are numbers for ${AREAS.length * NUMBERS} people only`)
  return {
    id: randomUUID(),
    email: `person-${index}@example.com`,
    phone: `+1${area}55501${String(number).padStart(2, '0')}`,
  }
}

/** Writes contacts of New York who agreed to `purpose` on the given channels. */
export async function seedPeople(
  database: Database,
  people: readonly Person[],
  consent: { readonly purpose: string; readonly channels: readonly Channel[]; readonly at: number },
): Promise<void> {
  const traits = JSON.stringify({ first_name: 'Robin', state: 'NY', timezone: 'America/New_York' })
  await database.query(
    `insert into contact (id, external_id, email, phone, traits, created_at, updated_at)
     select p.id, p.email, p.email, p.phone, $4::jsonb, $5, $5
       from unnest($1::uuid[], $2::text[], $3::text[]) as p (id, email, phone)`,
    [
      people.map(({ id }) => id),
      people.map(({ email }) => email),
      people.map(({ phone }) => phone),
      traits,
      consent.at,
    ],
  )
  await database.query(
    `with said as (
       insert into consent_event (contact_id, channel, purpose, state, source, at, recorded_at)
       select p.id, c.channel, $3, 'granted', 'api', $4, $4
         from unnest($1::uuid[]) as p (id), unnest($2::text[]) as c (channel)
       returning id, contact_id, channel, purpose, state, at
     )
     insert into consent (contact_id, channel, purpose, state, at, event_id)
     select contact_id, channel, purpose, state, at, id from said`,
    [people.map(({ id }) => id), consent.channels, consent.purpose, consent.at],
  )
}

/** Writes a run for each of the people and returns the runs' ids, in their order. */
export async function seedRuns(
  database: Database,
  people: readonly Person[],
  run: { readonly journey: string; readonly version: string; readonly enteredAt: number },
): Promise<readonly string[]> {
  const ids = people.map(() => randomUUID())
  await database.query(
    `insert into enrollment (id, journey, version, contact_id, key, trigger, entered_at, trigger_message_id)
     select r.id, $3, $4, r.contact, r.id::text, $5::jsonb, $6, r.id::text
       from unnest($1::uuid[], $2::uuid[]) as r (id, contact)`,
    [ids, people.map(({ id }) => id), run.journey, run.version, JSON.stringify(TRIGGER), run.enteredAt],
  )
  return ids
}

/** The properties of every run's trigger: a basket of two things. */
export const TRIGGER = {
  cart: {
    id: 'basket',
    total: 118.5,
    currency: 'USD',
    url: 'https://shop.example.com/basket/1',
    items: [
      { sku: 'A1', name: 'Linen shirt', price: 79, quantity: 1, image_url: 'https://shop.example.com/i/a1.jpg' },
      { sku: 'B2', name: 'Canvas bag', price: 39.5, quantity: 1, image_url: 'https://shop.example.com/i/b2.jpg' },
    ],
  },
}
