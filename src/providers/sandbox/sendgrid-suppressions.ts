import type { FastifyInstance } from 'fastify'
import type { HandOffLog, SuppressionList } from './hand-off-log.ts'
import { listOf, objectOf, textOf } from './json-fields.ts'
import type { SandboxClock } from './sandbox-options.ts'
import { refuse } from './sendgrid-error.ts'

const lists: readonly SuppressionList[] = ['bounces', 'blocks', 'spam_reports', 'unsubscribes']

/** SendGrid's suppression lists: read, remove, and the global unsubscribe that an application may push. */
export const registerSendgridSuppressions = (app: FastifyInstance, log: HandOffLog, clock: SandboxClock): void => {
  for (const list of lists) {
    app.get(`/v3/suppression/${list}`, async (request) => {
      const query = objectOf(request.query)
      const from = Number(query['start_time'] ?? 0)
      const until = Number(query['end_time'] ?? Number.MAX_SAFE_INTEGER)
      return log
        .suppressions(list)
        .map(({ email, at, reason }) => ({ created: Math.floor(at / 1_000), email, reason, status: '' }))
        .filter(({ created }) => created >= from && created <= until)
    })

    app.delete(`/v3/suppression/${list}/:email`, async (request, reply) => {
      const email = (textOf(objectOf(request.params)['email']) ?? '').toLowerCase()
      if (!log.suppressions(list).some((entry) => entry.email === email)) return refuse(reply, 404)
      log.append({ kind: 'unsuppressed', list, email })
      return reply.code(204).send()
    })
  }

  app.post('/v3/asm/suppressions/global', async (request, reply) => {
    const emails = listOf(objectOf(request.body)['recipient_emails']).flatMap((email) => textOf(email) ?? [])
    if (emails.length === 0) return refuse(reply, 400)
    for (const email of emails) {
      const at = Math.floor(clock.now())
      log.append({
        kind: 'suppressed',
        list: 'unsubscribes',
        email: email.toLowerCase(),
        at,
        reason: 'Unsubscribed Address',
      })
    }
    return reply.code(201).send({ recipient_emails: emails })
  })

  app.post('/v3/recipients/erasejob', async (request, reply) => {
    const emails = listOf(objectOf(request.body)['email_addresses']).flatMap((email) => textOf(email) ?? [])
    if (emails.length === 0) return refuse(reply, 400)
    log.append({ kind: 'erased', emails: emails.map((email) => email.toLowerCase()) })
    return reply.code(202).send({ job_id: `erase-${Math.floor(clock.now())}` })
  })
}
