import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OutboundMessage } from '../../../src/delivery/message-provider.ts'
import { createSendgrid } from '../../../src/providers/sendgrid/sendgrid.ts'
import { within } from '../../contract/message-provider.ts'

interface Seen {
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** A server that remembers what was asked and answers what it is told to: what the SDK really puts on the wire. */
const seen: Seen[] = []
let answer = { status: 202, headers: { 'x-message-id': 'm1' } as Record<string, string>, body: '' }
const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    seen.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
    response.writeHead(answer.status, answer.headers).end(answer.body)
  })
})
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
})
afterAll(() => server.close())

const email: OutboundMessage = {
  channel: 'email',
  to: 'ada@example.com',
  from: { email: 'shop@example.com', name: 'The Shop' },
  replyTo: 'help@example.com',
  subject: 'You left something behind',
  html: '<p>{{ not a merge field }}</p>',
  text: 'Saved.',
  headers: {
    'List-Unsubscribe': '<https://segue.example.com/u/secret>',
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  },
}
const send = () =>
  createSendgrid({ apiKey: 'SG.test', webhookPublicKeys: [], apiBaseUrl: url }).send(email, 'key-1', within(5_000))
const refused = (status: number, field: string | null) => {
  answer = {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ errors: [{ message: 'ada@example.com is wrong', field }] }),
  }
}

describe('a hand-off to SendGrid', () => {
  test('puts headers and the send key into the personalization, and nothing of them into the HTTP request', async () => {
    seen.length = 0
    expect(await send()).toEqual({ kind: 'accepted', providerId: 'm1' })
    expect(seen).toHaveLength(1)
    const [request] = seen
    expect(request?.headers).toMatchObject({ authorization: 'Bearer SG.test' })
    expect(request?.headers).not.toHaveProperty('list-unsubscribe')
    expect(JSON.parse(request?.body ?? '')).toEqual({
      personalizations: [
        { to: [{ email: 'ada@example.com' }], headers: email.headers, custom_args: { segue_send: 'key-1' } },
      ],
      from: { email: 'shop@example.com', name: 'The Shop' },
      reply_to: { email: 'help@example.com' },
      subject: 'You left something behind',
      content: [
        { type: 'text/plain', value: 'Saved.' },
        { type: 'text/html', value: '<p>{{ not a merge field }}</p>' },
      ],
      tracking_settings: {
        click_tracking: { enable: false, enable_text: false },
        subscription_tracking: { enable: false },
      },
    })
  })

  test.each([
    [400, 'personalizations.0.to.0.email', 'bad_recipient'],
    [400, 'content.0.value', 'content'],
    [400, 'subject', 'content'],
    [400, 'from.email', 'config'],
    [400, null, 'config'],
    [401, null, 'config'],
    [403, 'from', 'config'],
    [413, null, 'content'],
  ])('refused with HTTP %i about %s is %s, and quotes nobody', async (status, field, rejection) => {
    refused(status, field)
    expect(await send()).toEqual({ kind: 'rejected', class: rejection, code: `http_${status}` })
  })

  test('a 413 in HTML is still a refusal of the content', async () => {
    answer = { status: 413, headers: { 'content-type': 'text/html' }, body: '<h1>Too large</h1>' }
    expect(await send()).toMatchObject({ kind: 'rejected', class: 'content' })
  })

  test("a rate limit that resets at an instant is waited for by the carrier's own clock", async () => {
    answer = {
      status: 429,
      headers: { 'x-ratelimit-reset': '1764000030', date: new Date(1_764_000_000_000).toUTCString() },
      body: '',
    }
    expect(await send()).toMatchObject({ class: 'throttled', retryAfterMs: 30_000 })
    answer = { status: 429, headers: { 'x-ratelimit-reset': '60' }, body: '' }
    expect(await send()).toMatchObject({ class: 'throttled', retryAfterMs: 60_000 })
    answer = { status: 429, headers: {}, body: '' }
    expect(await send()).toEqual({ kind: 'rejected', class: 'throttled', code: 'http_429' })
  })

  test('accepted without a message id is unknown', async () => {
    answer = { status: 202, headers: {}, body: '' }
    expect(await send()).toEqual({ kind: 'unknown', cause: 'unreadable_answer' })
  })

  test.each([408, 409, 425, 500, 503])('HTTP %i proves nothing', async (status) => {
    answer = { status, headers: {}, body: '' }
    expect(await send()).toEqual({ kind: 'unknown', cause: `http_${status}` })
  })
})
