import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startStage } from './stage.ts'
import type { Stage } from './stage.ts'

const from = '+12025550100'
const to = '+12025550123'

let stage: Stage
beforeEach(async () => {
  stage = await startStage()
})
afterEach(async () => await stage.close())

const get = async (path: string) => {
  const response = await fetch(`${stage.sandbox.url}${path}`, { redirect: 'manual' })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

const post = async (path: string, form: Record<string, string>) =>
  await fetch(`${stage.sandbox.url}${path}`, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' })

const email = async (html: string, headers: Record<string, string> = {}): Promise<string> => {
  const [response] = await stage.mail.request({
    method: 'POST',
    url: '/v3/mail/send',
    body: {
      from: { email: 'shop@example.com', name: 'The Shop' },
      subject: 'You left <something>',
      content: [
        { type: 'text/plain', value: 'The plain part' },
        { type: 'text/html', value: html },
      ],
      personalizations: [{ to: [{ email: 'ada@example.com' }], headers }],
    },
  })
  return String(response.headers['x-message-id'])
}

describe('the inbox page', () => {
  it('is served at the root before any message exists', async () => {
    const page = await get('/')
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.text).toContain('No message has been handed over yet.')
  })

  it('allows its own script and nothing from any other host', async () => {
    const { headers, text } = await get('/inbox')
    const script = /<script>([^]*)<\/script>/.exec(text)?.[1] ?? ''
    const hash = createHash('sha256').update(script).digest('base64')
    expect(headers.get('content-security-policy')).toContain(`default-src 'none'; script-src 'sha256-${hash}'`)
    expect(text).not.toMatch(/(src|href)="?https?:/)
  })

  it('shows an email in a frame without scripts, escaped, with its headers and parts', async () => {
    const id = await email('<script>alert(1)</script><p class="x">Hello</p>', {
      'List-Unsubscribe': '<https://example.com/u>',
    })
    const { text } = await get(`/inbox?m=${id}`)
    expect(text).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"')
    expect(text).toContain('&lt;script&gt;alert(1)')
    expect(text).toContain('You left &lt;something&gt;')
    expect((await get(`/inbox?m=${id}&part=text`)).text).toContain('The plain part')
    expect((await get(`/inbox?m=${id}&part=headers`)).text).toContain('&lt;https://example.com/u&gt;')
  })

  it('shows the whole thread of a number, with replies and Twilio’s own answer', async () => {
    const { sid } = await stage.twilio.messages.create({ to, from, body: 'Reply STOP <to> opt out' })
    const answer = await post('/inbox/reply', { from: to, to: from, body: 'STOP' })
    expect(answer.status).toBe(303)
    const { text } = await get(`/inbox?m=${sid}`)
    for (const part of ['Reply STOP &lt;to&gt; opt out', '<p>STOP</p>', 'You have successfully been unsubscribed']) {
      expect(text).toContain(part)
    }
    expect(stage.receiver.received[0]?.form).toMatchObject({ Body: 'STOP', OptOutType: 'STOP' })
  })

  it('names the pictures of a text, and never loads them', async () => {
    const mediaUrl = ['https://shop.example.com/mug.jpg?a=1&b=2']
    const { sid } = await stage.twilio.messages.create({ to, from, body: 'Look', mediaUrl })
    const { text } = await get(`/inbox?m=${sid}`)
    expect(text).toContain('Picture: https://shop.example.com/mug.jpg?a=1&amp;b=2')
    expect(text).not.toMatch(/(src|href)="?https:\/\/shop/)
  })

  it('filters by channel and by search', async () => {
    await email('<p>Hello</p>')
    await stage.twilio.messages.create({ to, from, body: 'Your code is 1234' })
    expect((await get('/inbox?channel=email')).text).not.toContain(to)
    expect((await get('/inbox?channel=sms')).text).not.toContain('ada@example.com')
    expect((await get('/inbox?q=CODE')).text).toMatch(/1 message\s*</)
    expect((await get('/inbox?q=nothing')).text).toContain('No message matches.')
  })
})

describe('acting in the inbox', () => {
  it('follows a link as written, and SendGrid tells of the click', async () => {
    const id = await email('<a href="https://example.com/a?x=1&amp;y=2">Go</a>')
    const { text } = await get(`/inbox?m=${id}`)
    expect(text).toContain(`/inbox/open?id=${id}&amp;amp;n=0`)
    const opened = await get(`/inbox/open?id=${id}&n=0`)
    expect(opened.headers.get('location')).toBe('https://example.com/a?x=1&y=2')
    await stage.receiver.until((all) => all.some(({ body }) => body.includes('"event":"click"')))
  })

  it('follows nothing that the message does not contain', async () => {
    const id = await email('<a href="https://example.com/">Go</a>')
    expect((await get(`/inbox/open?id=${id}&n=1`)).status).toBe(404)
    expect((await get(`/inbox/open?id=${id}&n=https://example.com/`)).status).toBe(404)
  })

  it('reports spam as the reader', async () => {
    const id = await email('<p>Hello</p>')
    expect((await post('/inbox/read', { id, does: 'complain' })).status).toBe(303)
    expect(stage.receiver.received.some(({ body }) => body.includes('"event":"spamreport"'))).toBe(true)
  })
})

describe('the inbox for machines', () => {
  it('lists messages with status and links, and the replies', async () => {
    await stage.twilio.messages.create({ to, from, body: 'See https://example.com/x.' })
    await stage.control('POST', '/sandbox/reply', { from: to, body: 'C' })
    const inbox: unknown = JSON.parse((await get('/inbox.json')).text)
    expect(inbox).toMatchObject({
      messages: [{ to, body: 'See https://example.com/x.', links: ['https://example.com/x'] }],
      texts: [{ from: to, to: from, body: 'C', direction: 'inbound' }],
    })
  })
})
