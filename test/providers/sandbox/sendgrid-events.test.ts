import { createHash, createPublicKey, verify } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { eventBody } from '../../../src/providers/sandbox/sendgrid-events.ts'
import type { Received } from './receiver.ts'
import { noon, startStage } from './stage.ts'
import type { Stage } from './stage.ts'

const signatureHeader = 'x-twilio-email-event-webhook-signature'
const timestampHeader = 'x-twilio-email-event-webhook-timestamp'

const isSigned = (verificationKey: string, { headers, body }: Pick<Received, 'headers' | 'body'>): boolean =>
  verify(
    'sha256',
    Buffer.from(`${String(headers[timestampHeader])}${body}`),
    createPublicKey({ key: Buffer.from(verificationKey, 'base64'), format: 'der', type: 'spki' }),
    Buffer.from(String(headers[signatureHeader]), 'base64'),
  )

describe('the published example of the event webhook', () => {
  const event = {
    email: 'hello@world.com',
    event: 'dropped',
    reason: 'Bounced Address',
    sg_event_id: 'ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA',
    sg_message_id: 'LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0',
    'smtp-id': '<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>',
    timestamp: 1_600_112_492,
  }
  const headers = {
    [signatureHeader]:
      'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM=',
    [timestampHeader]: '1600112502',
  }
  const key =
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=='

  it('is written byte for byte as SendGrid writes it', () => {
    const body = eventBody([event])
    expect(Buffer.byteLength(body)).toBe(327)
    expect(createHash('sha256').update(body).digest('hex')).toBe(
      'ef3e4606385ea6adbc55fceb6117cf2784040cf145a010e5ef4afc2bc7c70452',
    )
    expect(isSigned(key, { headers, body })).toBe(true)
  })

  it('fails without the line break at its end', () => {
    expect(isSigned(key, { headers, body: eventBody([event]).trimEnd() })).toBe(false)
  })

  it('separates events by comma and line break', () => {
    expect(eventBody([event, event])).toContain('},\r\n{')
  })
})

describe('events of a hand-off', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await startStage()
  })
  afterEach(async () => await stage.close())

  interface Event {
    readonly [field: string]: unknown
  }

  const eventsIn = (received: readonly Received[]): readonly Event[] =>
    received.filter(({ path }) => path === '/events').flatMap(({ body }) => JSON.parse(body) as readonly Event[])

  const until = async (...kinds: readonly string[]): Promise<readonly Event[]> => {
    const has = (received: readonly Received[], kind: string) => eventsIn(received).some(({ event }) => event === kind)
    return eventsIn(await stage.receiver.until((received) => kinds.every((kind) => has(received, kind))))
  }

  const send = async (extra: object = {}): Promise<string> => {
    const [response] = await stage.mail.request({
      method: 'POST',
      url: '/v3/mail/send',
      body: {
        from: { email: 'shop@example.com' },
        subject: 'You left something behind',
        content: [{ type: 'text/html', value: '<p>Hello</p>' }],
        personalizations: [{ to: [{ email: 'ada@example.com' }], custom_args: { segue_send: 'send-1' } }],
        ...extra,
      },
    })
    return String(response.headers['x-message-id'])
  }

  it('are signed over the raw bytes, carry virtual instants and the flattened custom args', async () => {
    const id = await send({ categories: ['cart'] })
    const events = await until('processed', 'delivered')
    for (const event of events) {
      expect(event).toMatchObject({
        email: 'ada@example.com',
        segue_send: 'send-1',
        category: 'cart',
        timestamp: noon / 1_000,
      })
      expect(String(event['sg_message_id']).startsWith(`${id}.filter`)).toBe(true)
    }
    expect(new Set(events.map((event) => event['sg_event_id'])).size).toBe(events.length)
    for (const post of stage.receiver.received) expect(isSigned(stage.sandbox.sendgridVerificationKey, post)).toBe(true)
  })

  it('share one post when they happen together', async () => {
    await stage.control('POST', '/sandbox/rules', { channel: 'email', webhookBeforeAnswer: true })
    const everybody = Array.from({ length: 5 }, (_, n) => ({ to: [{ email: `person${n}@example.com` }] }))
    await send({ personalizations: everybody })
    expect(JSON.parse(stage.receiver.received[0]?.body ?? '')).toHaveLength(10)
  })

  it('report a hard bounce, and drop what is sent to that address later', async () => {
    await stage.control('POST', '/sandbox/rules', { to: 'ada@example.com', next: 1, bounce: 'hard' })
    await send()
    expect(await until('bounce')).toContainEqual(
      expect.objectContaining({ event: 'bounce', type: 'bounce', status: '5.1.1' }),
    )
    await send()
    expect(await until('dropped')).toContainEqual(
      expect.objectContaining({ event: 'dropped', reason: 'Bounced Address' }),
    )
  })

  it('report a block, which holds nothing back later', async () => {
    await stage.control('POST', '/sandbox/rules', { channel: 'email', next: 1, bounce: 'blocked' })
    await send()
    expect(await until('bounce')).toContainEqual(expect.objectContaining({ event: 'bounce', type: 'blocked' }))
    await send()
    await until('delivered')
  })

  it('report a complaint, and drop what is sent to that address later', async () => {
    await stage.control('POST', '/sandbox/read', { id: await send(), does: 'complain' })
    await until('spamreport')
    await send()
    expect(await until('dropped')).toContainEqual(expect.objectContaining({ reason: 'Spam Reporting Address' }))
  })

  it('tell a machine’s open from a person’s', async () => {
    const id = await send()
    await stage.control('POST', '/sandbox/read', { id, does: 'machine-open' })
    await stage.control('POST', '/sandbox/read', { id, does: 'open' })
    const opens = (await until('open')).filter(({ event }) => event === 'open')
    expect(opens.map((event) => event['sg_machine_open'])).toEqual([true, false])
  })

  it('come in the wrong order and twice when a rule says so', async () => {
    await stage.control('POST', '/sandbox/rules', { channel: 'email', reorderWebhooks: true, duplicateWebhooks: 1 })
    await send()
    await stage.receiver.until((received) => received.length === 4)
    expect(eventsIn(stage.receiver.received).map(({ event }) => event)).toEqual([
      'delivered',
      'delivered',
      'processed',
      'processed',
    ])
  })

  it('have all arrived before the answer when a rule says so', async () => {
    await stage.control('POST', '/sandbox/rules', { channel: 'email', webhookBeforeAnswer: true })
    await send()
    expect(eventsIn(stage.receiver.received).map(({ event }) => event)).toEqual(['processed', 'delivered'])
  })

  it('are posted again, byte for byte, until the application answers with a 2xx', async () => {
    await stage.control('POST', '/sandbox/rules', { channel: 'email', webhookBeforeAnswer: true })
    stage.receiver.answerWith(500, 404)
    await send()
    const received = await stage.receiver.until((all) => all.length === 3)
    expect(new Set(received.map(({ body }) => body)).size).toBe(1)
    expect(new Set(received.map(({ headers }) => headers[signatureHeader])).size).toBe(1)
  })
})
