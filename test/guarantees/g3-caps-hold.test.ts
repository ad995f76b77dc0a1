import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { aJourney, anEmail, aStep, aText, aWorkspace, DAY, HOUR, inWords, NOON, Scene, STORES } from '../gate/scene.ts'
import { randomFrom, yieldTimes } from './at-once.ts'

const byText = aJourney({ id: 'by-text', steps: [aStep({ action: aText() })] })
const byEmail = aJourney({ id: 'by-email', steps: [aStep({ action: anEmail() })] })

describe.each(STORES)('G3, caps and gaps hold under concurrency, on $store', ({ open }) => {
  let scene: Scene
  let close: () => Promise<void>
  beforeAll(async () => {
    const opened = await open()
    scene = new Scene(opened.database)
    close = opened.close
  })
  afterAll(() => close())

  const ask = async (enrollment: string, now = NOON): Promise<string> => inWords(await scene.ask(enrollment, { now }))
  const count = (words: readonly string[], word: string): number => words.filter((one) => one === word).length

  test('sixty gates of one contact at once, over two channels and many journeys, take exactly the places that there are', async () => {
    await scene.deploy(
      aWorkspace({
        caps: [
          { count: 5, windowMs: DAY },
          { count: 2, windowMs: DAY, channel: 'sms' },
        ],
      }),
    )
    const contact = await scene.contact()
    const runs = await Promise.all(
      Array.from({ length: 60 }, (_, i) => scene.enroll(contact, { ...(i % 2 === 0 ? byText : byEmail), id: `j${i}` })),
    )
    const words = await Promise.all(runs.map((run) => ask(run)))
    expect(count(words, 'send')).toBe(5)
    const texts = await scene.database.query(
      `select id from send where contact_id = $1 and channel = 'sms' and state = 'reserved'`,
      [contact],
    )
    expect(texts.length).toBeLessThanOrEqual(2)
  })

  test('twenty journeys race for the last place, again and again: one gets it', async () => {
    await scene.deploy(aWorkspace({ caps: [{ count: 3, windowMs: DAY }] }))
    for (let round = 0; round < 10; round++) {
      const contact = await scene.contact()
      for (let used = 0; used < 2; used++) await ask(await scene.enroll(contact, byEmail))
      const runs = await Promise.all(
        Array.from({ length: 20 }, (_, i) => scene.enroll(contact, { ...byEmail, id: `racer-${i}` })),
      )
      const words = await Promise.all(runs.map((run) => ask(run)))
      expect([count(words, 'send'), count(words, 'refuse cap')], `round ${round}`).toEqual([1, 19])
    }
  })

  test('ten contacts with one address, sixty gates at once: they are one person', async () => {
    await scene.deploy(aWorkspace({ caps: [{ count: 4, windowMs: DAY }], minGapMs: 0 }))
    const email = 'ten-people@example.com'
    const contacts = await Promise.all(Array.from({ length: 10 }, () => scene.contact({ email })))
    const runs = await Promise.all(
      Array.from({ length: 60 }, (_, i) => scene.enroll(contacts[i % 10] ?? '', { ...byEmail, id: `shared-${i}` })),
    )
    expect(count(await Promise.all(runs.map((run) => ask(run))), 'send')).toBe(4)
  })

  test('fifty gates inside the minimum gap: one goes, and the others are told when', async () => {
    await scene.deploy(aWorkspace({ minGapMs: 2 * HOUR }))
    const contact = await scene.contact()
    const runs = await Promise.all(Array.from({ length: 50 }, () => scene.enroll(contact, byEmail)))
    const verdicts = await Promise.all(runs.map((run) => scene.ask(run)))
    expect(count(verdicts.map(inWords), 'send')).toBe(1)
    for (const verdict of verdicts) if (verdict.kind === 'hold') expect(verdict.until).toBe(NOON + 2 * HOUR)
  })

  test('places that are given back may be taken again, by as many as gave back', async () => {
    await scene.deploy(aWorkspace({ caps: [{ count: 3, windowMs: DAY }] }))
    const contact = await scene.contact()
    const first = await Promise.all(Array.from({ length: 3 }, () => scene.enroll(contact, byEmail)))
    for (const run of first) expect(await ask(run)).toBe('send')
    // As a carrier's "not now" leaves it: on hold, and without a place.
    await scene.database.query(`update send set reason = 'throttled' where enrollment_id = any($1::uuid[])`, [
      first.slice(0, 2),
    ])
    const others = await Promise.all(Array.from({ length: 20 }, () => scene.enroll(contact, byEmail)))
    const words = await Promise.all([...others, ...first.slice(0, 2)].map((run) => ask(run)))
    expect(count(words, 'send')).toBe(2)
  })

  test('over four days of racing journeys no rolling window ever holds more than the cap, nor are two closer than the gap', async () => {
    const random = randomFrom(3)
    const [cap, windowMs, minGapMs] = [4, DAY, 90 * 60_000]
    await scene.deploy(
      aWorkspace({ caps: [{ count: cap, windowMs }], whenCapped: 'hold', minGapMs, giveUpAfterMs: 30 * DAY }),
    )
    const contacts = await Promise.all([
      scene.contact({ email: 'a-pair@example.com' }),
      scene.contact({ email: 'a-pair@example.com' }),
    ])
    const sent: number[] = []
    let waiting: string[] = []
    for (let now = NOON; now < NOON + 4 * DAY; now += Math.floor(random() * 3 * HOUR)) {
      const coming = Array.from({ length: 1 + Math.floor(random() * 3) }, () => random())
      const fresh = await Promise.all(coming.map((roll) => scene.enroll(contacts[roll < 0.5 ? 0 : 1] ?? '', byEmail)))
      const asking = [...waiting, ...fresh]
      const words = await Promise.all(
        asking.map(async (run) => {
          await yieldTimes(Math.floor(random() * 4))
          return { run, word: inWords(await scene.ask(run, { now, dueAt: NOON })) }
        }),
      )
      for (const { run, word } of words) {
        if (word !== 'send') continue
        sent.push(now)
        await scene.handOver(run, 'accepted', now)
      }
      waiting = words.flatMap(({ run, word }) => (word.startsWith('hold') ? [run] : []))
    }
    expect(sent.length).toBeGreaterThan(cap * 3)
    for (const [index, at] of sent.entries()) {
      expect(at - (sent[index - 1] ?? 0), 'the gap').toBeGreaterThanOrEqual(minGapMs)
      expect(at - (sent[index - cap] ?? 0), 'the window').toBeGreaterThanOrEqual(windowMs)
    }
  })
})
