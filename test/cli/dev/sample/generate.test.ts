import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Figures } from '../../../../src/cli/dev/sample/figures.ts'
import { generateSample } from '../../../../src/cli/dev/sample/generate.ts'
import { PERSONAS } from '../../../../src/cli/dev/sample/personas.ts'
import { readSample, type SampleEvent, writeSample } from '../../../../src/cli/dev/sample/sample.ts'

const folder = join(import.meta.dirname, '../../../../journeys/sample')
const shipped = readSample(folder)
const figures = JSON.parse(readFileSync(join(folder, 'figures.json'), 'utf8')) as Figures
const cartOf = (event: SampleEvent) =>
  event.properties['cart'] as { id: string; total: number; items: { price: number; quantity: number }[] }
const abandonments = shipped.events.filter((event) => event.event === 'cart.abandoned')
const eventsOf = (persona: string) => {
  const users = new Set(shipped.people.filter((person) => person.persona === persona).map((person) => person.userId))
  return shipped.events.filter((event) => users.has(event.userId))
}

describe('the sample that ships', () => {
  test('is what the generator makes of the figures, to the byte', () => {
    const files = writeSample(generateSample(figures, 20_261_110))
    expect(files.people).toBe(readFileSync(join(folder, 'people.json'), 'utf8'))
    expect(files.events).toBe(readFileSync(join(folder, 'events.json'), 'utf8'))
  })

  test('is another one for another seed', () => {
    expect(writeSample(generateSample(figures, 1)).events).not.toBe(writeSample(generateSample(figures, 2)).events)
  })

  test('sends only events that the workspace declares, for purposes that it has', () => {
    const names = new Set(shipped.events.map((event) => event.event))
    expect([...names].filter((name) => !existsSync(join(folder, '../events', `${name}.yaml`)))).toEqual([])
    const workspace = parse(readFileSync(join(folder, '../segue.yaml'), 'utf8')) as {
      purposes: Record<string, unknown>
    }
    const purposes = new Set(shipped.people.flatMap((person) => person.consents.map((consent) => consent.purpose)))
    expect([...purposes].filter((purpose) => !Object.hasOwn(workspace.purposes, purpose))).toEqual([])
  })

  test('has every persona, each as often as it says', () => {
    for (const persona of PERSONAS) {
      expect(shipped.people.filter((person) => person.persona === persona.name)).toHaveLength(persona.count)
    }
  })

  test('has only addresses and numbers that reach nobody, each once', () => {
    const emails = shipped.people.map((person) => person.traits['email'])
    const phones = shipped.people.flatMap((person) => person.traits['phone'] ?? [])
    expect(emails.every((email) => email?.endsWith('@example.com'))).toBe(true)
    expect(phones.every((phone) => /^(?:\+1[2-9]\d\d55501\d\d|555-01\d\d)$/.test(phone))).toBe(true)
    expect(new Set(emails).size).toBe(emails.length)
    expect(new Set(phones).size).toBe(phones.length)
  })

  test('has people in seven zones, some of whom only their number tells of', () => {
    expect(new Set(shipped.people.map((person) => person.zone)).size).toBe(7)
    const silent = shipped.people.filter((person) => person.traits['timezone'] === undefined)
    expect(silent.length).toBeGreaterThan(10)
    expect(silent.length).toBeLessThan(shipped.people.length / 2)
  })

  test('leaves its carts within the first two hours, and its texts fall into the night of some', () => {
    for (const event of eventsOf('no phone')) {
      expect(event.at).toBeGreaterThan(shipped.startsAt)
      expect(event.at).toBeLessThanOrEqual(shipped.startsAt + 2 * 3_600_000)
    }
    const hourInHonolulu = (at: number) =>
      Number(new Intl.DateTimeFormat('en-GB', { hour: '2-digit', timeZone: 'Pacific/Honolulu' }).format(at))
    const early = abandonments.filter((event) => {
      const zone = shipped.people.find((person) => person.userId === event.userId)?.zone
      return zone === 'Pacific/Honolulu' && hourInHonolulu(event.at + 3 * 3_600_000) < 8
    })
    expect(early.length).toBeGreaterThan(0)
  })

  test('has totals that are the sum of their lines, at or above the entry condition but for the small carts', () => {
    const small = new Set(eventsOf('cart under 30 dollars').map((event) => event.messageId))
    for (const event of abandonments) {
      const { total, items } = cartOf(event)
      expect(total).toBeCloseTo(
        items.reduce((sum, item) => sum + item.price * item.quantity, 0),
        2,
      )
      expect(total >= 30).toBe(!small.has(event.messageId))
    }
  })

  test('orders when each persona says, always after its cart was left', () => {
    const delays = (persona: string) =>
      eventsOf(persona)
        .filter((event) => event.event === 'order.placed')
        .map((order) => {
          const cart = abandonments.find((event) => cartOf(event).id === order.properties['cart_id'])
          return (order.at - (cart?.at ?? Number.NaN)) / 3_600_000
        })
    expect(delays('orders before the first email').every((hours) => hours > 0 && hours < 1)).toBe(true)
    expect(delays('orders between email and text').every((hours) => hours > 1 && hours < 3)).toBe(true)
    expect(delays('orders after the text').every((hours) => hours > 3 && hours < 48)).toBe(true)
  })

  test('repeats one message id, and no other', () => {
    const ids = shipped.events.map((event) => event.messageId)
    expect(ids.length - new Set(ids).size).toBe(1)
  })

  test('is in the order of its instants', () => {
    expect(shipped.events.map((event) => event.at)).toEqual(
      shipped.events.map((event) => event.at).toSorted((a, b) => a - b),
    )
  })

  test('survives being written and read', () => {
    const sample = generateSample(figures, 20_261_110)
    expect({ ...shipped, events: shipped.events.map((event) => event.at) }).toEqual({
      ...sample,
      events: sample.events.map((event) => Math.floor(event.at)),
    })
  })
})
