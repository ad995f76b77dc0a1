import type { FastifyInstance } from 'fastify'
import { lastStatus } from './hand-off.ts'
import type { HandOff } from './hand-off.ts'
import type { HandOffLog } from './hand-off-log.ts'
import { objectOf, textOf } from './json-fields.ts'
import { sgMessageId } from './sendgrid-message.ts'
import { refuse, sendgridError } from './sendgrid-error.ts'

type Test = (handOff: HandOff) => boolean

const statusOf = (handOff: HandOff): string => {
  const { status } = lastStatus(handOff)
  if (status === 'delivered') return 'delivered'
  return ['bounce', 'blocked', 'dropped'].includes(status) ? 'not_delivered' : 'processing'
}

const fields: Readonly<Record<string, (handOff: HandOff) => string>> = {
  msg_id: sgMessageId,
  to_email: ({ to }) => to,
  from_email: ({ from }) => from,
  subject: ({ subject }) => subject ?? '',
  status: statusOf,
}

/** One comparison of the query language: a field, or a custom arg as unique_args['name'], with = or LIKE ("%" at the end). */
const comparison = /^(?:unique_args\['([^']+)'\]|([a-z_]+))\s*(=|LIKE)\s*"([^"]*)"$/i

const testOf = (clause: string): Test | null => {
  const match = comparison.exec(
    clause
      .trim()
      .replace(/^\((.*)\)$/, '$1')
      .trim(),
  )
  if (match === null) return null
  const [, arg, field, operator, value = ''] = match
  const read = arg === undefined ? fields[field ?? ''] : (handOff: HandOff) => handOff.email?.customArgs[arg] ?? ''
  if (read === undefined) return null
  if (operator === '=') return (handOff) => read(handOff).toLowerCase() === value.toLowerCase()
  return (handOff) => read(handOff).toLowerCase().startsWith(value.replace(/%$/, '').toLowerCase())
}

/**
 * The Email Activity API, as far as a reconcile needs it: exact filters joined by AND. The real one is a paid add-on,
 * lags by minutes, and allows about six requests a minute.
 * Source: https://www.twilio.com/docs/sendgrid/for-developers/sending-email/getting-started-email-activity-api
 */
export const registerSendgridActivity = (app: FastifyInstance, log: HandOffLog): void => {
  const emails = (): readonly HandOff[] => log.handOffs().filter(({ channel }) => channel === 'email')

  const summary = (handOff: HandOff): Readonly<Record<string, unknown>> => {
    const events = log.events(handOff.id)
    return {
      from_email: handOff.from,
      msg_id: sgMessageId(handOff),
      subject: handOff.subject ?? '',
      to_email: handOff.to,
      status: statusOf(handOff),
      opens_count: events.filter(({ event }) => event === 'open').length,
      clicks_count: events.filter(({ event }) => event === 'click').length,
      last_event_time: new Date((events.at(-1)?.timestamp ?? Math.floor(handOff.at / 1_000)) * 1_000)
        .toISOString()
        .replace('.000Z', 'Z'),
    }
  }

  app.get('/v3/messages', async (request, reply) => {
    const query = objectOf(request.query)
    const text = textOf(query['query'])
    const clauses = (text ?? '').split(/\s+AND\s+/i).filter((clause) => clause.trim() !== '')
    const tests = clauses.map(testOf)
    if (tests.includes(null))
      return refuse(reply, 400, [sendgridError('invalid filter: the query cannot be parsed', null)])
    const limit = Math.min(1_000, Math.max(1, Number(query['limit'] ?? 10) || 10))
    const found = emails().filter((handOff) => tests.every((test) => test?.(handOff) === true))
    return { messages: found.toReversed().slice(0, limit).map(summary) }
  })

  app.get('/v3/messages/:id', async (request, reply) => {
    const id = textOf(objectOf(request.params)['id'])
    const found = emails().find((handOff) => sgMessageId(handOff) === id || handOff.id === id)
    if (found === undefined) return refuse(reply, 404)
    return {
      ...summary(found),
      template_id: found.email?.templateId ?? '',
      categories: found.email?.categories ?? [],
      unique_args: found.email?.customArgs ?? {},
      events: log.events(found.id).map(({ event, timestamp, reason, url }) => ({
        event_name: event,
        processed: new Date(timestamp * 1_000).toISOString(),
        ...(typeof reason === 'string' ? { reason } : {}),
        ...(typeof url === 'string' ? { url } : {}),
      })),
    }
  })
}
