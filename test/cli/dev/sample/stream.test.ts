import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { SampleRefused, SampleUnanswered, patientPost } from '../../../../src/cli/dev/sample/patient-post.ts'
import { type StreamTarget, streamSample } from '../../../../src/cli/dev/sample/stream.ts'
import { abandonment, HOUR, NOON, order, person, sampleOf } from './evidence.ts'

interface Call {
  readonly path: string
  readonly authorization: string | undefined
  readonly body: unknown
  /** The virtual instant at which it arrived. */
  readonly at: number
}

type Answer = (call: Call, response: ServerResponse) => void
const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A clock that is some way further with every reading: waiting costs little real time, and nothing depends on the machine. */
function jumpingClock(from: number, stepMs: number) {
  let now = from
  return { scale: 100_000, now: () => (now += stepMs) }
}

async function server(
  answer: Answer,
  now: () => number = () => 0,
): Promise<{ url: string; calls: Call[]; port: number }> {
  const calls: Call[] = []
  const http = createServer((request, response) => void take(request, response))
  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const { authorization } = request.headers
    const call = { path: request.url ?? '', authorization, body: text === '' ? null : JSON.parse(text), at: now() }
    calls.push(call)
    answer(call, response)
  }
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  closing.push(async () => {
    http.closeAllConnections()
    http.close()
    await once(http, 'close')
  })
  const { port } = http.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, calls, port }
}

const ok: Answer = (call, response) => {
  response.end(call.path.startsWith('/sandbox/log') ? '[]' : '{"success":true}')
}

function target(url: string, changes: Partial<StreamTarget> = {}): StreamTarget {
  return {
    apiUrl: url,
    sandboxUrl: url,
    writeKey: 'write',
    serverKey: 'server',
    clock: jumpingClock(NOON - HOUR, 20 * 60_000),
    signal: new AbortController().signal,
    ...changes,
  }
}

const batches = (calls: readonly Call[]) =>
  calls
    .filter((call) => call.path === '/v1/batch')
    .map((call) => (call.body as { batch: { type: string; messageId: string }[] }).batch)
const tracked = (calls: readonly Call[]) => batches(calls).filter((batch) => batch[0]?.type === 'track')

const sample = sampleOf(
  [
    person(1, { suppressions: [{ channel: 'email', address: 'ada.1@example.com', reason: 'manual' }] }),
    person(2, {
      behaviours: [{ address: '+12125550102', clicks: 'first-link' }],
      faults: [{ channel: 'sms', to: '+12125550102', undeliverable: 30006 }],
    }),
  ],
  [abandonment(1), abandonment(2, { at: NOON + 10 }), order(1, NOON + 5 * HOUR)],
)

test('people, consents, suppressions and behaviour come before the first event, each under its own key', async () => {
  const { url, calls } = await server(ok)
  const streamed = await streamSample(sample, target(url))
  expect(streamed).toEqual({ complete: true, sent: 3, rejected: [] })
  expect(calls.map((call) => call.path).slice(0, 5)).toEqual([
    '/v1/batch',
    '/v1/consents',
    '/v1/suppressions',
    '/sandbox/people',
    '/sandbox/rules',
  ])
  const basic = `Basic ${Buffer.from('write:').toString('base64')}`
  expect(calls.filter((call) => call.path === '/v1/batch').every((call) => call.authorization === basic)).toBe(true)
  expect(calls.slice(1, 3).every((call) => call.authorization === 'Bearer server')).toBe(true)
  expect(calls.slice(3, 5).every((call) => call.authorization === undefined)).toBe(true)
})

test("grants carry their evidence and nothing lies in the clock's future", async () => {
  const { url, calls } = await server(ok)
  const clock = jumpingClock(NOON - 2000 * HOUR, 500 * HOUR)
  await streamSample(sample, target(url, { clock }))
  const consents = calls.find((call) => call.path === '/v1/consents')?.body as { at: string; proof?: object }[]
  expect(consents).toHaveLength(4)
  expect(consents.every((consent) => consent.proof !== undefined)).toBe(true)
  expect(consents.every((consent) => Date.parse(consent.at) <= clock.now())).toBe(true)
})

test('no event is sent before its instant, those of one moment go together, and each keeps its own timestamp', async () => {
  let last = 0
  const inner = jumpingClock(NOON - HOUR, 20 * 60_000)
  const clock = { scale: inner.scale, now: () => (last = inner.now()) }
  const { url, calls } = await server(ok, () => last)
  await streamSample(sample, target(url, { clock }))
  const sent = calls.filter((call) => call.path === '/v1/batch').slice(1)
  expect(tracked(calls).map((batch) => batch.map((call) => call.messageId))).toEqual([
    ['abandoned-1', 'abandoned-2'],
    ['ordered-1'],
  ])
  expect(sent[0]?.at).toBeGreaterThanOrEqual(NOON + 10)
  expect(sent[1]?.at).toBeGreaterThanOrEqual(NOON + 5 * HOUR)
  expect(tracked(calls).flat()).toMatchObject([
    { timestamp: new Date(NOON).toISOString() },
    { timestamp: new Date(NOON + 10).toISOString() },
    { timestamp: new Date(NOON + 5 * HOUR).toISOString() },
  ])
})

