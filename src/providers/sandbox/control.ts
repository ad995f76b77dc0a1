import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Faults } from './faults.ts'
import type { HandOff } from './hand-off.ts'
import type { HandOffLog } from './hand-off-log.ts'
import { isObject, listOf, numberOf, objectOf, textOf } from './json-fields.ts'
import type { JsonObject } from './json-fields.ts'
import { linksOf } from './links.ts'
import type { People, Person } from './people.ts'
import type { Reader } from './reader.ts'
import type { WebhookTargets } from './sandbox-options.ts'
import type { SendReply } from './twilio-inbound.ts'

export interface ControlParts {
  readonly log: HandOffLog
  readonly faults: Faults
  readonly people: People
  readonly reader: Reader
  readonly reply: SendReply
  setWebhooks(targets: WebhookTargets): void
}

const wrong = (reply: FastifyReply, problem: string): FastifyReply => reply.code(400).send({ problem })

/** A person from JSON, or what is wrong with it. */
const personOf = (json: unknown): Person | string => {
  const fields = objectOf(json)
  const address = textOf(fields['address'])
  if (address === null) return 'a person needs an "address": a phone number, an email address, or "*"'
  const { opens, clicks, unsubscribes, complains } = fields
  const replies = objectOf(fields['replies'])
  const body = textOf(replies['body'])
  if (fields['replies'] !== undefined && body === null) return `${address}: "replies" needs a "body"`
  const delay = (name: string, from: JsonObject = fields) => {
    const ms = numberOf(from[name])
    return ms === null ? {} : { [name]: ms }
  }
  return {
    address,
    ...(opens === undefined || opens === false ? {} : { opens: opens === 'machine' ? 'machine' : 'human' }),
    ...delay('openAfterMs'),
    ...(clicks === 'first-link' ? { clicks } : {}),
    ...delay('clickAfterMs'),
    ...(body === null ? {} : { replies: { body, ...delay('afterMs', replies) } }),
    ...(complains === true ? { complains } : {}),
    ...(unsubscribes === 'one-click' ? { unsubscribes } : {}),
  }
}

/** How often each send key was handed over: above one anywhere, and the at-most-once guarantee is broken. */
const summaryOf = (handOffs: readonly HandOff[]): object => {
  const bySendKey: Record<string, number> = {}
  for (const { sendKey } of handOffs) if (sendKey !== null) bySendKey[sendKey] = (bySendKey[sendKey] ?? 0) + 1
  const repeated = Object.entries(bySendKey).filter(([, count]) => count > 1)
  return {
    total: handOffs.length,
    distinct: Object.keys(bySendKey).length,
    withoutSendKey: handOffs.filter(({ sendKey }) => sendKey === null).length,
    repeated: Object.fromEntries(repeated),
    sms: handOffs.filter(({ channel }) => channel === 'sms').length,
    email: handOffs.filter(({ channel }) => channel === 'email').length,
  }
}

/** The emulator's own endpoints, which no real provider has: what goes wrong, what people do, and what was handed over. */
export const registerControl = (app: FastifyInstance, parts: ControlParts): void => {
  const { log, faults, people, reader, reply: sendReply } = parts

  app.get('/sandbox/log', async (request) => {
    const { channel, to } = objectOf(request.query)
    return log
      .handOffs()
      .filter((handOff) => (channel ?? handOff.channel) === handOff.channel && (to ?? handOff.to) === handOff.to)
  })
  app.get('/sandbox/log/summary', async () => summaryOf(log.handOffs()))

  app.get('/sandbox/rules', async () => faults.rules())
  app.post('/sandbox/rules', async (request, reply) => {
    const rules = Array.isArray(request.body) ? listOf(request.body) : [request.body]
    const added = rules.map((rule) => faults.add(rule))
    const refused = added.find((rule) => 'problem' in rule)
    return refused === undefined
      ? reply.code(201).send(Array.isArray(request.body) ? added : added[0])
      : reply.code(400).send(refused)
  })
  app.delete('/sandbox/rules', async (_request, reply) => {
    faults.clear()
    return reply.code(204).send()
  })

  app.get('/sandbox/people', async () => people.list())
  app.post('/sandbox/people', async (request, reply) => {
    const given = (Array.isArray(request.body) ? listOf(request.body) : [request.body]).map(personOf)
    const problem = given.find((person) => typeof person === 'string')
    if (problem !== undefined) return wrong(reply, problem)
    for (const person of given) if (typeof person !== 'string') people.set(person)
    return reply.code(201).send(people.list())
  })
  app.delete('/sandbox/people', async (_request, reply) => {
    people.clear()
    return reply.code(204).send()
  })

  app.post('/sandbox/reply', async (request, reply) => {
    const { from, to, body } = objectOf(request.body)
    if (textOf(from) === null || typeof body !== 'string') return wrong(reply, 'a reply needs "from" and "body"')
    const outcome = await sendReply({ from: String(from), to: textOf(to) ?? undefined, body })
    return outcome ?? wrong(reply, 'nobody has texted that number yet, so the reply needs a "to"')
  })

  app.post('/sandbox/read', async (request, reply) => {
    const { id, does, url } = objectOf(request.body)
    const handOff = log.find(textOf(id) ?? '')
    if (handOff === undefined) return reply.code(404).send({ problem: 'no message has that id' })
    switch (does) {
      case 'open':
      case 'machine-open':
        await reader.open(handOff, does === 'machine-open')
        return { status: null }
      case 'click': {
        const link = textOf(url) ?? linksOf(handOff)[0]
        return link === undefined
          ? wrong(reply, 'the message has no link')
          : { url: link, status: await reader.click(handOff, link) }
      }
      case 'complain':
        await reader.complain(handOff)
        return { status: null }
      case 'unsubscribe':
        return { status: await reader.unsubscribe(handOff) }
      default:
        return wrong(reply, '"does" is one of open, machine-open, click, complain, unsubscribe')
    }
  })

  app.post('/sandbox/webhooks', async (request, reply) => {
    if (!isObject(request.body)) return wrong(reply, 'expected { twilioInboundUrl?, sendgridEventsUrl? }')
    const { twilioInboundUrl, sendgridEventsUrl } = request.body
    parts.setWebhooks({
      ...(textOf(twilioInboundUrl) === null ? {} : { twilioInboundUrl: String(twilioInboundUrl) }),
      ...(textOf(sendgridEventsUrl) === null ? {} : { sendgridEventsUrl: String(sendgridEventsUrl) }),
    })
    return reply.code(204).send()
  })
}
