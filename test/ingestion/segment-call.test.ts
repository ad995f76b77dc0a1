import { describe, expect, test } from 'vitest'
import { eventTime } from '../../src/ingestion/event-time.ts'
import { readInstant } from '../../src/ingestion/instant.ts'
import { MAX_CALL_BYTES, readSegmentCall } from '../../src/ingestion/segment-call.ts'
import { DAY, HOUR, NOON } from './shop.ts'

const newMessageId = () => 'made-here'
const read = (value: unknown, sentAt?: unknown) => readSegmentCall(value, { sentAt, newMessageId })

describe('reading a call', () => {
  test('reads what analytics-node sends', () => {
    const result = read(
      {
        type: 'track',
        event: 'order.placed',
        userId: 'ada',
        messageId: 'm-1',
        timestamp: '2026-03-03T15:00:00.000Z',
        properties: { total: 50 },
        context: { library: { name: '@segment/analytics-node' } },
        _metadata: { nodeVersion: '20' },
      },
      '2026-03-03T15:00:01.000Z',
    )
    expect(result).toMatchObject({
      kind: 'call',
      call: {
        kind: 'track',
        event: 'order.placed',
        userId: 'ada',
        messageId: 'm-1',
        properties: { total: 50 },
        originalTimestamp: NOON,
        sentAt: NOON + 1000,
      },
    })
  })

  test('takes a numeric user id as text and names a call that has no id', () => {
    expect(read({ type: 'identify', userId: 42, traits: { a: 1 } })).toMatchObject({
      call: { userId: '42', messageId: 'made-here', properties: { a: 1 } },
    })
  })

  const track = { type: 'track', event: 'order.placed', userId: 'ada' }
  let nested: unknown = 1
  for (let i = 0; i < 100_000; i++) nested = [nested]

  test.each([
    ['null', null, 'a call is a JSON object'],
    ['a list', [track], 'a call is a JSON object'],
    ['a text', 'track', 'a call is a JSON object'],
    ['no type', { ...track, type: undefined }, 'type must be one of track, identify'],
    ['a type of a prototype', { ...track, type: 'constructor' }, 'type must be one of track, identify'],
    ['nobody', { ...track, userId: undefined }, 'userId or anonymousId is required'],
    ['an empty user id', { ...track, userId: '' }, 'userId or anonymousId is required'],
    ['a user id that is an object', { ...track, userId: {} }, 'userId must be a text'],
    ['a user id without end', { ...track, userId: 'a'.repeat(257) }, 'userId must be a text'],
    ['no event', { ...track, event: undefined }, 'event, the name of what happened'],
    ['a message id without end', { ...track, messageId: 'm'.repeat(101) }, 'messageId must be a text of 1 to 100'],
    ['properties that are a list', { ...track, properties: [] }, 'properties must be a JSON object'],
    ['a time without a zone', { ...track, timestamp: '2026-03-03T15:00:00' }, 'timestamp must be RFC 3339'],
    ['a time that is no time', { ...track, timestamp: 'yesterday' }, 'timestamp must be RFC 3339'],
    ['a NUL in a text', { ...track, properties: { note: 'a\0b' } }, 'a text holds a NUL'],
    ['half a surrogate pair in a name', { ...track, properties: { '\ud83d': 1 } }, 'a text holds a NUL'],
    ['hostile nesting', { ...track, properties: { nested } }, 'nested deeper than 20 levels'],
  ])('refuses %s and says why', (_name, value, detail) => {
    const result = read(value)
    expect(result).toMatchObject({ kind: 'malformed', reason: 'malformed' })
    expect(result.kind === 'malformed' && result.detail).toContain(detail)
  })

  test('refuses a call over 32 KB and keeps only its beginning', () => {
    const result = read({ ...track, properties: { note: 'a'.repeat(MAX_CALL_BYTES) } })
    expect(result).toMatchObject({ kind: 'malformed', reason: 'too_large' })
    expect(result.kind === 'malformed' && result.raw.length).toBe(1024)
  })
})

describe('when it happened', () => {
  test.each([
    ['a right clock', { originalTimestamp: NOON - HOUR, sentAt: NOON }, NOON - HOUR],
    ['a clock that is 3 h slow', { originalTimestamp: NOON - 4 * HOUR, sentAt: NOON - 3 * HOUR }, NOON - HOUR],
    ['a clock that is 3 h fast', { originalTimestamp: NOON + 2 * HOUR, sentAt: NOON + 3 * HOUR }, NOON - HOUR],
    ['no sentAt', { originalTimestamp: NOON - HOUR }, NOON - HOUR],
    ['no time at all', {}, NOON],
    ['a time in the future', { originalTimestamp: NOON + DAY }, NOON],
    ['an event that happens after it was sent', { originalTimestamp: NOON + HOUR, sentAt: NOON }, NOON],
  ])('%s', (_name, call, at) => {
    expect(eventTime(call, NOON)).toEqual({ kind: 'known', at })
  })

  test('a clock that is more than 30 days off says nothing', () => {
    const call = { originalTimestamp: NOON - 31 * DAY, sentAt: NOON - 31 * DAY }
    expect(eventTime(call, NOON)).toEqual({ kind: 'absurd', detail: 'sentAt is 31 days before its arrival' })
  })

  test('under a development clock, which runs ahead of every client, nothing is absurd', () => {
    const call = { originalTimestamp: NOON - HOUR, sentAt: NOON }
    expect(eventTime(call, NOON + 900 * DAY, Number.POSITIVE_INFINITY)).toEqual({
      kind: 'known',
      at: NOON + 900 * DAY - HOUR,
    })
  })
})

test.each([
  ['2026-03-03T15:00:00Z', NOON],
  ['2026-03-03T10:00:00-05:00', NOON],
  ['2026-03-03t15:00:00.000z', NOON],
  ['2026-03-03 15:00:00+0000', NOON],
  [NOON, NOON],
  [NOON / 1000, undefined],
  ['2026-13-03T15:00:00Z', undefined],
  ['2026-03-03', undefined],
  ['', undefined],
  [true, undefined],
])('the instant %s is %s', (value, expected) => {
  expect(readInstant(value)).toBe(expected)
})
