import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createSendgrid } from '../../../src/providers/sendgrid/sendgrid.ts'

// The vector of the official client: sendgrid-nodejs, packages/eventwebhook/src/eventwebhook.spec.js (MIT).
const KEY =
  'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=='
const TIMESTAMP = '1600112502'
const SIGNATURE = 'MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM='
const LINE =
  '[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address","sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA","sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}]'
const BODY = Buffer.from(`${LINE}\r\n`)
const AT = 1_600_112_502_000
const HOUR = 3_600_000

const verify = (
  body = BODY,
  signature: string | undefined = SIGNATURE,
  timestamp = TIMESTAMP,
  now = AT,
  keys = [KEY],
): boolean =>
  createSendgrid({ apiKey: 'SG.test', webhookPublicKeys: keys }).verifyWebhook(
    {
      url: 'https://segue.example.com/webhooks/sendgrid/feedback',
      body,
      headers: {
        'x-twilio-email-event-webhook-signature': signature,
        'x-twilio-email-event-webhook-timestamp': timestamp,
      },
    },
    now,
  )

describe('a SendGrid signature', () => {
  test('covers the exact bytes of the published example', () => {
    expect(createHash('sha256').update(BODY).digest('hex')).toBe(
      'ef3e4606385ea6adbc55fceb6117cf2784040cf145a010e5ef4afc2bc7c70452',
    )
    expect(verify()).toBe(true)
  })

  test('fails without the line end, with a changed byte, timestamp or signature', () => {
    expect(verify(Buffer.from(LINE))).toBe(false)
    expect(verify(Buffer.from(`${LINE.replace('hello', 'hallo')}\r\n`))).toBe(false)
    expect(verify(BODY, SIGNATURE, '1600112503')).toBe(false)
    expect(verify(BODY, SIGNATURE.replace('GHQV', 'GHQW'))).toBe(false)
  })

  test.each(['', 'not base64 at all!', 'AAAA'])('fails for the signature "%s" instead of throwing', (signature) => {
    expect(verify(BODY, signature)).toBe(false)
  })

  test('fails without the timestamp or with one that is no number', () => {
    expect(verify(BODY, SIGNATURE, '')).toBe(false)
    expect(verify(BODY, SIGNATURE, '1600112502.5')).toBe(false)
  })

  test('survives a retry after 24 hours of real time, and is refused after a second day', () => {
    expect(verify(BODY, SIGNATURE, TIMESTAMP, AT + 24 * HOUR)).toBe(true)
    expect(verify(BODY, SIGNATURE, TIMESTAMP, AT + 48 * HOUR)).toBe(false)
    expect(verify(BODY, SIGNATURE, TIMESTAMP, AT - HOUR)).toBe(false)
  })

  test('is accepted from either key during a rotation', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const fresh = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    const mine = sign('sha256', Buffer.concat([Buffer.from(TIMESTAMP), BODY]), privateKey).toString('base64')
    expect(verify(BODY, mine)).toBe(false)
    expect(verify(BODY, mine, TIMESTAMP, AT, [KEY, fresh])).toBe(true)
    expect(verify(BODY, SIGNATURE, TIMESTAMP, AT, [fresh, KEY])).toBe(true)
    expect(verify(BODY, SIGNATURE, TIMESTAMP, AT, [])).toBe(false)
  })
})
