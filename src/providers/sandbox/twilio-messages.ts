import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { carryOut } from './exchange.ts'
import type { Fate, HandOff } from './hand-off.ts'
import { isFinal, lastStatus } from './hand-off.ts'
import type { Fault, Faults } from './faults.ts'
import type { HandOffLog } from './hand-off-log.ts'
import type { SandboxOptions } from './sandbox-options.ts'
import { createProblem, newMessage } from './twilio-create.ts'
import type { SmsDelivery } from './twilio-delivery.ts'
import { faultError, twilioErrorBody, twilioErrors } from './twilio-error.ts'
import type { TwilioError } from './twilio-error.ts'
import { readForm } from './twilio-form.ts'
import { listPage } from './twilio-list.ts'
import { apiVersion, handOffResource, textResource } from './twilio-resource.ts'
import type { VirtualTimers } from './virtual-timers.ts'

export interface TwilioParts {
  readonly options: SandboxOptions
  readonly log: HandOffLog
  readonly faults: Faults
  readonly timers: VirtualTimers
  readonly deliver: SmsDelivery
}

const refuse = (reply: FastifyReply, error: TwilioError): FastifyReply =>
  reply
    .code(error.status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(twilioErrorBody(error)))

const same = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a, 'latin1'), Buffer.from(b, 'latin1'))

const fateOf = (fault: Fault): Fate =>
  fault.undeliverable === undefined ? { kind: 'delivered' } : { kind: 'undelivered', errorCode: fault.undeliverable }

/**
 * The Messages resource of Twilio's REST API.
 * Source: https://www.twilio.com/docs/messaging/api/message-resource
 */
export const registerTwilioMessages = (app: FastifyInstance, parts: TwilioParts): void => {
  const { options, log, faults, timers, deliver } = parts
  const { accountSid, authToken } = options.twilio
  const expected = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
  const base = `/${apiVersion}/Accounts/:account/Messages`
  const now = (): number => Math.floor(options.clock.now())

  const authenticate = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    if (!same(request.headers.authorization ?? '', expected)) return refuse(reply, twilioErrors.unauthenticated)
    const { account } = request.params as { readonly account: string }
    return account === accountSid ? undefined : refuse(reply, twilioErrors.notFound(request.url))
  }

  const find = (request: FastifyRequest): HandOff | null => {
    const { sid } = request.params as { readonly sid: string }
    const handOff = log.find(sid)
    return handOff?.sms === undefined || handOff.sms === null || handOff.sms.deleted ? null : handOff
  }

  const messages = () => [
    ...log
      .handOffs()
      .flatMap((handOff) =>
        handOff.sms === null || handOff.sms.deleted ? [] : [handOffResource(accountSid, handOff)],
      ),
    ...log.texts().map((text) => textResource(accountSid, text)),
  ]

  app.post(`${base}.json`, { preHandler: authenticate }, async (request, reply) => {
    const form = readForm(request.body)
    const fault = faults.take('sms', form.get('To') ?? '')
    return await carryOut<{ readonly handOff: HandOff; readonly delivery: Promise<void> }>({
      reply,
      fault,
      timers,
      crash: options.crash,
      accept: () => {
        const problem = createProblem(form, now(), log.isOptedOut)
        if (problem !== null) {
          void refuse(reply, problem)
          return null
        }
        const handOff = newMessage(form, now(), fateOf(fault))
        log.append({ kind: 'accepted', handOff })
        return { handOff, delivery: deliver(handOff, fault) }
      },
      delivered: async ({ delivery }) => await delivery,
      succeed: ({ handOff }) => reply.code(201).send(handOffResource(accountSid, handOff).json()),
      fail: (status) => refuse(reply, faultError(status, fault.code)),
    })
  })

  app.get(`${base}.json`, { preHandler: authenticate }, async (request) =>
    listPage(messages(), readForm(request.query), `/${apiVersion}/Accounts/${accountSid}/Messages.json`),
  )

  app.get(`${base}/:sid.json`, { preHandler: authenticate }, async (request, reply) => {
    const { sid } = request.params as { readonly sid: string }
    const found = messages().find((message) => message.sid === sid)
    return found === undefined ? refuse(reply, twilioErrors.notFound(request.url)) : reply.send(found.json())
  })

  /** Redaction (an empty body) and cancelling of a scheduled message. */
  app.post(`${base}/:sid.json`, { preHandler: authenticate }, async (request, reply) => {
    const handOff = find(request)
    if (handOff === null) return refuse(reply, twilioErrors.notFound(request.url))
    const form = readForm(request.body)
    const { status } = lastStatus(handOff)
    if (form.get('Status') === 'canceled') {
      if (status !== 'scheduled') return refuse(reply, twilioErrors.notCancelable)
      log.append({ kind: 'status', id: handOff.id, status: { status: 'canceled', at: now() } })
    } else {
      if (form.get('Body') !== '') return refuse(reply, twilioErrors.bodyNotEmpty)
      if (!isFinal(status)) return refuse(reply, twilioErrors.notRedactable)
      log.append({ kind: 'redacted', id: handOff.id, deleted: false })
    }
    return reply.send(handOffResource(accountSid, log.find(handOff.id) ?? handOff).json())
  })

  app.delete(`${base}/:sid.json`, { preHandler: authenticate }, async (request, reply) => {
    const { sid } = request.params as { readonly sid: string }
    if (log.texts().some(({ id }) => id === sid)) {
      log.append({ kind: 'redacted', id: sid, deleted: true })
      return reply.code(204).send()
    }
    const handOff = find(request)
    if (handOff === null) return refuse(reply, twilioErrors.notFound(request.url))
    if (!isFinal(lastStatus(handOff).status)) return refuse(reply, twilioErrors.notRedactable)
    log.append({ kind: 'redacted', id: handOff.id, deleted: true })
    return reply.code(204).send()
  })
}
