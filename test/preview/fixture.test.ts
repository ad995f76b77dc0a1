import { describe, expect, it } from 'vitest'
import { compileWorkspace } from '../../src/compiler/compile.ts'
import { compileFixture, completeFixture, fixtureFacts } from '../../src/compiler/fixtures.ts'
import { readWorkspaceFiles } from '../../src/compiler/workspace-files.ts'
import { SourceText } from '../../src/diagnostics/source-text.ts'
import { segmentsOf } from '../../src/delivery/rendering/sms-encoding.ts'
import { NOON, SHIPPED } from './workspace.ts'

const files = await readWorkspaceFiles(SHIPPED)
const { workspace, journeys } = await compileWorkspace(files)
if (workspace === undefined) throw new Error('the shipped workspace has errors')
const shop = workspace
const facts = fixtureFacts(shop, journeys)
const cart = journeys.find(({ id }) => id === 'cart-recovery')
const welcome = journeys.find(({ id }) => id === 'welcome')

const read = (text: string) => compileFixture(new SourceText('messages/fixtures/one.yaml', text), facts)
const codes = (text: string) => read(text).diagnostics.map(({ code }) => code)

describe('a fixture', () => {
  it('says who somebody is, what they consented to and what happened, and is for the journeys that it names', () => {
    const { fixture, diagnostics } = read(`segue: 1
description: A regular with two things in the basket.
journeys: [cart-recovery]
contact: { first_name: Noor, timezone: America/Chicago, vip: true }
consents:
  - { purpose: cart-reminders, channels: [sms] }
  - { purpose: newsletter }
trigger:
  cart: { id: A-7, total: 51.5, items: [{ name: Lamp }] }
offer: { code: CART10-AAAA }
`)
    expect(diagnostics).toEqual([])
    expect(JSON.parse(JSON.stringify(fixture))).toEqual({
      description: 'A regular with two things in the basket.',
      journeys: ['cart-recovery'],
      contact: { first_name: 'Noor', timezone: 'America/Chicago', vip: true },
      consents: [
        { purpose: 'cart-reminders', channels: ['sms'] },
        { purpose: 'newsletter', channels: ['email', 'sms'] },
      ],
      trigger: { cart: { id: 'A-7', total: 51.5, items: [{ name: 'Lamp' }] } },
      code: 'CART10-AAAA',
    })
  })

  it('without journeys is for those whose trigger its data could be', () => {
    expect(read('segue: 1\ntrigger: { cart: { id: A-7, total: 51 } }\n').fixture?.journeys).toEqual(['cart-recovery'])
    expect(read('segue: 1\ntrigger: { source: footer }\n').fixture?.journeys).toEqual(['welcome'])
    expect(read('segue: 1\ncontact: { first_name: Noor }\n').fixture?.journeys).toEqual([])
  })

  it.each([
    ['a value of another type', 'contact: { vip: often }', 'SEG370'],
    ['a fraction where whole numbers are meant', 'contact: { orders_count: 1.5 }', 'SEG370'],
    ['a date in another order', 'contact: { birthday: 14.06.1991 }', 'SEG370'],
    ['an instant without its offset', 'contact: { last_order_at: 2027-03-01T09:00:00 }', 'SEG370'],
    ['a number that should be text', 'contact: { postal_code: 11201 }', 'SEG370'],
    ['a trait that nobody declared', 'contact: { shoe_size: "44" }', 'SEG371'],
    ['an event without what it requires', 'journeys: [cart-recovery]\ntrigger: { cart: { id: A-7 } }', 'SEG372'],
    ['a list where a map is meant', 'journeys: [cart-recovery]\ntrigger: { cart: [] }', 'SEG370'],
    ['a zone that is none', 'contact: { timezone: New York }', 'SEG325'],
    ['a purpose that is none', 'consents: [{ purpose: carts }]', 'SEG301'],
    ['a journey that is none', 'journeys: [wellcome]', 'SEG335'],
    ['an address that may be somebody’s', 'contact: { email: noor@gmail.com }', 'SEG508'],
    ['a number that may be somebody’s', 'contact: { phone: "+12127363100" }', 'SEG508'],
  ])('with %s gives one diagnostic and no fixture', (_what, line, code) => {
    expect(codes(`segue: 1\n${line}\n`)).toEqual([code])
    expect(read(`segue: 1\n${line}\n`).fixture).toBeUndefined()
  })

  it('takes addresses that are nobody’s', () => {
    expect(codes('segue: 1\ncontact: { email: noor@shop.example.com, phone: "+1 (202) 555-0199" }\n')).toEqual([])
  })

  it('with quotes around a forgotten number is mended by its fix', () => {
    const text = 'segue: 1\ncontact: { postal_code: 02139 }\n'
    const fix = read(text).diagnostics[0]?.fix
    expect(fix?.applicability).toBe('safe')
    const mended = text.slice(0, fix?.range.start.offset) + fix?.text + text.slice(fix?.range.end.offset)
    expect(read(mended).fixture?.contact).toEqual({ postal_code: '02139' })
  })
})

describe('what a fixture leaves out', () => {
  it('is made up from the schemas, so that every journey can be seen at once', () => {
    for (const journey of journeys) {
      const { contact, trigger } = completeFixture(undefined, journey, shop, { now: NOON, size: 'usual' })
      const text = JSON.stringify({ segue: 1, journeys: [journey.id], contact, trigger })
      expect(codes(text)).toEqual([])
      expect(Object.keys(contact)).toEqual(Object.keys(shop.contact.properties))
    }
  })

  it('is made up part by part', () => {
    if (cart === undefined) throw new Error('the journey is gone')
    const { fixture } = read('segue: 1\ncontact: { first_name: Noor }\n')
    const complete = completeFixture(fixture, cart, shop, { now: NOON, size: 'usual' })
    expect({ ...complete.contact }).toEqual({ first_name: 'Noor' })
    expect(complete.trigger).toMatchObject({ cart: { total: 64 } })
  })

  it('may be long, in letters that a text carries, or in letters that make it dear', () => {
    if (welcome === undefined) throw new Error('the journey is gone')
    const name = (size: 'long' | 'foreign') =>
      String(completeFixture(undefined, welcome, shop, { now: NOON, size }).contact['first_name'])
    expect([name('long').length, name('foreign').length]).toEqual([24, 24])
    expect(segmentsOf(name('long')).encoding).toBe('GSM-7')
    expect(segmentsOf(name('foreign')).encoding).toBe('UCS-2')
  })
})
