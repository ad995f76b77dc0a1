import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { recordConsent } from '../../../src/consent/ledger.ts'
import { suppress, suppressionsOf } from '../../../src/consent/suppression.ts'
import type { Database } from '../../../src/core/database.ts'
import type { HandOff } from '../../../src/delivery/message-provider.ts'
import { deliverServiceMessage } from '../../../src/delivery/service-message/hand-over.ts'
import { writeServiceMessage } from '../../../src/delivery/service-message/service-message.ts'
import { failingAt, type Failure } from '../failing-database.ts'
import { clockAt, deploy, enter, KEYS, NOON, type Run } from '../fixture.ts'
import { scripted } from '../scripted-provider.ts'
import { pgliteStore, postgresStore } from '../stores.ts'
import { MINUTE, PUBLIC_URL, serviceDeps, stored, write } from './fixture.ts'

const FORGOTTEN = { address: null, body: null, subject: null, html: null }

for (const store of [pgliteStore(), postgresStore()]) {
  describe(`service messages on ${store.name}`, () => {
    let database: Database
    let run: Run
    beforeAll(async () => {
      await store.start()
      database = await store.open()
      await deploy(database)
    })
    beforeEach(async () => {
      run = await enter(database)
    })
    afterAll(async () => {
      await database.close()
      await store.stop()
    })

    test('a text is handed over once, with a callback of its own, and then forgotten', async () => {
      const twilio = scripted('twilio')
      const id = await write(database, run)
      const deps = serviceDeps(database, { twilio })
      expect(await deliverServiceMessage(deps, id)).toEqual({ kind: 'done', state: 'accepted', reason: null })
      expect(await deliverServiceMessage(deps, id)).toEqual({ kind: 'done', state: 'accepted', reason: null })
      expect(twilio.handedOver).toEqual([
        {
          sendKey: id,
          message: {
            channel: 'sms',
            to: run.phone,
            from: '+12025550100',
            body: 'The Shop: help at https://shop.example.com/help. Reply STOP to opt out.',
            statusCallback: `${PUBLIC_URL}/webhooks/twilio/status/${id}`,
            validitySeconds: 600,
          },
        },
      ])
      expect(await stored(database, id)).toMatchObject({ state: 'accepted', provider_id: 'id-1', ...FORGOTTEN })
    })

    test('an email without HTML gets some, with nothing of the text read as markup', async () => {
      const sendgrid = scripted('sendgrid')
      const text = 'A <b> & a line\nand another\n\nThe end'
      const mail = { kind: 'report', channel: 'email', sender: 'shop-email', contactId: null } as const
      const id = await write(database, run, { ...mail, address: 'ops@example.com', subject: 'The week', text })
      await deliverServiceMessage(serviceDeps(database, { sendgrid }), id)
      expect(sendgrid.handedOver[0]?.message).toMatchObject({
        to: 'ops@example.com',
        from: { email: 'shop@example.com' },
        subject: 'The week',
        text,
        html: '<!doctype html><html><body><p>A &lt;b&gt; &amp; a line<br>and another</p><p>The end</p></body></html>',
      })
    })

    test('the same reason writes one message, however often it is given', async () => {
      const request = { dedupeKey: `twice:${run.contact}` }
      const id = await write(database, run, request)
      expect(
        await writeServiceMessage(database, {
          kind: 'help',
          ...request,
          contactId: run.contact,
          channel: 'sms',
          address: run.phone,
          sender: 'shop-sms',
          text: 'another text',
          at: NOON,
          validUntil: NOON + MINUTE,
        }),
      ).toBe('known')
      expect((await stored(database, id))?.body).toContain('help at')
    })

    test('nothing is written when the transaction of what it answers is rolled back', async () => {
      let id = ''
      const failing = database.transaction(async (statements) => {
        id = await write({ ...database, query: statements.query.bind(statements) }, run)
        throw new Error('rolled back')
      })
      await expect(failing).rejects.toThrow('rolled back')
      expect(await stored(database, id)).toBeUndefined()
    })

    test('of ten workers at once one calls', async () => {
      const twilio = scripted('twilio')
      const id = await write(database, run)
      const deps = serviceDeps(database, { twilio })
      await Promise.all(Array.from({ length: 10 }, () => deliverServiceMessage(deps, id)))
      expect(twilio.handedOver).toHaveLength(1)
    })

    test.each(['before', 'after'] as const)(
      'whichever statement fails %s it runs, the message is handed over once at most and its outcome is never guessed',
      async (failure: Failure) => {
        let points = 0
        for (let n = 1; ; n++) {
          const twilio = scripted('twilio')
          const id = await write(database, run)
          const broken = failingAt(database, n, failure)
          await deliverServiceMessage(serviceDeps(broken, { twilio }), id).catch(() => undefined)
          const result = await deliverServiceMessage(serviceDeps(database, { twilio }), id)
          expect(twilio.handedOver.length, `statement ${n}`).toBeLessThanOrEqual(1)
          if (result.kind !== 'done') throw new Error('it was held')
          expect(['accepted', 'unknown'], `statement ${n}`).toContain(result.state)
          if (result.state === 'accepted') expect(twilio.handedOver, `statement ${n}`).toHaveLength(1)
          expect(await stored(database, id), `statement ${n}`).toMatchObject(FORGOTTEN)
          if (!broken.failed()) break
          points++
        }
        expect(points).toBeGreaterThan(8)
      },
    )

    test('a carrier that is busy gets it later; then it is refused rather than sent late', async () => {
      const busy: HandOff = { kind: 'rejected', class: 'throttled', code: '429', retryAfterMs: 60_000 }
      const twilio = scripted('twilio', () => busy)
      const clock = clockAt(NOON)
      const deps = serviceDeps(database, { twilio }, { clock })
      const id = await write(database, run)
      const held = { kind: 'held', until: NOON + MINUTE, reason: 'throttled', at: NOON }
      expect(await deliverServiceMessage(deps, id)).toEqual(held)
      expect(await stored(database, id)).toMatchObject({ state: 'reserved', reason: 'throttled', address: run.phone })
      clock.set(NOON + 10 * MINUTE)
      expect(await deliverServiceMessage(deps, id)).toEqual({ kind: 'done', state: 'refused', reason: 'expired' })
      expect(await stored(database, id)).toMatchObject({ state: 'refused', ...FORGOTTEN })
      expect(twilio.handedOver).toHaveLength(1)
    })

    test('a message that became late between claim and call is not called', async () => {
      const twilio = scripted('twilio')
      const times = [NOON, NOON, NOON + 10 * MINUTE]
      const clock = { scale: 1, now: () => times.shift() ?? NOON + 10 * MINUTE }
      const id = await write(database, run)
      const deps = serviceDeps(database, { twilio }, { clock })
      expect(await deliverServiceMessage(deps, id)).toMatchObject({ kind: 'held', reason: 'throttled' })
      expect(await deliverServiceMessage(deps, id)).toMatchObject({ state: 'refused', reason: 'expired' })
      expect(twilio.handedOver).toHaveLength(0)
    })

    test('a call that broke off is unknown and is never made again', async () => {
      const twilio = scripted('twilio', () => ({ kind: 'unknown', cause: 'timeout' }))
      const id = await write(database, run)
      const deps = serviceDeps(database, { twilio })
      const unknown = { kind: 'done', state: 'unknown', reason: 'timeout' }
      expect(await deliverServiceMessage(deps, id)).toEqual(unknown)
      expect(await deliverServiceMessage(deps, id)).toEqual(unknown)
      expect(twilio.handedOver).toHaveLength(1)
      expect(await stored(database, id)).toMatchObject(FORGOTTEN)
    })

    test("the carrier's own opt-out becomes a block here", async () => {
      const twilio = scripted('twilio', () => ({ kind: 'rejected', class: 'opt_out', code: '21610' }))
      const id = await write(database, run)
      const result = await deliverServiceMessage(serviceDeps(database, { twilio }), id)
      expect(result).toEqual({ kind: 'done', state: 'rejected', reason: 'opt_out:21610' })
      expect(await suppressionsOf(database, KEYS, 'sms', run.phone)).toEqual(['stop'])
    })

    test('a STOP between the wish and the hand-over stops the request', async () => {
      const twilio = scripted('twilio')
      const request = { kind: 'opt_in_request', purpose: 'cart-reminders', asked: true } as const
      const id = await write(database, run, request)
      await suppress(database, {
        keys: KEYS,
        channel: 'sms',
        address: run.phone,
        reason: 'stop',
        source: 'twilio',
        at: NOON + 1,
      })
      const result = await deliverServiceMessage(serviceDeps(database, { twilio }), id)
      expect(result).toEqual({ kind: 'done', state: 'refused', reason: 'suppressed' })
      expect(twilio.handedOver).toHaveLength(0)
    })

    test('a "no" to the purpose on a page does the same without a block', async () => {
      const twilio = scripted('twilio')
      const id = await write(database, run, { kind: 'opt_in_confirmation', purpose: 'cart-reminders' })
      await recordConsent(database, {
        contactId: run.contact,
        channel: 'sms',
        purpose: 'cart-reminders',
        state: 'revoked',
        source: 'link',
        proof: {},
        at: NOON + 1,
        recordedAt: NOON + 1,
      })
      const result = await deliverServiceMessage(serviceDeps(database, { twilio }), id)
      expect(result).toEqual({ kind: 'done', state: 'refused', reason: 'revoked' })
      expect(twilio.handedOver).toHaveLength(0)
    })

    test.each([
      ['all', '*'],
      ['channel', 'sms'],
    ])('the kill switch of %s holds it until it is lifted', async (scope, name) => {
      const twilio = scripted('twilio')
      const id = await write(database, run)
      const deps = serviceDeps(database, { twilio })
      await database.query(`insert into kill_switch (scope, name, reason, at) values ($1, $2, 'test', $3)`, [
        scope,
        name,
        NOON,
      ])
      const held = { kind: 'held', until: NOON + 15_000, reason: 'paused', at: NOON }
      expect(await deliverServiceMessage(deps, id)).toEqual(held)
      await database.query('delete from kill_switch')
      expect(await deliverServiceMessage(deps, id)).toMatchObject({ state: 'accepted' })
      expect(twilio.handedOver).toHaveLength(1)
    })

    test('a sender that the live workspace does not have, or whose provider is not set up here, holds it', async () => {
      const id = await write(database, run, { sender: 'nobody' })
      expect(await deliverServiceMessage(serviceDeps(database, {}), id)).toMatchObject({ reason: 'no_sender' })
      const other = await write(database, run)
      expect(await deliverServiceMessage(serviceDeps(database, {}), other)).toMatchObject({ reason: 'no_sender' })
    })

    test('it takes no place under a cap: the gate counts sends, and it is none', async () => {
      const id = await write(database, run)
      await deliverServiceMessage(serviceDeps(database, { twilio: scripted('twilio') }), id)
      expect(await database.query('select id from send where contact_id = $1', [run.contact])).toEqual([])
    })
  })
}
