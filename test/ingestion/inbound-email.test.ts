import Fastify, { type FastifyInstance } from 'fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { inboundEmailRoutes, inboundEmailToken } from '../../src/http/inbound-email.ts'
import { ownWords } from '../../src/ingestion/reply-email.ts'
import { deliverDeps, deploy, dueNow, enter, HOUR, KEYS, NOON, type Run, runOf } from '../delivery/fixture.ts'
import { scripted } from '../delivery/scripted-provider.ts'
import { pgliteStore, postgresStore } from '../delivery/stores.ts'
import { answersTo, blocksOf, change, consentsOf, lastInbound } from './inbound-scene.ts'

const SECRETS = ['a link secret', 'an older link secret']

/** A multipart body as Inbound Parse makes it. */
function multipart(
  fields: Readonly<Record<string, string>>,
  file?: string,
): { payload: string; headers: Record<string, string> } {
  const parts = Object.entries(fields).map(
    ([name, value]) => `--xYzZY\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  )
  const attached =
    file === undefined
      ? ''
      : `--xYzZY\r\nContent-Disposition: form-data; name="attachment1"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\n${file}\r\n`
  return {
    payload: `${parts.join('')}${attached}--xYzZY--\r\n`,
    headers: { 'content-type': 'multipart/form-data; boundary=xYzZY' },
  }
}

describe.each([pgliteStore(), postgresStore()])('an email from a person, on $name', (store) => {
  let database: Database
  let app: FastifyInstance
  let run: Run
  let mails = 0
  beforeAll(async () => {
    await store.start()
    database = await store.open()
    await deploy(database)
    await change(database, { replies: { email: 'support@example.com', pauseMs: HOUR } })
    app = Fastify()
    const deps = { database, clock: { now: () => NOON, scale: 1 }, addressKeys: KEYS, unsubscribeSecrets: SECRETS }
    await app.register(async (scope) => inboundEmailRoutes(scope, deps))
    await app.ready()
  })
  beforeEach(async () => {
    run = await enter(database)
  })
  afterAll(async () => {
    await app.close()
    await database.close()
    await store.stop()
  })

  const mailed = async (
    mail: { subject?: string; text?: string; html?: string; headers?: string; from?: string; id?: string },
    token = inboundEmailToken(SECRETS[0] ?? ''),
    file?: string,
  ) => {
    mails += 1
    const { headers, payload } = multipart(
      {
        headers: `Message-ID: <${mail.id ?? `${mails}-${run.contact}`}@mail.example.com>\r\n${mail.headers ?? ''}`,
        from: mail.from ?? `Ada Example <${run.email}>`,
        to: 'Shop <shop@example.com>',
        subject: mail.subject ?? 'Re: Your code',
        ...(mail.html === undefined ? { text: mail.text ?? '' } : { html: mail.html }),
        envelope: '{}',
      },
      file,
    )
    return app.inject({ method: 'POST', url: `/webhooks/sendgrid/inbound/${token}`, headers, payload })
  }

  test('an operator’s mailbox that answers what was forwarded to it gets nothing forwarded', async () => {
    const sent = () => database.query(`select 1 as one from service_message where address = 'support@example.com'`)
    const before = await sent()
    await mailed({
      text: 'Thank you for your message. We answer within two days.',
      from: 'Support <Support@example.com>',
    })
    expect(await sent()).toHaveLength(before.length)
  })

  test.each([
    [
      'the word as an answer',
      { text: 'Unsubscribe\r\n\r\nOn Tue, 10 Mar 2026 at 15:00, The Shop <shop@example.com> wrote:\r\n> Your code' },
    ],
    ['the word as the subject of a new mail', { subject: 'unsubscribe', text: '' }],
    ['their own words', { text: 'Hi,\nplease take me off your mailing list.\nThanks, Ada' }],
    ['Spanish', { text: 'por favor denme de baja' }],
    ['HTML alone', { html: '<div>Please <b>unsubscribe</b> me</div><blockquote>Your code</blockquote>' }],
  ])(
    'that refuses (%s) revokes marketing, blocks the address and ends nothing that has a channel left',
    async (_how, mail) => {
      expect((await mailed(mail)).statusCode).toBe(204)
      expect(await lastInbound(database)).toMatchObject({
        meaning: 'stop',
        scope: 'marketing',
        contact_id: run.contact,
      })
      expect(await blocksOf(database, run, 'email')).toEqual(['unsubscribe'])
      expect(await consentsOf(database, run.contact, 'email')).toEqual({ 'cart-reminders': 'revoked' })
      expect(await consentsOf(database, run.contact, 'sms')).toEqual({ 'cart-reminders': 'granted' })
      const { verdict } = await deliver(deliverDeps(database, { sendgrid: scripted('sendgrid') }), dueNow(run, 'mail'))
      expect(verdict.kind).toBe('refused')
      expect(await runOf(database, run)).toMatchObject({ state: 'active' })
    },
  )

  test('that says "stop texting me" ends texts as well', async () => {
    await mailed({ text: 'Stop texting me and stop emailing me!' })
    expect(await blocksOf(database, run, 'sms')).toEqual(['unsubscribe'])
    expect(await blocksOf(database, run, 'email')).toEqual(['unsubscribe'])
    expect(await runOf(database, run)).toMatchObject({ state: 'ended', outcome: 'exited' })
  })

  test.each([
    ['RFC 3834', { headers: 'Auto-Submitted: auto-replied', text: 'I left. Please remove me from your list.' }],
    ['an older mark', { headers: 'X-Autoreply: yes', text: 'unsubscribe' }],
    ['precedence', { headers: 'Precedence: bulk', text: 'unsubscribe' }],
    ['a folded header', { headers: 'Auto-Submitted:\r\n auto-generated', text: 'unsubscribe' }],
    ['its subject', { subject: 'Automatic reply: Your code', text: 'I no longer have this address. Stop.' }],
    ['a Spanish subject', { subject: 'Respuesta automática: fuera', text: 'baja' }],
    ['a bounce', { headers: 'Return-Path: <>', text: 'unsubscribe' }],
  ])('of an answering machine (%s) is stored and never acted on', async (_how, mail) => {
    await mailed(mail)
    expect(await lastInbound(database)).toMatchObject({ meaning: 'auto_reply', state: null })
    expect(await blocksOf(database, run, 'email')).toEqual([])
    expect(await answersTo(database, run.contact)).toEqual([])
  })

  test('is not a refusal because of what it quotes, or of our own subject', async () => {
    await mailed({
      subject: 'Re: The sale ends: stop by today',
      text: 'Which size is it?\n\nEl mar, 10 mar 2026 a las 15:00, The Shop (<shop@example.com>) escribió:\n> Reply STOP or unsubscribe',
    })
    expect(await lastInbound(database)).toMatchObject({ meaning: 'reply' })
    expect(await blocksOf(database, run, 'email')).toEqual([])
    expect(await answersTo(database, run.contact)).toMatchObject([
      { kind: 'reply_forward', address: 'support@example.com' },
    ])
  })

  test('that may be a refusal waits for an operator', async () => {
    await mailed({ text: 'How did you get my number?' })
    expect(await lastInbound(database)).toMatchObject({ meaning: 'ambiguous', state: 'open' })
  })

  test('of somebody whom nobody knows blocks the address', async () => {
    await mailed({ from: 'UNKNOWN@example.com', text: 'unsubscribe' })
    expect(await blocksOf(database, { ...run, email: 'unknown@example.com' }, 'email')).toEqual(['unsubscribe'])
  })

  test('counts once, however often it is passed on, and what is attached to it is not read', async () => {
    await mailed({ text: 'Which size is it?', id: `same-${run.contact}` }, undefined, 'unsubscribe'.repeat(10_000))
    await mailed({ text: 'Which size is it?', id: `same-${run.contact}` })
    expect(await database.query('select meaning from inbound_message where contact_id = $1', [run.contact])).toEqual([
      { meaning: 'reply' },
    ])
  })

  test('through an older secret is taken, through none is not', async () => {
    expect((await mailed({ text: 'unsubscribe' }, inboundEmailToken(SECRETS[1] ?? ''))).statusCode).toBe(204)
    run = await enter(database)
    for (const token of ['', 'x', inboundEmailToken('a guess'), SECRETS[0] ?? '']) {
      expect([403, 404]).toContain((await mailed({ text: 'unsubscribe' }, encodeURIComponent(token))).statusCode)
    }
    expect(await blocksOf(database, run, 'email')).toEqual([])
  })

  test('without a sender is kept as unreadable', async () => {
    expect((await mailed({ from: 'nobody', text: 'unsubscribe' })).statusCode).toBe(204)
    expect(await database.query(`select source, reason from rejection order by id desc limit 1`)).toEqual([
      { source: 'sendgrid', reason: 'unreadable' },
    ])
  })
})

describe('the words that a person wrote in an email', () => {
  test.each([
    ['hello\n> quoted', 'hello'],
    ['hello\n\nOn Tue, Mar 10, 2026 at 3:00 PM The Shop\n<shop@example.com> wrote:\nours', 'hello'],
    ['hello\r\n-----Original Message-----\r\nours', 'hello'],
    ['hello\n-- \nAda, unsubscribe team', 'hello'],
    ['hello\nSent from my iPhone', 'hello'],
    ['hola\nEnviado desde mi iPhone', 'hola'],
    ['hello\n________________________________\nFrom: The Shop', 'hello'],
    ['On Monday I was away', 'On Monday I was away'],
  ])('%j are %j', (text, own) => {
    expect(ownWords(text)).toBe(own)
  })
})
