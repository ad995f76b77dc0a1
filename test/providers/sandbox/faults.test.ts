import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startStage, twilioClient } from './stage.ts'
import type { Stage } from './stage.ts'

const from = '+12025550100'
const to = '+12025550123'

let stage: Stage
beforeEach(async () => {
  stage = await startStage()
})
afterEach(async () => await stage.close())

const rule = async (body: object) => await stage.control('POST', '/sandbox/rules', body)
const text = async (client = stage.twilio, recipient = to): Promise<unknown> =>
  await client.messages.create({ to: recipient, from, body: 'Hello' }).then(
    ({ status }) => status,
    (error: unknown) => error,
  )
const email = async (address = 'ada@example.com'): Promise<unknown> =>
  await stage.mail
    .request({
      method: 'POST',
      url: '/v3/mail/send',
      body: {
        from: { email: 'shop@example.com' },
        subject: 'Hello',
        content: [{ type: 'text/plain', value: 'Hello' }],
        personalizations: [{ to: [{ email: address }] }],
      },
    })
    .then(
      ([{ statusCode }]) => statusCode,
      (error: unknown) => error,
    )

describe('a request that a rule lets fail', () => {
  it('is throttled in Twilio’s way, for as many requests as the rule says', async () => {
    await rule({ channel: 'sms', next: 2, status: 429, retryAfter: 3 })
    expect(await text()).toMatchObject({ status: 429, code: 20429 })
    expect(await text()).toMatchObject({ status: 429, code: 20429 })
    expect(await text()).toBe('queued')
    expect(stage.sandbox.log()).toHaveLength(1)
  })

  it('is throttled in SendGrid’s way, with the waiting time in a header', async () => {
    await rule({ channel: 'email', next: 1, status: 429, retryAfter: 3 })
    expect(await email()).toMatchObject({
      code: 429,
      response: { headers: { 'retry-after': '3', 'x-ratelimit-remaining': '0' } },
    })
    expect(await email()).toBe(202)
  })

  it.each([500, 503])('answers %i with the code of the provider', async (status) => {
    await rule({ status })
    expect(await text()).toMatchObject({ status, code: 20_000 + status })
    expect(await email()).toMatchObject({ code: status })
    expect(stage.sandbox.log()).toEqual([])
  })

  it('answers with any code that the rule names', async () => {
    await rule({ status: 400, code: 21610 })
    expect(await text()).toMatchObject({ status: 400, code: 21610 })
  })

  it('may be accepted although the answer is an error', async () => {
    await rule({ status: 500, acceptAnyway: true })
    expect(await text()).toMatchObject({ status: 500 })
    expect(stage.sandbox.log()).toHaveLength(1)
  })

  it('is not accepted when the connection drops before', async () => {
    await rule({ dropConnection: 'before' })
    expect(await text()).toMatchObject({ code: 'ECONNRESET' })
    expect(await email()).toMatchObject({ code: 'ECONNRESET' })
    expect(stage.sandbox.log()).toEqual([])
  })

  it('is accepted when the connection drops after', async () => {
    await rule({ dropConnection: 'after' })
    expect(await text()).toMatchObject({ code: 'ECONNRESET' })
    expect(await email()).toMatchObject({ code: 'ECONNRESET' })
    expect(stage.sandbox.log().map(({ channel }) => channel)).toEqual(['sms', 'email'])
  })

  it('is accepted although an impatient client has given up', async () => {
    await rule({ latencyMs: 60_000 })
    expect(await text(twilioClient(stage.sandbox.url, { timeoutMs: 100 }))).toMatchObject({ code: 'ECONNABORTED' })
    expect(stage.sandbox.log()).toHaveLength(1)
  })
})

describe('a rule', () => {
  it('applies to one recipient, or to a prefix', async () => {
    await rule({ to: 'ADA@example.com', status: 503 })
    await rule({ to: '+1202555*', status: 503 })
    expect(await email()).toMatchObject({ code: 503 })
    expect(await email('bob@example.com')).toBe(202)
    expect(await text()).toMatchObject({ status: 503 })
    expect(await text(stage.twilio, '+13035550123')).toBe('queued')
  })

  it('that is older decides where two say something about the same field', async () => {
    await rule({ next: 1, status: 503 })
    await rule({ status: 500, code: 20500 })
    expect(await text()).toMatchObject({ status: 503, code: 20500 })
    expect(await text()).toMatchObject({ status: 500 })
  })

  it('is listed with its remaining count, until all are deleted', async () => {
    await rule({ next: 3, status: 503 })
    await text()
    expect((await stage.control('GET', '/sandbox/rules')).json).toMatchObject([{ next: 2, status: 503 }])
    await stage.control('DELETE', '/sandbox/rules')
    expect(await text()).toBe('queued')
  })

  it.each([
    [{ stauts: 500 }, /unknown field "stauts"/],
    [{ status: 200 }, /"status" cannot be 200/],
    [{ dropConnection: 'sometimes' }, /"dropConnection" cannot be "sometimes"/],
    [{ crash: 'after' }, /its own process/],
  ])('%j is refused with the reason', async (body, problem) => {
    const { status, json } = await rule(body)
    expect(status).toBe(400)
    expect(json).toMatchObject({ problem: expect.stringMatching(problem) as string })
  })
})

describe('the log of hand-offs', () => {
  it('counts every send key, and names those handed over more than once', async () => {
    for (const key of ['a', 'b', 'b']) {
      await stage.twilio.messages.create({
        to,
        from,
        body: 'x',
        statusCallback: `${stage.receiver.url}/status?send=${key}`,
      })
    }
    await email()
    expect((await stage.control('GET', '/sandbox/log/summary')).json).toEqual({
      total: 4,
      distinct: 2,
      withoutSendKey: 1,
      repeated: { b: 2 },
      sms: 3,
      email: 1,
    })
  })

  it('can be asked for one recipient', async () => {
    await text()
    await email()
    expect((await stage.control('GET', `/sandbox/log?to=${encodeURIComponent(to)}`)).json).toMatchObject([
      { to, channel: 'sms' },
    ])
  })

  it('is not open to pages of other sites', async () => {
    const response = await fetch(`${stage.sandbox.url}/sandbox/rules`, {
      method: 'DELETE',
      headers: { 'sec-fetch-site': 'cross-site' },
    })
    expect(response.status).toBe(403)
  })
})
