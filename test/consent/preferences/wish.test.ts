import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Person } from '../../../src/consent/preferences/person.ts'
import { isOn, pageVersion, viewOf } from '../../../src/consent/preferences/view.ts'
import { type Act, planWish, type Wish } from '../../../src/consent/preferences/wish.ts'
import { aWorkspace, DAY, NOON } from '../../gate/scene.ts'

const PURPOSES = ['carts', 'news', 'tips'] as const
const CHANNELS = ['email', 'sms'] as const
const WORKSPACE = aWorkspace(
  {},
  {
    purposes: {
      carts: { class: 'marketing', description: 'Carts' },
      news: { class: 'marketing', description: 'News', optIn: { email: 'double', sms: 'double' } },
      tips: { class: 'marketing', description: 'Tips' },
      orders: { class: 'transactional', description: 'Orders' },
    },
  },
)

const instants = fc.integer({ min: NOON - 9, max: NOON + 9 })
const people: fc.Arbitrary<Person> = fc.record({
  id: fc.constant('00000000-0000-4000-8000-000000000001'),
  addresses: fc.constantFrom({ email: 'joan@example.com', sms: '+12025550142' }, { email: 'joan@example.com' }, {}),
  locale: fc.constant(null),
  policy: fc.constant('us-retail'),
  provenChannel: fc.constantFrom('email', 'sms', undefined),
  formerAddress: fc.constant(undefined),
  consentUntil: fc.constantFrom(NOON - DAY, NOON + DAY),
  consents: fc.uniqueArray(
    fc.record({
      channel: fc.constantFrom(...CHANNELS),
      purpose: fc.constantFrom(...PURPOSES, 'orders', '*'),
      state: fc.constantFrom('granted' as const, 'revoked' as const),
      at: instants,
    }),
    { selector: ({ channel, purpose }) => `${channel} ${purpose}` },
  ),
  blocks: fc.array(
    fc.record({
      channel: fc.constantFrom(...CHANNELS),
      reason: fc.constantFrom('stop' as const, 'unsubscribe' as const, 'bounce' as const),
      at: instants,
    }),
    { maxLength: 2 },
  ),
  preference: fc.constant(undefined),
})
const changes = fc.array(
  fc.record({
    purpose: fc.constantFrom(...PURPOSES, 'orders', 'nothing', '*'),
    channel: fc.constantFrom(...CHANNELS),
    on: fc.boolean(),
  }),
  { maxLength: 4 },
)
const shownAts = fc.constantFrom(0, NOON - 5, NOON, NOON + 5, NOON + 20)
const AT = NOON + 10

function plan(person: Person, wish: Wish): readonly Act[] {
  return planWish(person, viewOf(person, WORKSPACE, 'en', AT), wish, AT).acts
}

function save(person: Person, shownAt: number, made: Extract<Wish, { kind: 'save' }>['changes']): Wish {
  return { kind: 'save', shownAt, version: pageVersion(viewOf(person, WORKSPACE, 'en', AT)), changes: made }
}

const isYes = ({ kind }: Act): boolean => kind === 'grant' || kind === 'ask'

describe('what a press of Save writes', () => {
  it('never says yes to what was not turned on, nor no to what was left on', () => {
    fc.assert(
      fc.property(people, changes, shownAts, (person, made, shownAt) => {
        for (const act of plan(person, save(person, shownAt, made))) {
          const touched = made.filter(
            (one) => 'purpose' in act && one.purpose === act.purpose && one.channel === act.channel,
          )
          if (isYes(act)) expect(touched.some(({ on }) => on)).toBe(true)
          if (act.kind === 'revoke') {
            const wasOn = isOn(person, act.purpose, act.channel, AT)
            expect(wasOn ? touched.some(({ on }) => !on) : true).toBe(true)
          }
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('never says yes with a page that is older than a "no", or from the future, or with an old link, or against a STOP or a bounce', () => {
    fc.assert(
      fc.property(people, changes, shownAts, (person, made, shownAt) => {
        for (const act of plan(person, save(person, shownAt, made)).filter(isYes)) {
          expect(shownAt).toBeLessThanOrEqual(AT)
          expect(person.consentUntil).toBeGreaterThan(AT)
          const blocks = person.blocks.filter(({ channel }) => channel === act.channel)
          expect(blocks.every(({ reason, at }) => reason === 'unsubscribe' && at < shownAt)).toBe(true)
          const noes = person.consents.filter(
            ({ channel, purpose, state }) =>
              state === 'revoked' &&
              channel === act.channel &&
              'purpose' in act &&
              [act.purpose, '*'].includes(purpose),
          )
          expect(noes.every(({ at }) => at < shownAt)).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('says yes at once only where the link proves the address and the purpose asks for no confirmation', () => {
    fc.assert(
      fc.property(people, changes, shownAts, (person, made, shownAt) => {
        for (const act of plan(person, save(person, shownAt, made))) {
          if (act.kind === 'grant') expect([act.channel, act.purpose === 'news']).toEqual([person.provenChannel, false])
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('leaves on what was on or was turned on, and nothing else, when a block of the address ends', () => {
    fc.assert(
      fc.property(people, changes, shownAts, (person, made, shownAt) => {
        const acts = plan(person, save(person, shownAt, made))
        for (const { channel } of acts.filter(({ kind }) => kind === 'lift')) {
          for (const purpose of PURPOSES) {
            const own = acts.filter((act) => 'purpose' in act && act.purpose === purpose && act.channel === channel)
            expect(own.some((act) => act.kind === 'revoke' || isYes(act))).toBe(true)
          }
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('blocks an address exactly when the last that was on is turned off', () => {
    fc.assert(
      fc.property(people, changes, (person, made) => {
        const acts = plan(person, save(person, NOON + 10, made))
        for (const channel of CHANNELS) {
          const onBefore = PURPOSES.filter((purpose) => isOn(person, purpose, channel, AT))
          const mine = acts.filter((act) => act.channel === channel)
          const off = mine.filter(({ kind }) => kind === 'revoke').length
          const left = onBefore.length - off + mine.filter(isYes).length
          const blocked = mine.some(({ kind }) => kind === 'suppress')
          expect(blocked).toBe(onBefore.length > 0 && off > 0 && left === 0)
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('asks for nothing that is not on the page', () => {
    fc.assert(
      fc.property(people, changes, shownAts, (person, made, shownAt) => {
        for (const act of plan(person, save(person, shownAt, made))) {
          if ('purpose' in act) expect(PURPOSES).toContain(act.purpose)
          expect(person.addresses[act.channel]).toBeDefined()
        }
      }),
    )
  })
})
