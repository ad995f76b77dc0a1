import { subscribe } from 'node:diagnostics_channel'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database, Statements } from '../../src/core/database.ts'
import type { MessageProvider } from '../../src/delivery/message-provider.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { type Errand, errands, isDoomedAt, reach } from './doom.ts'
import { nameOfStatement } from './statement-names.ts'

/** The product's own parts, with a place before and after each thing that they do to the outside. */

async function around<T>(what: string, work: () => Promise<T>): Promise<T> {
  reach(`${what}/before`)
  const result = await work()
  // Of a transaction of the API, "after a statement" is "before the next": nothing outside of the store lies between.
  if (TWICE.some((scope) => what.startsWith(scope))) reach(`${what}/after`)
  return result
}

const TWICE = ['deliver/', 'service/call', 'relay/']

/** Statements outside of any scope (start-up, caches) are no places. A commit is named for its transaction's first statement. */
export function watchedDatabase(database: Database, scopeOf: () => string | undefined): Database {
  return {
    ...database,
    query<Row extends object>(text: string, parameters?: readonly unknown[]) {
      const scope = scopeOf()
      const run = (): Promise<readonly Row[]> => database.query<Row>(text, parameters)
      return scope === undefined ? run() : around(`${scope}/${nameOfStatement(text)}`, run)
    },
    async transaction<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
      const scope = scopeOf()
      if (scope === undefined) return database.transaction(work)
      let first = 'nothing'
      const result = await database.transaction(async (statements) => {
        first = 'nothing'
        const value = await work({
          query<Row extends object>(text: string, parameters?: readonly unknown[]) {
            const name = nameOfStatement(text)
            if (first === 'nothing') first = name
            return around(`${scope}/${name}`, () => statements.query<Row>(text, parameters))
          },
        })
        reach(`${scope}/commit of "${first}"/before`)
        return value
      })
      reach(`${scope}/commit of "${first}"/after`)
      return result
    },
  }
}

const CONNECT = 'call: connect/before'
const WRITTEN = 'call: request written/after'
const TAKEN = 'call: taken by the carrier/after'
const ANSWERED = 'call: answer arrives/before'

/** Places of the send path that a process may pass without having been there before: they are known by name. */
export const CALL_PLACES = [CONNECT, WRITTEN, TAKEN, ANSWERED, 'call/before', 'call/after'].map(
  (place) => `deliver/${place}`,
)

/** A provider whose call can be cut off before the socket, after the request, with the carrier, and before the answer is read. */
export function watchedProvider(provider: MessageProvider, sandboxUrl: string): MessageProvider {
  return {
    ...provider,
    async send(message, sendKey, deadline) {
      const { scope, subject } = errands.getStore() ?? { scope: 'deliver', subject: sendKey }
      reach(`${scope}/call/before`)
      const answering = errands.run({ scope, subject, calling: true }, () => provider.send(message, sendKey, deadline))
      if (isDoomedAt(`${scope}/${TAKEN}`)) {
        const taken = await Promise.race([untilTaken(sandboxUrl, message.to, sendKey), answering.then(() => false)])
        if (taken || (await isTaken(sandboxUrl, message.to, sendKey))) reach(`${scope}/${TAKEN}`)
      }
      const answer = await answering
      reach(`${scope}/call/after`)
      return answer
    },
  }
}

/** Node tells of every socket and every HTTP call; only those of a hand-off are places. */
export function watchCalls(): void {
  const calls = new WeakMap<object, Errand>()
  subscribe('net.client.socket', () => {
    const errand = errands.getStore()
    if (errand?.calling === true) reach(`${errand.scope}/${CONNECT}`)
  })
  subscribe('http.client.request.start', (message) => {
    const errand = errands.getStore()
    if (errand?.calling !== true) return
    calls.set(requestIn(message), errand)
    reach(`${errand.scope}/${WRITTEN}`)
  })
  subscribe('http.client.response.finish', (message) => {
    const errand = calls.get(requestIn(message))
    if (errand !== undefined) reach(`${errand.scope}/${ANSWERED}`, errand.subject)
  })
}

function requestIn(message: unknown): object {
  const request = typeof message === 'object' && message !== null && 'request' in message ? message.request : undefined
  return typeof request === 'object' && request !== null ? request : {}
}

async function untilTaken(sandboxUrl: string, to: string, sendKey: string): Promise<true> {
  while (!(await isTaken(sandboxUrl, to, sendKey))) await sleep(10)
  return true
}

async function isTaken(sandboxUrl: string, to: string, sendKey: string): Promise<boolean> {
  const answer = await fetch(`${sandboxUrl}/sandbox/log?to=${encodeURIComponent(to)}`)
  const handOffs = (await answer.json()) as readonly { readonly sendKey: string | null }[]
  return handOffs.some((handOff) => handOff.sendKey === sendKey)
}

export function watchedEngine(engine: Engine): Engine {
  return {
    start: (run) => around('relay/start run', () => engine.start(run)),
    signal: (journey, enrollment, event) => around('relay/signal run', () => engine.signal(journey, enrollment, event)),
    serve: (message) => around('relay/start service message', () => engine.serve(message)),
  }
}
