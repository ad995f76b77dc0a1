import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { hashAddress } from '../../src/consent/address.ts'
import { recordConsent } from '../../src/consent/ledger.ts'
import { suppress, suppressionsOf } from '../../src/consent/suppression.ts'
import { contentHash } from '../../src/core/canonical-json.ts'
import type { Database } from '../../src/core/database.ts'
import type { Purpose } from '../../src/core/workspace.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { deliverDeps, deploy, dueNow, enter, HOUR, JOURNEY, KEYS, NOON, type Run, runOf } from '../delivery/fixture.ts'
import { scripted } from '../delivery/scripted-provider.ts'
import { pgliteStore, postgresStore } from '../delivery/stores.ts'
import { answersTo, blocksOf, change, consentsOf, lastInbound, texted } from './inbound-scene.ts'

const PURPOSES: Readonly<Record<string, Purpose>> = {
  'cart-reminders': { class: 'marketing', description: 'Baskets left behind', title: 'your cart' },
  news: { class: 'marketing', description: 'News' },
  orders: { class: 'transactional', description: 'Your orders' },
}

describe.each([pgliteStore(), postgresStore()])('a text from a person, on $name', (store) => {
  let database: Database
  let run: Run
  beforeAll(async () => {
    await store.start()
    database = await store.open()
    await deploy(database)
  })
  beforeEach(async () => {
    await change(database, { brand: 'The Shop' }, { purposes: PURPOSES })
    run = await enter(database)
  })
  afterAll(async () => {
    await database.close()
    await store.stop()
  })

  const said = (body: string, more: Parameters<typeof texted>[3] = {}) => texted(database, run.phone, body, more)
  const agree = (purpose: string, channel: 'sms' | 'email' = 'sms', at = NOON - HOUR) =>
    recordConsent(database, {
      contactId: run.contact,
      channel,
      purpose,
      state: 'granted',
      source: 'form',
      proof: { page: 'checkout' },
      at,
      recordedAt: at,
    })
  const enrollIn = async (purpose: string, channels: readonly ('sms' | 'email')[]) => {
    const steps = JOURNEY.steps
      .filter(
        ({ action, fallback }) =>
          fallback === undefined && action.kind === 'message' && channels.includes(action.channel),
      )
      .slice(0, channels.length)
    const journey = { ...JOURNEY, id: `only-${purpose}-${channels.join('-')}`, purpose, steps }
    const hash = contentHash(journey)
    await database.query(
      `insert into journey_version (hash, journey, compiled, commit_hash, author, created_at) values ($1, $2, $3, 'c', 'a', 0)
       on conflict do nothing`,
      [hash, journey.id, JSON.stringify(journey)],
    )
    const enrollment = randomUUID()
    await database.query(
      `insert into enrollment (id, journey, version, contact_id, trigger, entered_at, trigger_message_id) values ($1, $2, $3, $4, '{}', 0, 'm')`,
      [enrollment, journey.id, hash, run.contact],
    )
    return { ...run, enrollment }
  }

  test('STOP blocks the number, takes back marketing texts, leaves email, and the next step is refused', async () => {
    await agree('orders')
    expect(await said('STOP')).toMatchObject({ recorded: 1 })
    expect(await blocksOf(database, run)).toEqual(['stop'])
    expect(await consentsOf(database, run.contact)).toEqual({
      'cart-reminders': 'revoked',
      news: 'revoked',
      orders: 'granted',
    })
    expect(await consentsOf(database, run.contact, 'email')).toEqual({ 'cart-reminders': 'granted' })
    expect(await lastInbound(database)).toMatchObject({
      meaning: 'stop',
      scope: 'marketing',
      rule: 'keyword.stop',
      state: null,
    })
    const carrier = scripted('twilio')
    const { verdict } = await deliver(deliverDeps(database, { twilio: carrier }), dueNow(run, 'alone'))
    expect(verdict.kind).toBe('refused')
    expect(carrier.handedOver).toEqual([])
  })

  test('a refusal in their own words that the carrier does not act on ends marketing and lets a receipt through', async () => {
    await agree('orders')
    const receipts = await enrollIn('orders', ['sms'])
    await said("please don't text me about this stuff")
    expect(await blocksOf(database, run)).toEqual(['unsubscribe'])
    const carrier = scripted('twilio')
    const deps = deliverDeps(database, { twilio: carrier })
    expect((await deliver(deps, dueNow(run, 'alone'))).verdict.kind).toBe('refused')
    expect((await deliver(deps, dueNow(receipts, 'alone'))).verdict.kind).toBe('sent')
  })

  test.each([
    ['purpose', { 'cart-reminders': 'revoked', news: 'granted', orders: 'granted' }, []],
    ['marketing', { 'cart-reminders': 'revoked', news: 'revoked', orders: 'granted' }, ['unsubscribe']],
    ['everything', { '*': 'revoked', 'cart-reminders': 'granted', news: 'granted', orders: 'granted' }, ['stop']],
  ] as const)('a policy whose STOP ends %s', async (stopScope, consents, blocks) => {
    await change(database, { stopScope })
    await agree('news')
    await agree('orders')
    await deliver(deliverDeps(database, { twilio: scripted('twilio') }), dueNow(run, 'alone'))
    await said('no more texts')
    expect(await consentsOf(database, run.contact)).toEqual(consents)
    expect(await blocksOf(database, run)).toEqual(blocks)
    expect(await lastInbound(database)).toMatchObject({ scope: stopScope })
  })

  test('a STOP of one purpose that answers nothing that was ever sent ends all marketing', async () => {
    await change(database, { stopScope: 'purpose' })
    await said('stop texting me')
    expect(await lastInbound(database)).toMatchObject({ scope: 'marketing' })
    expect(await blocksOf(database, run)).toEqual(['unsubscribe'])
  })

  test('what the carrier will refuse from now on is blocked here too, however narrow the policy', async () => {
    await change(database, { stopScope: 'purpose' })
    await deliver(deliverDeps(database, { twilio: scripted('twilio') }), dueNow(run, 'alone'))
    await said('STOP')
    expect(await lastInbound(database)).toMatchObject({ scope: 'purpose' })
    expect(await blocksOf(database, run)).toEqual(['stop'])
  })

  test('the words of the person widen the scope', async () => {
    await change(database, { stopScope: 'purpose' })
    await said('stop sending me promos')
    expect(await blocksOf(database, run)).toEqual(['unsubscribe'])
    await said('never contact me again')
    expect(await blocksOf(database, run)).toEqual(['stop', 'unsubscribe'])
  })

  test('from 31 January 2027 one STOP to an American text ends everything; the day before it does not', async () => {
    await said('please stop texting', { at: Date.UTC(2027, 0, 31) - 1 })
    expect(await lastInbound(database)).toMatchObject({ scope: 'marketing' })
    await said('please stop texting', { at: Date.UTC(2027, 0, 31) })
    expect(await lastInbound(database)).toMatchObject({ scope: 'everything' })
    expect(await blocksOf(database, run)).toContain('stop')
  })

  test('a run without a channel left ends in the same transaction, one with email goes on', async () => {
    const onlyTexts = await enrollIn('cart-reminders', ['sms'])
    await said('STOP')
    expect(await runOf(database, onlyTexts)).toMatchObject({ state: 'ended', outcome: 'exited', ended_at: NOON })
    expect(await runOf(database, run)).toMatchObject({ state: 'active' })
    expect(
      await database.query(
        'select e.end_reason, o.kind, o.payload from outbox o join enrollment e on e.id = o.enrollment_id where o.enrollment_id = $1',
        [onlyTexts.enrollment],
      ),
    ).toEqual([{ end_reason: 'opt_out', kind: 'signal', payload: { kind: 'exit', at: NOON } }])
    expect(await database.query('select 1 from outbox where enrollment_id = $1', [run.enrollment])).toEqual([])
  })

  test('STOP holds for everybody who shares the number, and is filed under the one who was texted last', async () => {
    const other = await enter(database, { same: run })
    await deliver(deliverDeps(database, { twilio: scripted('twilio') }), dueNow(other, 'code'))
    await said('Stop.')
    expect((await consentsOf(database, run.contact))['cart-reminders']).toBe('revoked')
    expect((await consentsOf(database, other.contact))['cart-reminders']).toBe('revoked')
    expect(await lastInbound(database)).toMatchObject({ contact_id: other.contact, meaning: 'stop' })
  })

  test('STOP of a number that nobody has blocks it all the same', async () => {
    await texted(database, '+14155550999', 'STOP')
    expect(await suppressionsOf(database, KEYS, 'sms', '+14155550999')).toEqual(['stop'])
    await texted(database, '+14155550998', 'no more texts please')
    expect(await suppressionsOf(database, KEYS, 'sms', '+14155550998')).toEqual(['unsubscribe'])
    expect(await lastInbound(database)).toMatchObject({ contact_id: null })
  })

  test('"stop emailing me" by text ends email as well', async () => {
    await said('stop emailing me')
    expect((await consentsOf(database, run.contact, 'email'))['cart-reminders']).toBe('revoked')
    expect(await blocksOf(database, run, 'email')).toEqual(['unsubscribe'])
    expect(await runOf(database, run)).toMatchObject({ state: 'ended', outcome: 'exited' })
  })

  test('the same text delivered twice counts once', async () => {
    expect(await said('STOP', { fields: { MessageSid: `SM-${run.contact}` } })).toMatchObject({
      recorded: 1,
      duplicates: 0,
    })
    await said('START', { at: NOON + HOUR })
    const again = await said('STOP', { fields: { MessageSid: `SM-${run.contact}` }, at: NOON + 2 * HOUR })
    expect(again).toMatchObject({ recorded: 0, duplicates: 1 })
    expect(await blocksOf(database, run)).toEqual([])
  })

  test.each(['START', 'unstop'])('%s lifts the STOP and neither a complaint nor an invalid number', async (word) => {
    await said('STOP')
    for (const reason of ['complaint', 'invalid', 'manual'] as const) {
      await suppress(database, { keys: KEYS, channel: 'sms', address: run.phone, reason, source: 'test', at: NOON })
    }
    await said(word, { at: NOON + HOUR })
    expect(await blocksOf(database, run)).toEqual(['complaint', 'invalid', 'manual'])
  })

  test('START gives back what the STOP ended and was proven before it, naming the proof, and nothing else', async () => {
    await said('STOP')
    await said('START', { at: NOON + HOUR })
    expect(await consentsOf(database, run.contact)).toEqual({ 'cart-reminders': 'granted', news: 'revoked' })
    const [earlier] = await database.query<{ id: number }>(
      `select id from consent_event where contact_id = $1 and channel = 'sms' and purpose = 'cart-reminders' and source = 'api'`,
      [run.contact],
    )
    const [restored] = await database.query<{ source: string; proof: { restores: number } }>(
      `select source, proof from consent_event where contact_id = $1 and channel = 'sms' and state = 'granted' and source = 'keyword'`,
      [run.contact],
    )
    expect(restored?.proof.restores).toBe(earlier?.id)
    const { verdict } = await deliver(deliverDeps(database, { twilio: scripted('twilio') }), dueNow(run, 'alone'))
    expect(verdict.kind).toBe('sent')
  })

  test('START of somebody who never agreed lifts the block and grants nothing', async () => {
    await recordConsent(database, {
      contactId: run.contact,
      channel: 'sms',
      purpose: 'cart-reminders',
      state: 'revoked',
      source: 'operator',
      proof: {},
      at: NOON - 1,
      recordedAt: NOON - 1,
    })
    await said('STOP')
    await said('START', { at: NOON + HOUR })
    expect(await blocksOf(database, run)).toEqual([])
    expect(await consentsOf(database, run.contact)).toEqual({ 'cart-reminders': 'revoked', news: 'revoked' })
  })

  test('START does not give back what somebody else at this number refused', async () => {
    await said('wrong number')
    expect(await lastInbound(database)).toMatchObject({ meaning: 'stop', scope: 'everything' })
    await said('START', { at: NOON + HOUR })
    const { verdict } = await deliver(deliverDeps(database, { twilio: scripted('twilio') }), dueNow(run, 'alone'))
    expect(verdict).toEqual({ kind: 'refused', reason: 'no_consent' })
  })

  test('YES lifts the block only if the carrier took it for an opt-in itself', async () => {
    await said('STOP')
    await said('YES', { at: NOON + HOUR })
    expect(await blocksOf(database, run)).toEqual(['stop'])
    await said('YES', { fields: { OptOutType: 'START' }, at: NOON + 2 * HOUR })
    expect(await blocksOf(database, run)).toEqual([])
  })

  test('YES that the carrier took for an opt-in answers our question, and brings nothing else back', async () => {
    await said('STOP')
    const { phone, contact: contactId } = run
    await database.query(
      `insert into opt_in_request (id, contact_id, channel, purpose, address_hash, key_version, asked, requested_at, expires_at)
       values ($1, $2, 'sms', 'news', $3, 1, true, $4, $5)`,
      [contactId, contactId, hashAddress(KEYS, 'sms', phone).hash, NOON + 1, NOON + 48 * HOUR],
    )
    await database.query(
      `insert into service_message (id, kind, dedupe_key, contact_id, channel, sender, state, said_at, valid_until, handed_off_at, updated_at)
       values ($1, 'opt_in_request', $2, $1, 'sms', 'shop-sms', 'delivered', $3, $3, $3, $3)`,
      [contactId, `opt-in-request:${contactId}`, NOON + 1],
    )
    await said('YES', { fields: { OptOutType: 'START' }, at: NOON + HOUR })
    expect(await consentsOf(database, run.contact)).toEqual({ 'cart-reminders': 'revoked', news: 'granted' })
    expect(await blocksOf(database, run)).toEqual([])
  })

  test('START gives nothing back that was agreed to at another number', async () => {
    await said('STOP')
    const moved = { ...run, phone: run.phone.replace('+1202', '+1919') }
    await database.query('update contact set phone = $2 where id = $1', [run.contact, moved.phone])
    await texted(database, moved.phone, 'START', { at: NOON + HOUR })
    expect(await consentsOf(database, run.contact)).toEqual({ 'cart-reminders': 'revoked', news: 'revoked' })
  })

  test('START makes no consent last longer than the one that it rests on', async () => {
    const purposes = { ...PURPOSES, news: { ...PURPOSES['news'], consentExpiresAfterMs: 100 * HOUR } as Purpose }
    await change(database, {}, { purposes })
    await recordConsent(database, {
      contactId: run.contact,
      channel: 'sms',
      purpose: 'news',
      state: 'granted',
      source: 'form',
      proof: { page: 'checkout' },
      at: NOON - HOUR,
      recordedAt: NOON - HOUR,
      expiresAt: NOON + 99 * HOUR,
    })
    await said('STOP')
    await said('START', { at: NOON + HOUR })
    const [restored] = await database.query<{ expires_at: number }>(
      `select expires_at from consent where contact_id = $1 and channel = 'sms' and purpose = 'news'`,
      [run.contact],
    )
    expect(restored?.expires_at).toBe(NOON + 99 * HOUR)
  })

  test('START does not bring back what a link had silenced', async () => {
    await agree('news')
    await suppress(database, {
      keys: KEYS,
      channel: 'sms',
      address: run.phone,
      reason: 'unsubscribe',
      source: 'link',
      at: NOON,
    })
    await said('START', { at: NOON + HOUR })
    expect(await blocksOf(database, run)).toEqual([])
    expect(await consentsOf(database, run.contact)).toEqual({ 'cart-reminders': 'revoked', news: 'revoked' })
  })

  test('STOP with the keyword of a purpose, or with any other keyword, is a STOP', async () => {
    const purposes = { ...PURPOSES, news: { ...PURPOSES['news'], keywords: ['FERNWAY'] } as Purpose }
    await change(database, {}, { purposes })
    for (const body of ['Stop fernway', 'STOP HELP', 'stop, yes', 'ST0P']) {
      const someone = await enter(database)
      await texted(database, someone.phone, body)
      expect(await lastInbound(database)).toMatchObject({ meaning: 'stop', body })
      expect(await blocksOf(database, someone)).toEqual(['unsubscribe'])
    }
    await said('fernway')
    expect(await lastInbound(database)).toMatchObject({ meaning: 'opt_in' })
  })

  test('a machine that answers every answer is not answered for ever', async () => {
    for (let round = 0; round < 8; round += 1) await said('help me please', { at: NOON + round })
    expect(await answersTo(database, run.contact)).toHaveLength(5)
    await said('help me please', { at: NOON + 25 * HOUR })
    expect(await answersTo(database, run.contact)).toHaveLength(6)
  })

  test('what the carrier acted on holds, whatever the words say, and a refusal wins over the carrier', async () => {
    await said('Adios', { fields: { OptOutType: 'STOP' } })
    expect(await blocksOf(database, run)).toEqual(['stop'])
    expect(await lastInbound(database)).toMatchObject({ meaning: 'stop', body: 'Adios', rule: 'carrier.stop' })
    await said('stop texting me', { fields: { OptOutType: 'START' }, at: NOON + HOUR })
    expect(await blocksOf(database, run)).toContain('stop')
  })

  test('a refusal is confirmed once, by the number that was written to, without a word of marketing', async () => {
    await said('please stop texting me')
    await said('I said stop', { at: NOON + 1_000 })
    const answers = await answersTo(database, run.contact)
    expect(answers).toEqual([
      {
        kind: 'opt_out_confirmation',
        sender: 'shop-sms',
        address: run.phone,
        body: 'The Shop: You are opted out and will get no more marketing texts from us.',
        valid_until: NOON + 300_000,
      },
    ])
  })

  test('a Spanish refusal is confirmed in Spanish', async () => {
    await said('ya no me manden mensajes')
    expect((await answersTo(database, run.contact)).map(({ body }) => body)).toEqual([
      'The Shop: Su baja fue registrada. No recibira mas mensajes de texto de publicidad.',
    ])
  })

  test.each(['STOP', 'stop ', 'Unsubscribe'])(
    '"%s" is answered by the carrier, so nobody answers twice',
    async (word) => {
      await said(word)
      expect(await answersTo(database, run.contact)).toEqual([])
    },
  )

  test('HELP is answered unless the carrier did, also after a STOP, and changes nothing', async () => {
    await change(database, { links: { support: 'help@example.com' } })
    await said('HELP')
    expect(await answersTo(database, run.contact)).toEqual([])
    await said('STOP')
    await said('help me please', { at: NOON + HOUR })
    expect(await answersTo(database, run.contact)).toMatchObject([
      {
        kind: 'help',
        body: 'The Shop: text messages from The Shop. Help: help@example.com. Message frequency varies. Msg & data rates may apply. Reply STOP to opt out.',
      },
    ])
    expect(await blocksOf(database, run)).toEqual(['stop'])
  })

  test('a text to a number of nobody is stored and acted on, and not answered', async () => {
    await said('please stop texting me', { to: '+12025550177' })
    expect(await blocksOf(database, run)).toEqual(['unsubscribe'])
    expect(await answersTo(database, run.contact)).toEqual([])
  })

  test('a reply is stored and changes nothing', async () => {
    await said('C')
    expect(await lastInbound(database)).toMatchObject({
      meaning: 'reply',
      body: 'C',
      state: null,
      contact_id: run.contact,
    })
    expect(await blocksOf(database, run)).toEqual([])
  })

  test('a text with a NUL in it is stored', async () => {
    expect(await said('a\0b')).toMatchObject({ recorded: 1 })
    expect(await lastInbound(database)).toMatchObject({ body: 'ab' })
  })

  test('the carrier that answers 21610 to a send has blocked the number: so do we, until START', async () => {
    const carrier = scripted('twilio', () => ({ kind: 'rejected', class: 'opt_out', code: '21610' }))
    const { verdict } = await deliver(deliverDeps(database, { twilio: carrier }), dueNow(run, 'alone'))
    expect(verdict).toMatchObject({ kind: 'refused', reason: 'suppressed' })
    expect(await blocksOf(database, run)).toEqual(['stop'])
    await said('START', { at: NOON + HOUR })
    expect(await blocksOf(database, run)).toEqual([])
  })
})
