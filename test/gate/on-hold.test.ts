import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aJourney, anEmail, aStep, aWorkspace, DAY, HOUR, inWords, NOON, Scene, STORES } from './scene.ts'

describe.each(STORES)('messages on hold, on $store', ({ open }) => {
  let scene: Scene
  let close: () => Promise<void>
  beforeAll(async () => {
    const opened = await open()
    scene = new Scene(opened.database)
    close = opened.close
  })
  afterAll(() => close())

  async function paused<T>(scope: 'all' | 'journey', name: string, work: () => Promise<T>): Promise<T> {
    await scene.database.query(`insert into kill_switch (scope, name, reason, at) values ($1, $2, 'test', 0)`, [
      scope,
      name,
    ])
    try {
      return await work()
    } finally {
      await scene.database.query('delete from kill_switch')
    }
  }

  test('a reservation that is put on hold gives its place to others, and asks for a new one when the hold ends', async () => {
    await scene.deploy(aWorkspace({ caps: [{ count: 1, windowMs: DAY }] }))
    const contact = await scene.contact()
    const held = await scene.enroll(contact, aJourney())
    const other = await scene.enroll(contact, aJourney({ id: 'welcome' }))
    expect(inWords(await scene.ask(held))).toBe('send')
    expect(await paused('journey', 'cart-recovery', () => scene.ask(held).then(inWords))).toBe('hold paused')
    expect(inWords(await scene.ask(other))).toBe('send')
    expect(inWords(await scene.ask(held))).toBe('refuse cap')
  })

  test('a pause of a hundred days is asked about some hundred times, and seldom later than by a quarter', async () => {
    await scene.deploy(aWorkspace())
    const enrollment = await scene.enroll(await scene.contact(), aJourney())
    await paused('all', '', async () => {
      let asked = 0
      for (let now = NOON; now < NOON + 100 * DAY; asked++) {
        const verdict = await scene.ask(enrollment, { now, dueAt: NOON })
        if (verdict.kind !== 'hold') throw new Error(`not held but ${verdict.kind}`)
        expect(verdict.until - now).toBeLessThanOrEqual(Math.max(HOUR / 2, (now - NOON) / 4))
        now = verdict.until
      }
      // A run's history ends at about 51,000 events, and a hold costs eleven of them.
      expect(asked).toBeLessThan(500)
    })
  })

  test('a code pool that is not deployed any more holds what needs a code, and nobody who has one', async () => {
    await scene.deploy(aWorkspace())
    const journey = aJourney({
      steps: [
        aStep({ action: anEmail({ offer: 'ten-off' }) }),
        aStep({ id: 'second', action: anEmail({ offer: 'ten-off' }) }),
      ],
    })
    const has = await scene.enroll(await scene.contact(), journey)
    expect(inWords(await scene.ask(has))).toBe('send')
    await scene.deploy(aWorkspace({}, { pools: {} }))
    const needs = await scene.enroll(await scene.contact(), journey)
    expect(inWords(await scene.ask(needs))).toBe('hold paused')
    expect(await scene.decisions(needs)).toMatchObject([{ facts: { missing: 'code pool cart10' } }])
    expect(inWords(await scene.ask(has, { step: 'second' }))).toBe('send')
  })

  test('a decision records no object that came with an event, and no address under whatever name', async () => {
    await scene.deploy(aWorkspace())
    const source = 'has(trigger.buyer) && contact.login != "x" && contact.mobile != "x" && trigger.total > 1'
    const journey = aJourney({ steps: [aStep({ if: { source, reads: [] } })] })
    const traits = { login: 'grace@example.com', mobile: '212-555-0100' }
    const trigger = { buyer: { first_name: 'Grace' }, total: 40 }
    const enrollment = await scene.enroll(await scene.contact({ traits }), journey, { trigger })
    expect(inWords(await scene.ask(enrollment))).toBe('send')
    const [decision] = await scene.decisions(enrollment)
    expect(decision?.facts).toMatchObject({ condition: { 'trigger.buyer': '(not recorded)', 'trigger.total': 40 } })
    expect(JSON.stringify(decision?.facts)).not.toMatch(/Grace|@|212-555/)
  })
})
