import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deliver } from '../../src/delivery/deliver.ts'
import type { Database } from '../../src/core/database.ts'
import { clockAt, deliverDeps, deploy, dueNow, enter, keyOf, NOON as NEW_YORK_AFTERNOON } from '../delivery/fixture.ts'
import { pgliteStore, postgresStore } from '../delivery/stores.ts'
import { aJourney, aStep, aText, aWorkspace, DAY, HOUR, inWords, Scene, STORES } from '../gate/scene.ts'
import { aroundClaims, carriers } from './at-once.ts'

// The hours themselves are tried in full (every zone, every hour) in test/gate; here they are tried at the gate and at the socket.

const WINDOW = { fromMinute: 9 * 60, toMinute: 20 * 60 }
/** Zones with and without summer time, on both sides of the day line's neighbourhood, and the state whose law comes with each. */
const PLACES = [
  ['America/New_York', 'NY'],
  ['America/Chicago', 'TX'],
  ['America/Denver', 'CO'],
  ['America/Phoenix', 'AZ'],
  ['America/Los_Angeles', 'CA'],
  ['America/Anchorage', 'AK'],
  ['Pacific/Honolulu', 'HI'],
] as const
/** The nights in which clocks go forward and back, and a plain one. */
const NIGHTS = ['2026-03-07T12:00:00Z', '2026-10-31T12:00:00Z', '2026-07-14T12:00:00Z'].map((at) => Date.parse(at))

/** Minutes of the local day, by the platform's own calendar and not by the code under test. */
function minuteIn(zone: string, at: number): number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  const part = (type: string): number => Number(format.formatToParts(at).find((one) => one.type === type)?.value)
  return part('hour') * 60 + part('minute')
}

describe.each(STORES)('G4, inside the window, at the gate on $store', ({ open }) => {
  let scene: Scene
  let close: () => Promise<void>
  beforeAll(async () => {
    const opened = await open()
    scene = new Scene(opened.database)
    close = opened.close
    await scene.deploy(aWorkspace({ sendWindow: { sms: WINDOW, email: WINDOW }, giveUpAfterMs: 30 * DAY }))
  })
  afterAll(() => close())

  const texts = aJourney({ id: 'texts', steps: [aStep({ action: aText() })] })

  test.each(PLACES)('in %s nothing leaves outside of 9 to 20, on any of three nights', async (timezone, state) => {
    const contact = await scene.contact({ phone: null, traits: { timezone, state } })
    let sends = 0
    for (const night of NIGHTS) {
      for (let now = night; now < night + 1.5 * DAY; now += 45 * 60_000) {
        const verdict = await scene.ask(await scene.enroll(contact, aJourney()), { now })
        const local = minuteIn(timezone, now)
        const isInside = local >= WINDOW.fromMinute && local < WINDOW.toMinute
        if (verdict.kind === 'send') sends += 1
        expect(verdict.kind === 'send', `${new Date(now).toISOString()}: ${inWords(verdict)}`).toBe(isInside)
        if (verdict.kind !== 'hold') continue
        const opens = minuteIn(timezone, verdict.until)
        expect(opens, 'a hold ends inside').toBeGreaterThanOrEqual(WINDOW.fromMinute)
        expect(opens).toBeLessThan(WINDOW.toMinute)
      }
    }
    expect(sends).toBeGreaterThan(20)
  })

  test('a text to somebody who may be in two places leaves only when it is day in both', async () => {
    // A number of Los Angeles, a device in New York.
    const phone = '+13105550142'
    const contact = await scene.contact({ phone, traits: { timezone: 'America/New_York' } })
    for (let now = NIGHTS[2] ?? 0; now < (NIGHTS[2] ?? 0) + DAY; now += 30 * 60_000) {
      const verdict = await scene.ask(await scene.enroll(contact, texts), { now })
      if (verdict.kind !== 'send') continue
      for (const zone of ['America/New_York', 'America/Los_Angeles']) {
        expect(minuteIn(zone, now), `${zone}, ${new Date(now).toISOString()}`).toBeGreaterThanOrEqual(WINDOW.fromMinute)
        expect(minuteIn(zone, now)).toBeLessThan(WINDOW.toMinute)
      }
    }
  })

  test('of a contact about whom nothing is known, it is day everywhere in the country', async () => {
    const contact = await scene.contact({ phone: '+18005550142', traits: {} })
    let sends = 0
    for (let now = NIGHTS[2] ?? 0; now < (NIGHTS[2] ?? 0) + DAY; now += 30 * 60_000) {
      if ((await scene.ask(await scene.enroll(contact, texts), { now })).kind !== 'send') continue
      sends += 1
      for (const [zone] of PLACES) expect(minuteIn(zone, now), zone).toBeGreaterThanOrEqual(8 * 60)
    }
    expect(sends).toBeGreaterThan(0)
  })
})

for (const store of [pgliteStore(), postgresStore()]) {
  describe(`G4, inside the window, at the socket on ${store.name}`, () => {
    let database: Database
    beforeAll(async () => {
      await store.start()
      database = await store.open()
      await deploy(database)
    })
    afterAll(async () => {
      await database.close()
      await store.stop()
    })

    test('a call that was allowed before closing and would begin after it is not made, and is asked about again', async () => {
      const run = await enter(database)
      const input = dueNow(run, 'alone', { dueAt: NEW_YORK_AFTERNOON })
      const carrier = carriers()
      const clock = clockAt(NEW_YORK_AFTERNOON)
      // The process sleeps through the evening and the night between its claim and its call.
      const slow = aroundClaims(database, { after: () => clock.set(NEW_YORK_AFTERNOON + 12 * HOUR) })
      const { verdict } = await deliver(deliverDeps(slow, carrier.providers, { clock }), input)
      expect(carrier.times(keyOf(input))).toBe(0)
      expect(verdict).toMatchObject({ kind: 'held' })
      const next = await deliver(deliverDeps(database, carrier.providers, { clock }), input)
      expect(carrier.times(keyOf(input))).toBe(0)
      expect(next.verdict).toMatchObject({ kind: 'held', reason: 'quiet_hours' })
    })
  })
}
