import { describe, expect, test } from 'vitest'
import { createSendgrid } from '../../../src/providers/sendgrid/sendgrid.ts'

const sendgrid = createSendgrid({ apiKey: 'SG.test', webhookPublicKeys: [] })
const parse = (body: string) =>
  sendgrid.parseFeedback({ url: 'https://segue.example.com/', body: Buffer.from(body), headers: {} })
const event = (more: object) => ({
  email: 'ada@example.com',
  timestamp: 1_764_000_000,
  sg_event_id: 'e1',
  sg_message_id: 'm1.filterdrecv-1',
  segue_send: 'key-1',
  ...more,
})
const one = (more: object) => parse(`[${JSON.stringify(event(more))}]\r\n`)

describe('an event webhook of SendGrid', () => {
  test('names the send by its custom arg and by the message id without the suffix', () => {
    expect(one({ event: 'delivered' })).toMatchObject([
      {
        kind: 'feedback',
        event: 'delivered',
        sendKey: 'key-1',
        providerId: 'm1',
        address: 'ada@example.com',
        at: 1_764_000_000_000,
      },
    ])
  })

  test.each([
    [{ event: 'processed' }, [{ event: 'accepted' }]],
    [{ event: 'deferred', attempt: '3' }, [{ event: 'accepted', code: 'deferred' }]],
    [{ event: 'bounce', type: 'bounce' }, [{ event: 'bounced', permanent: true }]],
    [{ event: 'bounce', type: 'blocked' }, [{ event: 'undelivered', code: 'blocked' }]],
    [{ event: 'dropped', reason: 'Bounced Address' }, [{ event: 'bounced', permanent: true }]],
    [{ event: 'dropped', reason: 'Invalid' }, [{ event: 'bounced', permanent: true }]],
    [{ event: 'dropped', reason: 'Unsubscribed Address' }, [{ event: 'undelivered' }, { event: 'unsubscribed' }]],
    [{ event: 'dropped', reason: 'Spam Reporting Address' }, [{ event: 'undelivered' }, { event: 'complained' }]],
    [{ event: 'dropped', reason: 'Spam Content' }, [{ event: 'undelivered', code: 'dropped_spam_content' }]],
    [{ event: 'dropped', reason: 'A reason of next year' }, [{ event: 'undelivered', code: 'dropped' }]],
    [{ event: 'spamreport' }, [{ event: 'complained' }]],
    [{ event: 'unsubscribe' }, [{ event: 'unsubscribed' }]],
    [{ event: 'group_unsubscribe', asm_group_id: 3 }, [{ event: 'unsubscribed' }]],
    [{ event: 'click', url: 'https://example.com/' }, [{ event: 'clicked' }]],
    [{ event: 'open', sg_machine_open: true }, [{ event: 'opened', machine: true }]],
  ])('%j means %j', (given, meant) => {
    expect(one(given)).toMatchObject(meant)
  })

  test('a block and a drop that is not about the person never suppress', () => {
    for (const given of [
      { event: 'bounce', type: 'blocked' },
      { event: 'dropped', reason: 'Spam Content' },
    ]) {
      expect(one(given)[0]).not.toHaveProperty('permanent')
    }
  })

  test('a resubscription is no consent: it is kept and acted on by nobody', () => {
    expect(one({ event: 'group_resubscribe' })).toMatchObject([
      { kind: 'unreadable', reason: 'group_resubscribe_is_no_consent' },
    ])
  })

  test('one bad entry spoils no other', () => {
    const body = `[null,7,${JSON.stringify(event({ event: 'delivered' }))},{"event":"levitated"}]`
    expect(parse(body)).toMatchObject([
      { kind: 'unreadable', reason: 'no_event' },
      { kind: 'unreadable', reason: 'no_event' },
      { kind: 'feedback' },
      { kind: 'unreadable', reason: 'unknown_event', raw: '{"event":"levitated"}' },
    ])
  })

  test.each(['', '{}', '[', 'null'])('the body "%s" is kept as unreadable', (body) => {
    expect(parse(body)).toEqual([{ kind: 'unreadable', reason: 'not_a_json_array', raw: body }])
  })

  test('a retry under a new event id still shares a key with the first', () => {
    const keysOf = (more: object): readonly string[] =>
      one({ event: 'delivered', ...more }).flatMap((part) => (part.kind === 'feedback' ? part.dedupeKeys : []))
    const shared = (a: readonly string[], b: readonly string[]) => a.filter((key) => b.includes(key))
    expect(shared(keysOf({}), keysOf({ sg_event_id: 'e2' }))).toHaveLength(1)
    expect(shared(keysOf({}), keysOf({ timestamp: 1_764_000_001 }))).toHaveLength(1)
    expect(shared(keysOf({}), keysOf({ sg_event_id: 'e2', timestamp: 1_764_000_001 }))).toHaveLength(0)
  })

  test('no key holds the address', () => {
    expect(
      JSON.stringify(one({ event: 'delivered' }).map((part) => (part.kind === 'feedback' ? part.dedupeKeys : []))),
    ).not.toContain('ada')
  })
})
