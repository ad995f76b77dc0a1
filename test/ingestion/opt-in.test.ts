import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { EVERY_PURPOSE, recordConsent } from '../../src/consent/ledger.ts'
import { suppress, suppressionsOf, type SuppressionReason } from '../../src/consent/suppression.ts'
import type { Channel } from '../../src/core/compiled-journey.ts'
import type { Database } from '../../src/core/database.ts'
import { confirmByLink, describeLink, type LinkDeps } from '../../src/ingestion/opt-in-confirmation.ts'
import { HOUR, KEYS, NOON } from '../delivery/fixture.ts'
import { pgliteStore, postgresStore } from '../delivery/stores.ts'
import { OptInScene, type Person, SECRETS, WORKSPACE } from './opt-in-scene.ts'

const MINUTE = 60_000
const DAY = 24 * HOUR
const ASKS = /Reply Y to confirm/
const WELCOMES = /You will now get texts/

for (const store of [pgliteStore(), postgresStore()]) {
  describe(`opting in on ${store.name}`, () => {
    let database: Database
    let scene: OptInScene
    let ada: Person
    beforeAll(async () => {
      await store.start()
      database = await store.open()
      scene = new OptInScene(database)
      await scene.deploy()
    })
    beforeEach(async () => {
      await scene.forget()
      ada = await scene.person()
    })
    afterAll(async () => {
      await database.close()
      await store.stop()
    })

    const block = (reason: SuppressionReason, at: number, channel: Channel = 'sms') =>
      suppress(database, {
        keys: KEYS,
        channel,
        address: channel === 'sms' ? ada.phone : ada.email,
        reason,
        source: 'test',
        at,
      })
    const links = (secrets: readonly string[] = SECRETS): LinkDeps => ({
      database,
      keys: KEYS,
      secrets,
      workspace: async () => WORKSPACE,
    })

    describe('single opt-in', () => {
      test('holds at once, lapses as the purpose says, and is confirmed by one text', async () => {
        expect(await scene.wish(ada, { purpose: 'newsletter', source: 'checkout' })).toEqual({ kind: 'granted' })
        await scene.wish(ada, { purpose: 'newsletter', at: NOON + 1 })
        await scene.handOver(NOON + 2)
        await scene.handOver(NOON + 3)
        expect(scene.textsTo(ada.phone)).toEqual([
          'The Shop: You will now get texts about news and offers. Up to 2 messages a month. Msg & data rates may apply. Reply HELP for help, STOP to opt out.',
        ])
        expect(await scene.ledger(ada.contact)).toEqual(['granted by checkout', 'granted by form'])
        // Given anew, it lapses later.
        expect(await database.query('select expires_at from consent where contact_id = $1', [ada.contact])).toEqual([
          { expires_at: NOON + 1 + 365 * DAY },
        ])
      })

      test('many servers that say the same at once cause one text', async () => {
        await Promise.all(Array.from({ length: 8 }, () => scene.wish(ada, { purpose: 'newsletter' })))
        await scene.handOver()
        expect(scene.textsTo(ada.phone)).toHaveLength(1)
      })

      test('by email nothing is sent, and an old grant that is told now welcomes nobody', async () => {
        await scene.wish(ada, { purpose: 'newsletter', channel: 'email' })
        await scene.wish(ada, { purpose: 'newsletter', at: NOON - 30 * DAY, recordedAt: NOON })
        expect(await scene.handOver()).toEqual([])
      })

      test('an older grant than the "no" changes nothing and welcomes nobody', async () => {
        const no = { contactId: ada.contact, channel: 'sms', purpose: EVERY_PURPOSE, state: 'revoked' } as const
        await recordConsent(database, { ...no, source: 'link', proof: {}, at: NOON, recordedAt: NOON })
        await scene.wish(ada, { purpose: 'newsletter', at: NOON - MINUTE, recordedAt: NOON + 1 })
        expect(await scene.handOver(NOON + 1)).toEqual([])
      })

      test('at a number that was stopped the grant is kept and no text goes there', async () => {
        await block('stop', NOON - DAY)
        await scene.wish(ada, { purpose: 'newsletter' })
        expect(await scene.handOver()).toEqual(['suppressed'])
        expect(await suppressionsOf(database, KEYS, 'sms', ada.phone)).toEqual(['stop'])
      })
    })

    describe('double opt-in by text', () => {
      test('changes nothing until the person says Y, and is then confirmed by one text', async () => {
        expect(await scene.wish(ada)).toEqual({ kind: 'requested', message: 'sent' })
        expect(await scene.holds(ada.contact)).toBe(false)
        await scene.handOver()
        expect(await scene.text(ada.phone, 'Y', NOON + MINUTE)).toBe('confirmed')
        expect(await scene.holds(ada.contact)).toBe(true)
        await scene.handOver(NOON + MINUTE)
        expect(scene.textsTo(ada.phone)).toEqual([expect.stringMatching(ASKS), expect.stringMatching(WELCOMES)])
        expect(await scene.ledger(ada.contact)).toEqual(['requested by form', 'granted by double_opt_in'])
        const [granted] = await database.query<{ proof: Record<string, unknown> }>(
          `select proof from consent_event where contact_id = $1 and state = 'granted'`,
          [ada.contact],
        )
        expect(granted?.proof).toMatchObject({
          wording: 'Yes, text me.',
          source: 'form',
          confirmedBy: expect.any(String),
          confirmation: { method: 'reply', messageId: expect.stringMatching(/^SM-in-/), at: NOON + MINUTE },
        })
        // A second Y answers nothing.
        expect(await scene.text(ada.phone, 'yes', NOON + 2 * MINUTE)).toBe('no')
      })

      test('a Y without a question, or before the question was handed over, is no consent', async () => {
        expect(await scene.text(ada.phone, 'Y')).toBe('no')
        await scene.wish(ada)
        expect(await scene.text(ada.phone, 'Y')).toBe('no')
        expect(await scene.holds(ada.contact)).toBe(false)
      })

      test('a Y after 48 hours comes too late', async () => {
        await scene.wish(ada)
        await scene.handOver()
        expect(await scene.text(ada.phone, 'Y', NOON + 48 * HOUR)).toBe('no')
        expect(await scene.text(ada.phone, 'Y', NOON + 48 * HOUR - 1)).toBe('confirmed')
      })

      test('a STOP between question and hand-over stops it; a STOP between question and Y ends it', async () => {
        await scene.wish(ada)
        await block('stop', NOON + 1)
        expect(await scene.handOver(NOON + 2)).toEqual(['suppressed'])

        const bob = await scene.person()
        await scene.wish(bob)
        await scene.handOver()
        const stop = { keys: KEYS, channel: 'sms', reason: 'stop', source: 'test' } as const
        await suppress(database, { ...stop, address: bob.phone, at: NOON + 1 })
        expect(await scene.text(bob.phone, 'Y', NOON + 2)).toBe('no')
        expect(await scene.holds(bob.contact)).toBe(false)
      })

      test('a number that was stopped before is not asked because a form says so', async () => {
        await block('stop', NOON - DAY)
        await scene.wish(ada)
        expect(await scene.handOver()).toEqual(['suppressed'])
      })

      test('one question in 24 hours, however many forms and servers ask', async () => {
        const answers = await Promise.all(Array.from({ length: 8 }, () => scene.wish(ada)))
        expect(answers.filter(({ kind, ...more }) => kind === 'requested' && 'message' in more)).toHaveLength(8)
        expect(await scene.wish(ada, { at: NOON + DAY - 1 })).toEqual({ kind: 'requested', message: 'sent_before' })
        await scene.handOver()
        expect(scene.textsTo(ada.phone)).toHaveLength(1)
        expect(await scene.wish(ada, { at: NOON + DAY })).toEqual({ kind: 'requested', message: 'sent' })
      })

      test('one number is asked three times a day at most, under whatever names', async () => {
        const messages: unknown[] = []
        for (let i = 0; i < 5; i++) messages.push(await scene.wish(await scene.person({ phone: ada.phone })))
        expect(messages.map((one) => (one as { message: string }).message)).toEqual([
          'sent',
          'sent',
          'sent',
          'too_many',
          'too_many',
        ])
      })

      test('a confirmation that was made elsewhere counts, and no question is asked', async () => {
        const proof = { wording: 'Yes', confirmation: { at: '2026-03-01T00:00:00Z', messageId: 'SM1' } }
        expect(await scene.wish(ada, { proof, confirmed: true })).toEqual({ kind: 'granted' })
        expect(await scene.holds(ada.contact)).toBe(true)
      })

      test('nobody is asked late, out of the blue, or without an address', async () => {
        expect(await scene.wish(ada, { at: NOON - HOUR, recordedAt: NOON })).toMatchObject({ message: 'too_old' })
        const bob = await scene.person()
        await scene.wish(bob)
        expect(await scene.handOver(NOON + HOUR)).toEqual(['expired'])
        await database.query('update contact set phone = null where id = $1', [ada.contact])
        expect(await scene.wish(ada)).toMatchObject({ message: 'no_address' })
      })

      test('consent that holds goes on holding while it is asked for anew, and is renewed by the answer', async () => {
        await scene.wish(ada, { purpose: 'newsletter', at: NOON - 300 * DAY, recordedAt: NOON - 300 * DAY })
        expect(await scene.wish(ada, { purpose: 'newsletter', anew: true })).toMatchObject({ message: 'sent' })
        expect(await scene.holds(ada.contact, 'newsletter')).toBe(true)
        await scene.handOver()
        expect(await scene.text(ada.phone, 'Y', NOON + 1)).toBe('confirmed')
        const [now] = await database.query('select at, expires_at from consent where contact_id = $1', [ada.contact])
        expect(now).toEqual({ at: NOON + 1, expires_at: NOON + 1 + 365 * DAY })
        // It held before, so there is nothing to welcome to.
        expect(await scene.handOver(NOON + 1)).toEqual([])
      })
    })

    describe('a keyword', () => {
      test('from a phone is consent in itself where the purpose asks for no confirmation', async () => {
        expect(await scene.text(ada.phone, 'Fernway!')).toBe('confirmed')
        expect(await scene.text(ada.phone, 'FERNWAY', NOON + 1)).toBe('confirmed')
        await scene.handOver(NOON + 1)
        expect(scene.textsTo(ada.phone)).toEqual([expect.stringMatching(WELCOMES)])
        expect(await scene.ledger(ada.contact)).toEqual(['granted by keyword', 'granted by keyword'])
        const [entry] = await database.query<{ proof: unknown }>(
          'select proof from consent_event where contact_id = $1 order by id limit 1',
          [ada.contact],
        )
        expect(entry?.proof).toEqual({ keyword: 'FERNWAY', messageId: expect.any(String) })
      })

      test('of a purpose with double opt-in brings the question, once', async () => {
        expect(await scene.text(ada.phone, 'CART')).toBe('requested')
        expect(await scene.text(ada.phone, 'join cart', NOON + 1)).toBe('requested')
        await scene.handOver(NOON + 1)
        expect(await scene.text(ada.phone, 'Y', NOON + 2)).toBe('confirmed')
        await scene.handOver(NOON + 2)
        expect(scene.textsTo(ada.phone)).toEqual([expect.stringMatching(ASKS), expect.stringMatching(WELCOMES)])
      })

      test('takes back the own STOP before it, but no bounce, complaint or manual block', async () => {
        await block('stop', NOON - DAY)
        expect(await scene.text(ada.phone, 'FERNWAY')).toBe('confirmed')
        expect(await suppressionsOf(database, KEYS, 'sms', ada.phone)).toEqual([])
        await scene.handOver()
        expect(scene.textsTo(ada.phone)).toHaveLength(1)

        await block('manual', NOON - DAY)
        await block('stop', NOON + 1)
        await scene.text(ada.phone, 'CART', NOON + 2)
        expect(await scene.handOver(NOON + 2)).toEqual(['suppressed'])
      })

      test('asked for after a STOP, the question goes out and the Y ends the block', async () => {
        await block('stop', NOON - DAY)
        expect(await scene.text(ada.phone, 'CART')).toBe('requested')
        expect(await suppressionsOf(database, KEYS, 'sms', ada.phone)).toEqual(['stop'])
        await scene.handOver()
        expect(await scene.text(ada.phone, 'Y', NOON + 1)).toBe('confirmed')
        expect(await suppressionsOf(database, KEYS, 'sms', ada.phone)).toEqual([])
      })

      test('of a stranger makes one contact, also when two texts come at once', async () => {
        const phone = '+17025550177'
        await Promise.all([scene.text(phone, 'FERNWAY'), scene.text(phone, 'CART')])
        const contacts = await database.query<{ id: string }>('select id from contact where phone = $1', [phone])
        expect(contacts).toHaveLength(1)
        expect(await scene.holds(contacts[0]?.id ?? '', 'newsletter')).toBe(true)
        await scene.handOver()
        expect(scene.textsTo(phone)).toHaveLength(2)
      })

      test('what is no keyword says nothing', async () => {
        expect(await scene.text(ada.phone, 'where is my order?')).toBe('no')
        expect(await scene.ledger(ada.contact)).toEqual([])
      })
    })

    describe('double opt-in by email', () => {
      const ask = async (): Promise<string> => {
        expect(await scene.wish(ada, { channel: 'email' })).toEqual({ kind: 'requested', message: 'sent' })
        await scene.handOver()
        return scene.tokenTo(ada.email)
      }
      const press = (token: string, at = NOON + MINUTE, deps = links()) =>
        confirmByLink(deps, token, { method: 'link', ip: '192.0.2.1' }, at)

      test('looking changes nothing, pressing the button gives the consent, pressing again changes nothing', async () => {
        const token = await ask()
        expect(await describeLink(links(), token, NOON)).toMatchObject({ kind: 'open', brand: 'The Shop' })
        expect(await scene.holds(ada.contact, 'cart-reminders', 'email')).toBe(false)
        expect(await press(token)).toMatchObject({ kind: 'confirmed' })
        expect(await press(token, NOON + HOUR)).toMatchObject({ kind: 'confirmed' })
        expect(await scene.holds(ada.contact, 'cart-reminders', 'email')).toBe(true)
        expect(await scene.ledger(ada.contact)).toEqual(['requested by form', 'granted by double_opt_in'])
      })

      test('ten presses at once are one consent', async () => {
        const token = await ask()
        const states = await Promise.all(Array.from({ length: 10 }, () => press(token)))
        expect(new Set(states.map(({ kind }) => kind))).toEqual(new Set(['confirmed']))
        expect(await scene.ledger(ada.contact)).toHaveLength(2)
      })

      test('the link expires after seven days, and one that was used does not', async () => {
        const token = await ask()
        expect(await describeLink(links(), token, NOON + 7 * DAY)).toEqual({ kind: 'expired' })
        expect(await press(token, NOON + 7 * DAY)).toEqual({ kind: 'expired' })
        await press(token)
        expect(await describeLink(links(), token, NOON + 8 * DAY)).toMatchObject({ kind: 'confirmed' })
      })

      test('a used link cannot undo an unsubscribing that came after it', async () => {
        const token = await ask()
        await press(token)
        const no = { contactId: ada.contact, channel: 'email', purpose: 'cart-reminders', state: 'revoked' } as const
        await recordConsent(database, { ...no, source: 'link', proof: {}, at: NOON + HOUR, recordedAt: NOON + HOUR })
        expect(await press(token, NOON + 2 * HOUR)).toEqual({ kind: 'withdrawn' })
        expect(await scene.holds(ada.contact, 'cart-reminders', 'email')).toBe(false)
      })

      test('a forged link, one of another secret, and one of an address that changed give nothing', async () => {
        const token = await ask()
        const [payload = '', signature = ''] = token.split('.')
        const forged = `${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`
        expect(await press(forged)).toEqual({ kind: 'unknown' })
        expect(await press('nonsense')).toEqual({ kind: 'unknown' })
        expect(await press(token, NOON, links(['another secret']))).toEqual({ kind: 'unknown' })
        await database.query('update contact set email = $2 where id = $1', [ada.contact, `new-${ada.email}`])
        expect(await press(token)).toEqual({ kind: 'unknown' })
        expect(await scene.holds(ada.contact, 'cart-reminders', 'email')).toBe(false)
      })

      test('the link goes on working after its secret was rotated', async () => {
        const token = await ask()
        expect(await press(token, NOON, links(['a newer secret', ...SECRETS]))).toMatchObject({ kind: 'confirmed' })
      })
    })
  })
}