test('events whose instant has passed go out at once, fifty at a time', async () => {
  const many = Array.from({ length: 120 }, (_, i) => abandonment(1, { messageId: `m-${i}`, at: NOON + i }))
  const { url, calls } = await server(ok)
  await streamSample(sampleOf([person(1)], many), target(url, { clock: jumpingClock(NOON + HOUR, 1) }))
  expect(tracked(calls).map((batch) => batch.length)).toEqual([50, 50, 20])
})

test.each([429, 503, 502])('a batch that is answered with %i is sent again, the very same', async (status) => {
  let refusals = 0
  const { url, calls } = await server((call, response) => {
    const isEvents = call.path === '/v1/batch' && JSON.stringify(call.body).includes('"track"')
    if (isEvents && refusals++ < 2) response.writeHead(status).end('{}')
    else ok(call, response)
  })
  const streamed = await streamSample(sampleOf([person(1)], [abandonment(1)]), target(url))
  expect(streamed.complete).toBe(true)
  const tries = tracked(calls)
  expect(tries).toHaveLength(3)
  expect(tries[1]).toEqual(tries[0])
  expect(tries[2]).toEqual(tries[0])
})

test('an answer that is lost on its way is waited for with the same message ids', async () => {
  let lost = 0
  const { url, calls } = await server((call, response) => {
    if (call.path === '/v1/batch' && lost++ < 1) response.socket?.destroy()
    else ok(call, response)
  })
  await streamSample(sampleOf([person(1)], [abandonment(1)]), target(url))
  expect(batches(calls)[0]).toEqual(batches(calls)[1])
})

test('when nobody listens it waits with patience, and then says so', async () => {
  const { port } = await server(ok)
  for (const close of closing.splice(0)) await close()
  const post = {
    url: `http://127.0.0.1:${port}/v1/batch`,
    body: {},
    signal: new AbortController().signal,
    patienceMs: 100,
  }
  await expect(patientPost(post)).rejects.toThrow(SampleUnanswered)
  await expect(patientPost(post)).rejects.toThrow(/POST \/v1\/batch was not taken for \d+ s: nothing answers there/)
})

test('a refusal is not repeated; its reason is told without the address', async () => {
  const { url, calls } = await server((call, response) => {
    if (call.path === '/v1/consents') response.writeHead(400).end('{"detail":"item 0/purpose: must be one of"}')
    else ok(call, response)
  })
  const streaming = streamSample(sample, target(url))
  await expect(streaming).rejects.toThrow(SampleRefused)
  await expect(streaming).rejects.toThrow('POST /v1/consents answered 400: item 0/purpose: must be one of')
  expect(calls.filter((call) => call.path === '/v1/consents')).toHaveLength(1)
})

test('what the API takes but cannot use is listed by message id', async () => {
  const { url } = await server((call, response) => {
    const rejected = [{ index: 0, reason: 'unknown_event', detail: 'no schema' }]
    const isEvents = call.path === '/v1/batch' && JSON.stringify(call.body).includes('"track"')
    if (isEvents) response.end(JSON.stringify({ success: true, rejected }))
    else ok(call, response)
  })
  const streamed = await streamSample(sampleOf([person(1)], [abandonment(1)]), target(url))
  expect(streamed.rejected).toEqual([{ messageId: 'abandoned-1', reason: 'unknown_event', detail: 'no schema' }])
})

test('an abort in the middle ends it without an error; a second stream sends the same ids from the beginning', async () => {
  const stop = new AbortController()
  const { url, calls } = await server(ok)
  const first = await streamSample(sample, target(url, { signal: stop.signal, onProgress: () => stop.abort() }))
  expect(first).toEqual({ complete: false, sent: 2, rejected: [] })
  const before = tracked(calls).flat()
  const second = await streamSample(sample, target(url, { clock: jumpingClock(NOON + 9 * HOUR, 1) }))
  expect(second.complete).toBe(true)
  expect(tracked(calls).slice(-1)[0]?.slice(0, 2)).toEqual(before)
})

test("somebody who taps a link twice taps it once more after the sandbox's own reader did", async () => {
  const phone = person(1).traits['phone'] ?? ''
  const { url, calls } = await server((call, response) => {
    if (call.path === `/sandbox/log?channel=sms&to=${encodeURIComponent(phone)}`)
      response.end(JSON.stringify([{ id: 'SM1', at: NOON }]))
    else ok(call, response)
  })
  await streamSample(sampleOf([person(1, { clicksAgain: true })], [abandonment(1)]), target(url))
  expect(calls.filter((call) => call.path === '/sandbox/read').map((call) => call.body)).toEqual([
    { id: 'SM1', does: 'click' },
  ])
})
