import { readInstant } from './instant.ts'

/** One call of the Segment API, read from JSON: what the rest of ingestion works with. */
export interface IngestCall {
  readonly kind: CallKind
  /** The client's id of this call: a retry carries the same one. */
  readonly messageId: string
  readonly userId?: string
  readonly anonymousId?: string
  /** Of a track call. */
  readonly event?: string
  /** Properties of an event, or traits of an identify. */
  readonly properties: Readonly<Record<string, unknown>>
  /** By the client's clock, epoch milliseconds. */
  readonly originalTimestamp?: number
  /** By the client's clock, epoch milliseconds. A retry changes it. */
  readonly sentAt?: number
  /** Zone of the device, `context.timezone`, as it came. */
  readonly deviceTimezone?: string
  /** As it came, for the dead letter. */
  readonly raw: string
}

export const CALL_KINDS = ['track', 'identify', 'page', 'screen', 'group', 'alias'] as const
export type CallKind = (typeof CALL_KINDS)[number]

export type ReadCall =
  | { readonly kind: 'call'; readonly call: IngestCall }
  | {
      readonly kind: 'malformed'
      readonly reason: 'malformed' | 'too_large'
      readonly detail: string
      readonly raw: string
    }

/** Segment's documented limit per event. */
export const MAX_CALL_BYTES = 32 * 1024
/** Longest message id that Segment accepts. */
const MAX_MESSAGE_ID = 100
const MAX_NAME = 256
const MAX_DEPTH = 20
/** With the u flag, the halves of a proper pair do not match. */
const LONE_SURROGATE = /\p{Surrogate}/u
const KEPT_OF_TOO_LARGE = 1024

/**
 * Reads one call. `kind` is that of the route, or undefined in a batch, where the item's `type` says it. `sentAt` is the
 * batch's. `newMessageId` names a call whose client gave it no id: such a call cannot be recognised when it is retried.
 */
export function readSegmentCall(
  value: unknown,
  context: { readonly kind?: CallKind; readonly sentAt?: unknown; readonly newMessageId: () => string },
): ReadCall {
  // Before anything walks or prints the value: both would overflow the stack on hostile nesting.
  const unstorable = whyNotStorable(value)
  if (unstorable === 'nested')
    return malformed(`nested deeper than ${MAX_DEPTH} levels; flatten it`, '(nested too deeply)')
  const raw = JSON.stringify(value)
  const bytes = Buffer.byteLength(raw)
  if (bytes > MAX_CALL_BYTES) {
    const detail = `the call has ${bytes} bytes; at most ${MAX_CALL_BYTES} are allowed. Send references, not documents`
    return { kind: 'malformed', reason: 'too_large', detail, raw: raw.slice(0, KEPT_OF_TOO_LARGE) }
  }
  if (unstorable === 'text')
    return malformed('a text holds a NUL or half a surrogate pair, which no store can keep', raw)
  if (!isRecord(value)) return malformed('a call is a JSON object', raw)

  const kind = context.kind ?? CALL_KINDS.find((known) => known === value['type'])
  if (kind === undefined) return malformed(`type must be one of ${CALL_KINDS.join(', ')}`, raw)

  const userId = readId(value['userId'])
  const anonymousId = readId(value['anonymousId'])
  if (userId === false) return malformed(`userId must be a text of 1 to ${MAX_NAME} characters`, raw)
  if (anonymousId === false) return malformed(`anonymousId must be a text of 1 to ${MAX_NAME} characters`, raw)
  if (userId === undefined && anonymousId === undefined) {
    return malformed('userId or anonymousId is required: an event belongs to somebody', raw)
  }

  const messageId = value['messageId'] ?? context.newMessageId()
  if (typeof messageId !== 'string' || messageId === '' || messageId.length > MAX_MESSAGE_ID) {
    return malformed(`messageId must be a text of 1 to ${MAX_MESSAGE_ID} characters`, raw)
  }

  const event = value['event']
  if (kind === 'track' && (typeof event !== 'string' || event === '' || event.length > MAX_NAME)) {
    return malformed('event, the name of what happened, is required in a track call', raw)
  }

  const field = kind === 'identify' || kind === 'group' ? 'traits' : 'properties'
  const properties = value[field] ?? {}
  if (!isRecord(properties)) return malformed(`${field} must be a JSON object`, raw)

  const timestamp = value['timestamp'] ?? value['originalTimestamp']
  const originalTimestamp = readInstant(timestamp)
  if (timestamp !== undefined && timestamp !== null && originalTimestamp === undefined) {
    return malformed('timestamp must be RFC 3339 with a zone, such as 2026-03-01T09:00:00Z', raw)
  }
  const sentAt = readInstant(value['sentAt'] ?? context.sentAt)
  const device = isRecord(value['context']) ? value['context']['timezone'] : undefined

  return {
    kind: 'call',
    call: {
      kind,
      messageId,
      properties,
      raw,
      ...(userId !== undefined && { userId }),
      ...(anonymousId !== undefined && { anonymousId }),
      ...(kind === 'track' && typeof event === 'string' && { event }),
      ...(originalTimestamp !== undefined && { originalTimestamp }),
      ...(sentAt !== undefined && { sentAt }),
      ...(typeof device === 'string' && { deviceTimezone: device }),
    },
  }
}

function malformed(detail: string, raw: string): ReadCall {
  return { kind: 'malformed', reason: 'malformed', detail, raw }
}

/** Some clients send a numeric user id; null and the empty text mean none. False: there is one and it cannot be used. */
function readId(value: unknown): string | undefined | false {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  return typeof value === 'string' && value.length <= MAX_NAME ? value : false
}

/**
 * PostgreSQL keeps neither NUL nor a lone surrogate; found here, it costs one call and not a whole batch. Every body from outside is
 * asked this before anything else walks it: hostile nesting overflows the stack.
 */
export function whyNotStorable(value: unknown, depth = 0): 'nested' | 'text' | undefined {
  if (depth > MAX_DEPTH) return 'nested'
  if (typeof value === 'string') return isStorableText(value) ? undefined : 'text'
  if (typeof value !== 'object' || value === null) return undefined
  let found: 'text' | undefined
  for (const [key, member] of Object.entries(value)) {
    const why = isStorableText(key) ? whyNotStorable(member, depth + 1) : 'text'
    if (why === 'nested') return why
    found ??= why
  }
  return found
}

function isStorableText(text: string): boolean {
  return !text.includes('\0') && !LONE_SURROGATE.test(text)
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
