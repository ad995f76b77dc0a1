import type { FastifyInstance } from 'fastify'
import { answerWhy, type ExplainQuestion } from '../explain/answer.ts'
import type { AddressKeys } from '../consent/address.ts'
import { findPeople } from '../rights/person.ts'
import type { ServerSideDeps } from './consents.ts'
import { requireScope } from './credentials.ts'
import { sendProblem } from './problem.ts'

/** A contact's own id; anything else is the shop's id of the person. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

interface Query {
  readonly send?: string
  readonly contact?: string
  readonly userId?: string
  readonly journey?: string
  readonly step?: string
}

/**
 * `GET /v1/explain?send=…`, or `?contact=…` (or `userId=…`) with `journey` and `step`: why a message was sent, held or refused. It takes no addresses, because a query ends up in logs, and answers none.
 */
export function explainRoutes(
  app: FastifyInstance,
  deps: ServerSideDeps & { readonly addressKeys: AddressKeys },
): void {
  const access = requireScope(
    'read',
    'explanations need a read key, never a write key: Authorization: Bearer <read key>',
  )
  app.get<{ Querystring: Readonly<Record<string, unknown>> }>('/v1/explain', access, async (request, reply) => {
    void reply.header('cache-control', 'no-store')
    const query = readQuery(request.query)
    if (query === undefined) {
      return sendProblem(
        reply,
        'invalid_body',
        'give send alone, or one of contact and userId, and journey and step as you like',
      )
    }
    const question = await questionOf(query)
    const explanations = question === undefined ? [] : await answerWhy(deps.database, deps.addressKeys, question)
    if (explanations.length === 0) {
      const why =
        question?.kind === 'contact'
          ? 'the contact is known but has no such run, so there was nothing to decide'
          : 'nobody is known by this id, or there is no such message'
      return sendProblem(reply, 'not_found', why)
    }
    return reply.send({ format: '1.0', explanations })
  })

  async function questionOf({ send, contact, userId, journey, step }: Query): Promise<ExplainQuestion | undefined> {
    if (send !== undefined) return { kind: 'send', send }
    const named =
      contact === undefined
        ? ({ kind: 'external', value: userId ?? '' } as const)
        : ({ kind: UUID.test(contact) ? 'id' : 'external', value: contact } as const)
    const [id] = await findPeople(deps.database, named)
    if (id === undefined) return undefined
    return {
      kind: 'contact',
      contact: id,
      ...(journey === undefined ? {} : { journey }),
      ...(step === undefined ? {} : { step }),
    }
  }
}

const NAMES: ReadonlySet<string> = new Set(['send', 'contact', 'userId', 'journey', 'step'])

function readQuery(given: Readonly<Record<string, unknown>>): Query | undefined {
  const entries = Object.entries(given)
  const isKnown = entries.every(
    ([name, value]) => NAMES.has(name) && typeof value === 'string' && value !== '' && value.length <= 256,
  )
  if (!isKnown) return undefined
  const query: Query = Object.fromEntries(entries)
  const people = [query.contact, query.userId].filter((one) => one !== undefined).length
  if (query.send !== undefined) return entries.length === 1 ? query : undefined
  return people === 1 ? query : undefined
}
