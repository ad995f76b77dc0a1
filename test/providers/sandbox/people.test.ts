import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isLoopback, textLinks } from '../../../src/providers/sandbox/links.ts'
import { startStage } from './stage.ts'
import type { Stage } from './stage.ts'

const from = '+12025550100'
const to = '+12025550123'

let stage: Stage
beforeEach(async () => {
  stage = await startStage()
})
afterEach(async () => await stage.close())

const person = async (body: object) => await stage.control('POST', '/sandbox/people', body)

const email = async (html: string, headers: Record<string, string> = {}) =>
  await stage.mail.request({
    method: 'POST',
    url: '/v3/mail/send',
    body: {
      from: { email: 'shop@example.com' },
      subject: 'Hello',
      content: [{ type: 'text/html', value: html }],
      personalizations: [{ to: [{ email: 'ada@example.com' }], headers }],
    },
  })

describe('a person with a behaviour', () => {
  it('follows the first link of a text by really getting it', async () => {
    await person({ address: to, clicks: 'first-link', clickAfterMs: 60_000 })
    await stage.twilio.messages.create({
      to,
      from,
      body: `Look: ${stage.receiver.url}/l/abc?x=1. Or https://example.com/`,
    })
    const [click] = await stage.receiver.until((all) => all.length === 1)
    expect(click).toMatchObject({ method: 'GET', path: '/l/abc?x=1' })
  })

  it('follows the first link of an email as written, and SendGrid tells of it', async () => {
    await person([{ address: 'ADA@example.com', clicks: 'first-link', opens: true }])
    await email(`<h1>Hi</h1><a class="b" href="${stage.receiver.url}/l/abc?a=1&amp;b=2">Go</a>`)
    const received = await stage.receiver.until((all) => all.some(({ body }) => body.includes('"click"')))
    expect(received).toContainEqual(expect.objectContaining({ method: 'GET', path: '/l/abc?a=1&b=2' }))
    expect(received.some(({ body }) => body.includes('"open"'))).toBe(true)
  })

  it('answers a text, once', async () => {
    await person({ address: to, replies: { body: 'STOP', afterMs: 10 } })
    await stage.twilio.messages.create({ to, from, body: 'Hello' })
    const [inbound] = await stage.receiver.until((all) => all.length === 1)
    expect(inbound?.form).toMatchObject({ From: to, To: from, Body: 'STOP', OptOutType: 'STOP' })
    await expect(stage.twilio.messages.create({ to, from, body: 'x' })).rejects.toMatchObject({ code: 21610 })
  })

  it('unsubscribes with one click, as RFC 8058 says', async () => {
    await person({ address: '*', unsubscribes: 'one-click' })
    await email('<p>Hello</p>', {
      'List-Unsubscribe': `<mailto:out@example.com>, <${stage.receiver.url}/u/abc>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    })
    const received = await stage.receiver.until((all) => all.some(({ path }) => path === '/u/abc'))
    expect(received.find(({ path }) => path === '/u/abc')).toMatchObject({
      method: 'POST',
      body: 'List-Unsubscribe=One-Click',
    })
  })

  it('needs an address', async () => {
    expect((await person({ clicks: 'first-link' })).status).toBe(400)
  })
})

describe('links', () => {
  it('end before the punctuation of their sentence', () => {
    expect(textLinks('See (http://a.example/x), or http://b.example/?q=1!')).toEqual([
      'http://a.example/x',
      'http://b.example/?q=1',
    ])
  })

  it.each(['http://127.0.0.1:1/', 'http://localhost/', 'http://[::1]:8/', 'http://app.localhost/'])(
    'lead to this machine: %s',
    (url) => {
      expect(isLoopback(url)).toBe(true)
    },
  )

  it.each(['http://example.com/', 'http://127.0.0.1.example.com/', 'http://localhost@example.com/', 'nonsense'])(
    'lead elsewhere: %s',
    (url) => {
      expect(isLoopback(url)).toBe(false)
    },
  )
})
