import { createServer } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bodyHash } from '../../src/delivery/body-hash.ts'
import type {
  Deadline,
  MessageProvider,
  OutboundMessage,
  ReconcileRequest,
} from '../../src/delivery/message-provider.ts'
import type { Sandbox } from '../../src/providers/sandbox/sandbox.ts'
import { inject, startSandbox } from '../providers/sandbox-server.ts'

/** What every message provider must do, driven through its real SDK against the emulator of its HTTP API. */
export interface ProviderImplementation {
  readonly name: string
  create(apiBaseUrl: string): MessageProvider
  /** Another message on every call: to the given address, or to one that works. */
  message(to?: string): OutboundMessage
  readonly invalidAddress: string
}

export const within = (ms: number): Deadline => {
  const end = performance.now() + ms
  return { remainingMs: () => end - performance.now() }
}
const passed: Deadline = { remainingMs: () => 0 }

export function messageProviderContract(implementation: ProviderImplementation): void {
  describe(`the message provider ${implementation.name}`, () => {
    let sandbox: Sandbox
    let provider: MessageProvider
    let keys = 0
    const nextKey = (): string => `00000000-0000-8000-a000-${String((keys += 1)).padStart(12, '0')}`
    const handedOver = (sendKey: string) => sandbox.log().filter((handOff) => handOff.sendKey === sendKey)
    const send = async (sendKey: string, deadline = within(10_000), to?: string) => {
      const message = implementation.message(to)
      return { message, outcome: await provider.send(addressed(message, sendKey), sendKey, deadline) }
    }
    const question = (message: OutboundMessage, sendKey: string, taken: readonly string[] = []): ReconcileRequest => ({
      sendKey,
      to: message.to,
      from: message.channel === 'sms' ? message.from : message.from.email,
      notBefore: sandboxStart,
      bodyHash: bodyHash(message),
      taken,
    })
    let sandboxStart = 0

    beforeAll(async () => {
      sandboxStart = Date.now()
      sandbox = await startSandbox()
      provider = implementation.create(sandbox.url)
    })
    beforeEach(() => inject(sandbox, []))
    afterAll(() => sandbox.close())

    test('an accepted message is handed over once, with its send key and the id that the carrier knows it by', async () => {
      const key = nextKey()
      const { outcome } = await send(key)
      expect(outcome.kind).toBe('accepted')
      expect(handedOver(key).map(({ id }) => id)).toEqual([
        outcome.kind === 'accepted' ? outcome.providerId : undefined,
      ])
    })

    test('a call whose deadline has passed is not begun', async () => {
      const key = nextKey()
      const { outcome } = await send(key, passed)
      expect(outcome).toEqual({ kind: 'rejected', class: 'throttled', code: 'deadline' })
      expect(handedOver(key)).toEqual([])
    })

    test('a message of another channel is refused without a call', async () => {
      const before = sandbox.log().length
      const wrong: OutboundMessage =
        provider.channel === 'sms'
          ? {
              channel: 'email',
              to: 'ada@example.com',
              from: { email: 'shop@example.com' },
              subject: 's',
              html: 'h',
              text: 't',
              headers: {},
            }
          : {
              channel: 'sms',
              to: '+12025550101',
              from: '+12025550100',
              body: 'b',
              statusCallback: 'https://segue.example.com/',
            }
      expect(await provider.send(wrong, nextKey(), within(1_000))).toMatchObject({ kind: 'rejected', class: 'config' })
      expect(sandbox.log()).toHaveLength(before)
    })

    test('an address that can never work is a bad recipient', async () => {
      const { outcome } = await send(nextKey(), within(10_000), implementation.invalidAddress)
      expect(outcome).toMatchObject({ kind: 'rejected', class: 'bad_recipient' })
    })

    test('a 429 is throttled for as long as the carrier asks', async () => {
      const key = nextKey()
      await inject(sandbox, [{ status: 429, retryAfter: 7, next: 1 }])
      const { outcome } = await send(key)
      expect(outcome).toMatchObject({ kind: 'rejected', class: 'throttled', retryAfterMs: 7_000 })
      expect(handedOver(key)).toEqual([])
    })

    test.each([401, 403, 404])('HTTP %i is a rejection for us to mend', async (status) => {
      await inject(sandbox, [{ status, next: 1 }])
      expect((await send(nextKey())).outcome).toMatchObject({ kind: 'rejected', class: 'config' })
    })

    test.each([500, 502, 503, 504])('HTTP %i is unknown, because the message may have been taken', async (status) => {
      const key = nextKey()
      await inject(sandbox, [{ status, acceptAnyway: true, next: 1 }])
      const { outcome } = await send(key)
      expect(outcome).toEqual({ kind: 'unknown', cause: `http_${status}` })
      expect(handedOver(key)).toHaveLength(1)
    })

    test('a call is abandoned at its deadline, and its outcome is unknown', async () => {
      await inject(sandbox, [{ latencyMs: 60_000, next: 1 }])
      const { outcome } = await send(nextKey(), within(300))
      expect(outcome).toEqual({ kind: 'unknown', cause: 'timeout' })
    })

    test('a connection that drops after the write is unknown, and nothing is sent again', async () => {
      const key = nextKey()
      await inject(sandbox, [{ dropConnection: 'after', next: 1 }])
      expect((await send(key)).outcome.kind).toBe('unknown')
      expect(handedOver(key)).toHaveLength(1)
    })

    test('a refused connection is certainly not accepted', async () => {
      const unreachable = implementation.create(`http://127.0.0.1:${await closedPort()}`)
      const outcome = await unreachable.send(implementation.message(), nextKey(), within(5_000))
      expect(outcome).toEqual({ kind: 'rejected', class: 'throttled', code: 'unreachable' })
    })

    test('a name that does not resolve is certainly not accepted', async () => {
      const unreachable = implementation.create('http://segue.invalid')
      const outcome = await unreachable.send(implementation.message(), nextKey(), within(20_000))
      expect(outcome).toMatchObject({ kind: 'rejected', class: 'throttled', code: 'unreachable' })
    })

    test('a 2xx that makes no sense is unknown, and a redirect is not followed', async () => {
      const nonsense = implementation.create(await answering('HTTP/1.1 201 Created', '<html>'))
      expect(await nonsense.send(implementation.message(), nextKey(), within(5_000))).toEqual({
        kind: 'unknown',
        cause: 'unreadable_answer',
      })
      const moved = implementation.create(
        await answering(`HTTP/1.1 307 Temporary Redirect\r\nLocation: ${sandbox.url}/`, ''),
      )
      const before = sandbox.log().length
      expect((await moved.send(implementation.message(), nextKey(), within(5_000))).kind).toBe('unknown')
      expect(sandbox.log()).toHaveLength(before)
    })

    test('reconciling finds a message whose acceptance was never acknowledged', async () => {
      const key = nextKey()
      await inject(sandbox, [{ dropConnection: 'after', next: 1 }])
      const { message } = await send(key)
      const found = await provider.reconcile(question(message, key), within(5_000))
      expect(found).toMatchObject({ kind: 'found', providerId: handedOver(key)[0]?.id })
    })

    test('reconciling a message that never arrived finds nothing, though others went to the same person', async () => {
      await send(nextKey())
      await inject(sandbox, [{ dropConnection: 'before', next: 1 }])
      const key = nextKey()
      const { message, outcome } = await send(key)
      expect(outcome.kind).toBe('unknown')
      expect(await provider.reconcile(question(message, key), within(5_000))).toEqual({ kind: 'absent' })
    })

    test('pictures of a text go with it, and it is not taken for the same words without them', async () => {
      const plain = implementation.message()
      if (plain.channel !== 'sms') return
      const pictures = { ...plain, mediaUrls: ['https://shop.example.com/mug.jpg', 'https://shop.example.com/tea.png'] }
      await provider.send(addressed(plain, nextKey()), nextKey(), within(10_000))
      const key = nextKey()
      const outcome = await provider.send(addressed(pictures, key), key, within(10_000))
      expect(handedOver(key)).toMatchObject([{ body: plain.body, sms: { media: pictures.mediaUrls } }])
      const found = await provider.reconcile(question(pictures, key), within(5_000))
      expect(found).toMatchObject({ kind: 'found', providerId: outcome.kind === 'accepted' && outcome.providerId })
      expect(bodyHash(pictures)).not.toBe(bodyHash(plain))
    })

    test('what the carrier keeps of a message or of a person is removed, and asking again is harmless', async () => {
      const key = nextKey()
      const { message, outcome } = await send(key)
      if (outcome.kind !== 'accepted') throw new Error('the message was not accepted')
      const kept = () => handedOver(key)[0]
      await expect.poll(() => kept()?.statuses.at(-1)?.status).toBe('delivered')
      const byMessage = { kind: 'message', providerId: outcome.providerId } as const
      const byRecipient = { kind: 'recipient', address: message.to } as const
      const [mine, other] = provider.erases === 'messages' ? [byMessage, byRecipient] : [byRecipient, byMessage]
      expect(await provider.redact(mine, within(5_000))).toEqual({ kind: 'done' })
      expect(await provider.redact(mine, within(5_000))).toEqual({ kind: 'done' })
      expect(await provider.redact(other, within(5_000))).toEqual({ kind: 'not_offered' })
      expect(kept()?.body).toBe('')
    })

    test('removing is asked again later when the carrier does not answer, or no time is left', async () => {
      const requests = [
        { kind: 'message', providerId: 'SM00000000000000000000000000000000' },
        { kind: 'recipient', address: 'ada@example.com' },
      ] as const
      const unreachable = implementation.create(`http://127.0.0.1:${await closedPort()}`)
      const request = requests[provider.erases === 'messages' ? 0 : 1]
      expect((await unreachable.redact(request, within(5_000))).kind).toBe('unavailable')
      expect(await provider.redact(request, passed)).toEqual({ kind: 'unavailable', cause: 'deadline' })
    })

    test('reconciling against a carrier that does not answer leaves the question open', async () => {
      const unreachable = implementation.create(`http://127.0.0.1:${await closedPort()}`)
      const found = await unreachable.reconcile(question(implementation.message(), nextKey()), within(5_000))
      expect(found.kind).toBe('unavailable')
      expect((await provider.reconcile(question(implementation.message(), nextKey()), passed)).kind).toBe('unavailable')
    })
  })
}

function addressed(message: OutboundMessage, sendKey: string): OutboundMessage {
  return message.channel === 'sms'
    ? { ...message, statusCallback: `https://segue.example.com/webhooks/twilio/status/${sendKey}` }
    : message
}

/** A port where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

const servers: ReturnType<typeof createServer>[] = []
afterAll(() => {
  for (const server of servers.splice(0)) server.close()
})

/** The URL of a server that gives every request the same answer, whatever it asks. */
async function answering(head: string, body: string): Promise<string> {
  const server = createServer((socket) => {
    socket.once('data', () =>
      socket.end(`${head}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`),
    )
    socket.on('error', () => socket.destroy())
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
}
