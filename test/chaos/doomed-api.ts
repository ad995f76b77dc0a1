import { subscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Connection } from '@temporalio/client'
import { composeApi, layFoundation, operatorZone } from '../../src/compose.ts'
import { startRelay } from '../../src/engine/relay-loop.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { createClient, createTemporalEngine } from '../../workers/engine.ts'
import { clockOf, originOf, settingsOf } from './child-settings.ts'
import { arm, errands, tell } from './doom.ts'
import { watchedDatabase, watchedEngine } from './watched.ts'

/*
 * The production API and relay as a process that can end inside any of their transactions and calls. It starts, waits for a word of
 * its parent, and listens only then, so that one is at hand when another has died.
 */
const SCOPES: readonly (readonly [prefix: string, scope: string])[] = [
  ['/webhooks/twilio/inbound', 'reply'],
  ['/webhooks/', 'receipt'],
  ['/v1/consents', 'consent'],
  ['/v1/', 'ingest'],
  ['/u/', 'unsubscribe'],
]

const settings = settingsOf(process.env)
const clock = clockOf(process.env)
const store = await openPostgres(settings.databaseUrl)
const database = watchedDatabase(store, () => errands.getStore()?.scope)
const foundation = layFoundation(settings, database, clock)
const connection = Connection.lazy({ address: process.env['TEMPORAL_ADDRESS'] ?? '' })
const engine = createTemporalEngine({
  client: createClient(connection, 'default'),
  clock,
  origin: originOf(process.env),
  environment: settings.environment,
  zone: () => operatorZone(foundation),
  callWithinMs: 5_000,
})

let notify = (): void => undefined
const api = composeApi(foundation, { onOutbox: () => notify() })
subscribe('http.server.request.start', (message) => {
  const { url = '' } = (message as { readonly request: IncomingMessage }).request
  const scope = SCOPES.find(([prefix]) => url.startsWith(prefix))?.[1]
  if (scope !== undefined) errands.enterWith({ scope, subject: '' })
})
tell({ kind: 'ready' })
await once(process, 'message')
arm()
const relayed = watchedDatabase(store, () => 'relay')
const relay = startRelay(
  { database: relayed, engine: watchedEngine(engine) },
  { intervalMs: 250, signal: new AbortController().signal },
)
notify = relay.notify
await api.listen({ host: settings.host, port: settings.port })
