import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allowsPurpose, expiryOf } from '../../src/consent/ledger.ts'
import type { Database } from '../../src/core/database.ts'
import { claimSend } from '../../src/delivery/send-ledger.ts'
import { aJourney, aText, aWorkspace, aStep, DAY, HOUR, inWords, NOON, Scene, STORES } from '../gate/scene.ts'
import { entriesOf, say } from './ledger-scene.ts'

test('a grant lapses as long after it was given as its purpose says, or never', () => {
  const purpose = { class: 'marketing', description: 'Texts' } as const
  expect(expiryOf(undefined, NOON)).toBeUndefined()
  expect(expiryOf(purpose, NOON)).toBeUndefined()
  expect(expiryOf({ ...purpose, consentExpiresAfterMs: 30 * DAY }, NOON)).toBe(NOON + 30 * DAY)
})

test('a grant that has lapsed is as good as none, and a no never lapses', () => {
  const grant = (purpose: string, at: number, expiresAt: number | null) =>
    ({ purpose, state: 'granted', at, expiresAt }) as const
  expect(allowsPurpose('news', [grant('news', 1, 10)], 9)).toBe(true)
  expect(allowsPurpose('news', [grant('news', 1, 10)], 10)).toBe(false)
  expect(allowsPurpose('news', [grant('news', 1, null)], 1_000)).toBe(true)
  expect(allowsPurpose('news', [grant('news', 1, 10), grant('*', 1, null)], 10)).toBe(true)
  expect(allowsPurpose('news', [grant('news', 1, null), grant('*', 1, 10)], 10)).toBe(true)
  const no = { purpose: '*', state: 'revoked', at: 5 } as const
  expect(allowsPurpose('news', [no, grant('news', 6, 10)], 9)).toBe(true)
  expect(allowsPurpose('news', [no, grant('news', 6, 10)], 10)).toBe(false)
  expect(allowsPurpose('news', [{ purpose: 'news', state: 'revoked', at: 1, expiresAt: 2 }], 10)).toBe(false)
})

describe.each(STORES)('on $store', ({ open }) => {
  let database: Database
  let close: () => Promise<void>
  let scene: Scene
  beforeAll(async () => {
    const opened = await open()
    database = opened.database
    close = opened.close
    scene = new Scene(database)
    await scene.deploy(aWorkspace())
  })
  afterAll(() => close())

  const journey = aJourney({ steps: [aStep({ action: aText() })] })
  /** Somebody whose grant lapses an hour after noon, in a run. */
  async function lapsing(): Promise<{ contactId: string; enrollment: string }> {
    const contactId = await scene.contact({ grants: [], traits: { timezone: 'America/New_York', state: 'NY' } })
    await say(database, contactId, { at: NOON - DAY, recordedAt: NOON - DAY, expiresAt: NOON + HOUR })
    return { contactId, enrollment: await scene.enroll(contactId, journey) }
  }

  test('the gate refuses under a consent that has lapsed, and writes down until when it held', async () => {
    const { enrollment } = await lapsing()
    const now = NOON + HOUR
    expect(inWords(await scene.ask(enrollment, { now, dueAt: NOON }))).toBe('refuse no_consent')
    const [decision] = await scene.decisions(enrollment)
    expect(decision?.facts['consent']).toEqual([
      { purpose: 'cart-reminders', state: 'granted', at: NOON - DAY, expiresAt: NOON + HOUR },
    ])
  })

  test('a message that was reserved in time and comes too late is not claimed', async () => {
    const { contactId, enrollment } = await lapsing()
    const verdict = await scene.ask(enrollment, { now: NOON + HOUR - 1, dueAt: NOON })
    if (verdict.kind !== 'send') throw new Error(`the gate said ${inWords(verdict)}`)
    const claim = (now: number) =>
      claimSend(database, {
        sendId: verdict.reservation.sendId,
        startedRealAt: 1,
        now,
        provider: 'sandbox',
        bodyHash: 'b',
        links: [],
      })
    expect(await claim(NOON + HOUR)).toBe(false)
    expect(await claim(NOON + HOUR - 1)).toBe(true)
    const [entry] = await entriesOf(database, contactId)
    expect(await database.query('select relied_on from send where contact_id = $1', [contactId])).toEqual([
      { relied_on: entry?.id },
    ])
  })

  test('given anew it holds again', async () => {
    const { contactId, enrollment } = await lapsing()
    await say(database, contactId, { at: NOON + 2 * HOUR, recordedAt: NOON + 2 * HOUR })
    expect(inWords(await scene.ask(enrollment, { now: NOON + 3 * HOUR, dueAt: NOON + 3 * HOUR }))).toBe('send')
  })
})
