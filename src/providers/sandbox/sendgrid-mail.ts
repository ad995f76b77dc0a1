import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { carryOut } from './exchange.ts'
import type { Fault, Faults } from './faults.ts'
import type { Fate, HandOff } from './hand-off.ts'
import type { HandOffLog } from './hand-off-log.ts'
import { objectOf } from './json-fields.ts'
import type { SandboxOptions } from './sandbox-options.ts'
import { suppressionReason } from './sendgrid-delivery.ts'
import type { EmailDelivery } from './sendgrid-delivery.ts'
import { refuse } from './sendgrid-error.ts'
import { newMail, recipientsOf } from './sendgrid-message.ts'
import { mailProblems } from './sendgrid-validation.ts'
import type { VirtualTimers } from './virtual-timers.ts'

export interface SendgridParts {
  readonly options: SandboxOptions
  readonly log: HandOffLog
  readonly faults: Faults
  readonly timers: VirtualTimers
  readonly deliver: EmailDelivery
}

/** Checks the Bearer key on every /v3 route of one Fastify scope. */
export const requireApiKey =
  (apiKey: string) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> =>
    request.headers.authorization === `Bearer ${apiKey}` ? undefined : refuse(reply, 401)

const fateOf = (log: HandOffLog, fault: Fault, email: string): Fate => {
  const reason = suppressionReason(log, email)
  if (reason !== null) return { kind: 'dropped', reason }
  if (fault.bounce === undefined) return { kind: 'delivered' }
  return { kind: 'bounced', type: fault.bounce === 'hard' ? 'bounce' : 'blocked' }
}

/**
 * SendGrid's v3 Mail Send. 202 with an empty body and X-Message-Id; 200 and nothing sent in its own sandbox mode.
 * Source: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
 */
export const registerSendgridMail = (app: FastifyInstance, parts: SendgridParts): void => {
  const { options, log, faults, timers, deliver } = parts
  const now = (): number => Math.floor(options.clock.now())

  app.post('/v3/mail/send', async (request, reply) => {
    const mail = objectOf(request.body)
    const fault = faults.take('email', recipientsOf(mail)[0] ?? '')
    const sandboxMode = objectOf(objectOf(mail['mail_settings'])['sandbox_mode'])['enable'] === true
    return await carryOut<{ readonly handOffs: readonly HandOff[]; readonly deliveries: readonly Promise<void>[] }>({
      reply,
      fault,
      timers,
      crash: options.crash,
      accept: () => {
        const problems = mailProblems(mail, now())
        if (problems.length > 0) {
          void refuse(reply, 400, problems)
          return null
        }
        if (sandboxMode) return { handOffs: [], deliveries: [] }
        const handOffs = newMail(mail, now(), (email) => fateOf(log, fault, email))
        for (const handOff of handOffs) log.append({ kind: 'accepted', handOff })
        return { handOffs, deliveries: handOffs.map(async (handOff) => await deliver(handOff, fault)) }
      },
      delivered: async ({ deliveries }) => {
        await Promise.all(deliveries)
      },
      succeed: ({ handOffs }) =>
        sandboxMode
          ? reply.code(200).send()
          : reply
              .code(202)
              .header('x-message-id', handOffs[0]?.id ?? '')
              .send(),
      fail: (status) => refuse(reply, status),
    })
  })
}
