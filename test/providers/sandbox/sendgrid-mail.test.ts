import { MailService } from '@sendgrid/mail'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sendgridClient, startStage } from './stage.ts'
import type { Stage } from './stage.ts'

let stage: Stage
let mail: MailService
beforeEach(async () => {
  stage = await startStage()
  mail = new MailService()
  mail.setClient(stage.mail)
})
afterEach(async () => await stage.close())

const personalization = { to: [{ email: 'ada@example.com' }] }
const message = {
  from: { email: 'shop@example.com', name: 'The Shop' },
  subject: 'You left something behind',
  content: [
    { type: 'text/plain', value: 'Your basket is saved.' },
    { type: 'text/html', value: '<p>Your basket is saved.</p>' },
  ],
  personalizations: [personalization],
}

const post = async (body: object, client = stage.mail) =>
  await client.request({ method: 'POST', url: '/v3/mail/send', body }).then(
    ([response]) => ({ status: response.statusCode, errors: [] }),
    (error: { code: number; response: { body: { errors: { field: string | null; message: string }[] } } }) => ({
      status: error.code,
      errors: error.response.body.errors,
    }),
  )

describe('sending through the SendGrid SDK', () => {
  it('answers 202 with an empty body and the message id in a header', async () => {
    const [response, body] = await mail.send({
      to: 'ada@example.com',
      from: 'shop@example.com',
      subject: 'You left something behind',
      text: 'Your basket is saved.',
      html: '<p>Your basket is saved.</p>',
    })
    expect(response.statusCode).toBe(202)
    expect(body).toBe('')
    expect(stage.sandbox.log()[0]).toMatchObject({
      id: response.headers['x-message-id'],
      to: 'ada@example.com',
      channel: 'email',
    })
  })

  it('logs headers, custom args and both parts, a personalization before the message', async () => {
    await post({
      ...message,
      headers: { 'X-Kept': 'message' },
      custom_args: { segue_send: 'from-the-message', shop: 'main' },
      personalizations: [
        {
          ...personalization,
          custom_args: { segue_send: 'send-1' },
          headers: { 'List-Unsubscribe': '<https://example.com/u>' },
        },
      ],
    })
    expect(stage.sandbox.log()[0]).toMatchObject({
      sendKey: 'send-1',
      subject: 'You left something behind',
      body: 'Your basket is saved.',
      html: '<p>Your basket is saved.</p>',
      email: {
        customArgs: { segue_send: 'send-1', shop: 'main' },
        headers: { 'X-Kept': 'message', 'List-Unsubscribe': '<https://example.com/u>' },
        fromName: 'The Shop',
      },
    })
  })

  it('makes one hand-off of every recipient under one message id', async () => {
    const cc = [{ email: 'bob@example.com' }]
    await post({ ...message, personalizations: [{ ...personalization, cc }, { to: [{ email: 'cy@example.com' }] }] })
    const log = stage.sandbox.log()
    expect(log.map(({ to }) => to)).toEqual(['ada@example.com', 'bob@example.com', 'cy@example.com'])
    expect(new Set(log.map(({ email }) => email?.messageId)).size).toBe(1)
    expect(new Set(log.map(({ id }) => id)).size).toBe(3)
  })

  it('answers 200 and hands nothing over in SendGrid’s own sandbox mode', async () => {
    expect(await post({ ...message, mail_settings: { sandbox_mode: { enable: true } } })).toMatchObject({ status: 200 })
    expect(stage.sandbox.log()).toEqual([])
  })

  it.each([
    ['no personalizations', { ...message, personalizations: [] }, 'personalizations'],
    ['no recipient', { ...message, personalizations: [{ to: [] }] }, 'personalizations.0.to'],
    [
      'an address without a domain',
      { ...message, personalizations: [{ to: [{ email: 'ada' }] }] },
      'personalizations.0.to.0.email',
    ],
    ['no sender', { ...message, from: undefined }, 'from.email'],
    ['no subject', { ...message, subject: undefined }, 'subject'],
    ['no content', { ...message, content: undefined }, 'content'],
    ['empty content', { ...message, content: [{ type: 'text/html', value: '' }] }, 'content.0.value'],
    ['HTML before text', { ...message, content: message.content.toReversed() }, 'content'],
    ['a number as a message custom arg', { ...message, custom_args: { n: 1 } }, 'custom_args.n'],
    ['an object as a message custom arg', { ...message, custom_args: { n: {} } }, 'custom_args.n'],
    ['a reserved header', { ...message, headers: { 'Reply-To': 'x@example.com' } }, 'headers.Reply-To'],
    ['eleven categories', { ...message, categories: Array.from({ length: 11 }, (_, n) => `c${n}`) }, 'categories'],
    ['a send time in milliseconds', { ...message, send_at: Date.UTC(2027, 2, 1, 13) }, 'send_at'],
    ['custom args above 10,000 bytes', { ...message, custom_args: { long: 'x'.repeat(10_000) } }, 'custom_args'],
  ])('refuses %s and names the field', async (_what, body, field) => {
    const { status, errors } = await post(body)
    expect(status).toBe(400)
    expect(errors.map((error) => error.field)).toContain(field)
    expect(stage.sandbox.log()).toEqual([])
  })

  it('refuses a wrong key in the usual error shape', async () => {
    expect(await post(message, sendgridClient(stage.sandbox.url, 'SG.not-the-key'))).toEqual({
      status: 401,
      errors: [
        { message: 'The provided authorization grant is invalid, expired, or revoked', field: null, help: null },
      ],
    })
  })

  it('answers a body that is not JSON in the usual error shape', async () => {
    const response = await fetch(`${stage.sandbox.url}/v3/mail/send`, {
      method: 'POST',
      headers: { authorization: 'Bearer SG.key-of-the-tests', 'content-type': 'application/json' },
      body: '{',
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ errors: [{ message: 'Bad Request', field: null, help: null }] })
  })
})

describe('what a reconcile can ask', () => {
  const find = async (query: string) => {
    const [, body] = await stage.mail.request({ method: 'GET', url: '/v3/messages', qs: { query, limit: 10 } })
    return body.messages
  }

  beforeEach(async () => {
    for (const key of ['send-1', 'send-2']) {
      await post({ ...message, personalizations: [{ ...personalization, custom_args: { segue_send: key } }] })
    }
    await stage.receiver.until(
      (all) =>
        all
          .map(({ body }) => body)
          .join('')
          .split('"delivered"').length === 3,
    )
  })

  it('a message by its custom arg, with its status', async () => {
    const id = stage.sandbox.log()[1]?.id
    const found = await find(`unique_args['segue_send']="send-2" AND to_email="ada@example.com"`)
    expect(found).toMatchObject([{ to_email: 'ada@example.com', status: 'delivered', from_email: 'shop@example.com' }])
    expect(found[0].msg_id.startsWith(`${id}.`)).toBe(true)
  })

  it('that nothing is known of a key', async () => {
    expect(await find(`unique_args['segue_send']="send-3"`)).toEqual([])
  })

  it('only what the query language can say', async () => {
    await expect(find('to_email IS somebody')).rejects.toMatchObject({ code: 400 })
  })

  it('the events of one message', async () => {
    const [{ msg_id: id }] = await find(`unique_args['segue_send']="send-1"`)
    const [, detail] = await stage.mail.request({ method: 'GET', url: `/v3/messages/${id}` })
    expect(detail.events.map((event: { event_name: string }) => event.event_name)).toEqual(['processed', 'delivered'])
  })
})
