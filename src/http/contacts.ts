import { Ajv } from 'ajv'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { recordAct } from '../administration/audit-trail.ts'
import type { AddressKeys } from '../consent/address.ts'
import type { Statements } from '../core/database.ts'
import { cardOf } from '../rights/card.ts'
import { erasePerson } from '../rights/erase.ts'
import type { ErasesAt } from '../rights/erasure-tasks.ts'
import { exportPerson } from '../rights/export.ts'
import { mergePeople } from '../rights/merge.ts'
import { findPeople, lockPerson, type Person } from '../rights/person.ts'
import type { ServerSideDeps } from './consents.ts'
import { actorOf, requireScope } from './credentials.ts'
import { sendProblem } from './problem.ts'

export interface ContactDeps extends ServerSideDeps {
  readonly addressKeys: AddressKeys
  /** What each provider can remove. Absent: every provider is asked message by message, later, by a worker. */
  readonly erasesAt?: ErasesAt
  /** Something was written to the outbox. */
  readonly onOutbox?: () => void
}

interface Who {
  readonly userId?: string
  readonly contact?: string
  readonly email?: string
  readonly phone?: string
}

const text = { type: 'string', minLength: 1, maxLength: 320 } as const
const who = {
  type: 'object',
  additionalProperties: false,
  minProperties: 1,
  maxProperties: 1,
  properties: { userId: text, contact: text, email: text, phone: text },
} as const
const ajv = new Ajv()
const isWho = ajv.compile<Who>(who)
const isPair = ajv.compile<{ readonly from: Who; readonly into: Who }>({
  type: 'object',
  additionalProperties: false,
  required: ['from', 'into'],
  properties: { from: who, into: who },
})

const WHO = 'one of userId, contact, email or phone'
/** Showing one person is a shop's daily work; what takes everything away, or out, is not. */
const SCOPES = { show: 'server', export: 'admin', erase: 'admin', merge: 'admin' } as const

/**
 * A person's rights for the shop's own systems. Who is meant is in the body, never in the path: addresses do not
 * belong into the logs of proxies. Every call is on the audit trail.
 */
export function contactRoutes(app: FastifyInstance, deps: ContactDeps): void {
  const { database, clock, addressKeys: keys } = deps

  const serve = (
    verb: keyof typeof SCOPES,
    work: (request: FastifyRequest, reply: FastifyReply, at: number) => Promise<FastifyReply>,
  ): void => {
    const scope = SCOPES[verb]
    const expected = `people's data needs ${scope === 'admin' ? 'an admin' : 'a server'} key: Authorization: Bearer <${scope} key>`
    app.post(`/v1/contacts/${verb}`, requireScope(scope, expected), async (request, reply) => {
      void reply.header('cache-control', 'no-store')
      return work(request, reply, clock.now())
    })
  }

  const read = (verb: 'show' | 'export', answer: (person: Person, at: number) => Answer): void =>
    serve(verb, async (request, reply, at) => {
      if (!isWho(request.body)) return sendProblem(reply, 'invalid_body', `the body names ${WHO}`)
      const id = await theOne(reply, request.body)
      if (typeof id !== 'string') return id
      const answered = await database.transaction(async (statements) => {
        const person = await lockPerson(statements, keys, id)
        if (person === undefined) return undefined
        await recordAct(statements, { actor: actorOf(request), act: `contact.${verb}`, subject: id, at })
        return answer(person, at)(statements)
      })
      return answered === undefined ? unknown(reply) : reply.send(answered)
    })

  /** The id of the person who is meant, or the problem that was answered. */
  async function theOne(reply: FastifyReply, given: Who): Promise<string | FastifyReply> {
    const ids = await findPeople(database, nameOf(given))
    const [id, other] = ids
    if (id === undefined) return unknown(reply)
    if (other === undefined) return id
    return sendProblem(
      reply,
      'invalid_body',
      `${ids.length} people share this address; name one by contact: ${ids.join(', ')}`,
    )
  }

  read('show', (person) => (statements) => cardOf(statements, person, true))
  read('export', (person, at) => (statements) => exportPerson(statements, person, at))
  serve('erase', async (request, reply, at) => {
    if (!isWho(request.body)) return sendProblem(reply, 'invalid_body', `the body names ${WHO}`)
    const id = await theOne(reply, request.body)
    if (typeof id !== 'string') return id
    const erases = deps.erasesAt ?? (() => undefined)
    const erased = await erasePerson(
      { database, keys, erases },
      { id, actor: actorOf(request), at, realNow: Date.now() },
    )
    deps.onOutbox?.()
    return erased === undefined ? unknown(reply) : reply.send({ format: '1.0', ...erased })
  })
  serve('merge', async (request, reply, at) => {
    if (!isPair(request.body)) return sendProblem(reply, 'invalid_body', `the body has from and into, each with ${WHO}`)
    const from = await theOne(reply, request.body.from)
    if (typeof from !== 'string') return from
    const into = await theOne(reply, request.body.into)
    if (typeof into !== 'string') return into
    const merge = await mergePeople({ database, keys }, { from, into, actor: actorOf(request), at })
    deps.onOutbox?.()
    if (merge.kind === 'merged') return reply.send({ format: '1.0', from, ...merge })
    const why = {
      same: 'both are one person already',
      unknown: 'one was merged meanwhile',
      erased: 'one is erased',
    } as const
    return sendProblem(reply, 'invalid_body', why[merge.kind])
  })
}

type Answer = (statements: Statements) => Promise<object>

function nameOf({ userId, contact, email, phone }: Who): Parameters<typeof findPeople>[1] {
  if (userId !== undefined) return { kind: 'external', value: userId }
  if (contact !== undefined) return { kind: 'id', value: contact }
  if (email !== undefined) return { kind: 'email', value: email }
  return { kind: 'phone', value: phone ?? '' }
}

function unknown(reply: FastifyReply): FastifyReply {
  return sendProblem(reply, 'not_found', 'there is no such person in the store')
}
