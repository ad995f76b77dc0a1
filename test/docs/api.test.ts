import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FastifyInstance } from 'fastify'
import { compileWorkspace } from '../../src/compiler/compile.ts'
import { readWorkspaceFiles } from '../../src/compiler/workspace-files.ts'
import type { Database } from '../../src/core/database.ts'
import { createApi } from '../../src/http/api.ts'
import { PROBLEMS } from '../../src/http/problem.ts'
import { createDeployedJourneys } from '../../src/ingestion/deployed-journeys.ts'
import { REJECTION_REASONS } from '../../src/ingestion/rejections.ts'
import { deploy } from '../../src/rollout/deploy.ts'
import { migrate } from '../../src/store/migrate.ts'
import { openPglite } from '../../src/store/pglite.ts'
import { blocksOf, firstCells, readPage, ROOT, section } from './pages.ts'

const page = await readPage('docs/api.md')
const KEYS = { write: 'a-write-key-for-tests', server: 'a-server-key-for-tests' } as const
/** After every instant on the page: nothing that is recorded lies in the future. */
const NOW = Date.parse('2026-03-01T12:00:00Z')

let database: Database
let app: FastifyInstance

beforeAll(async () => {
  database = await openPglite(undefined)
  await migrate(database)
  const { workspace, journeys, contents } = await compileWorkspace(await readWorkspaceFiles(`${ROOT}journeys`))
  if (workspace === undefined) throw new Error('the shipped workspace does not compile')
  await deploy(database, {
    workspace,
    journeys,
    contents: Object.fromEntries(contents),
    commit: 'uncommitted',
    author: 'tests',
    now: NOW,
  })
  const live = createDeployedJourneys(database)
  app = createApi({
    database,
    journeys: live,
    ingest: { database, journeys: live, maxSkewMs: Number.POSITIVE_INFINITY },
    clock: { now: () => NOW, scale: 1 },
    credentials: { writeKeys: [KEYS.write], serverKeys: [KEYS.server] },
    addressKeys: { current: 1, keys: { 1: 'an address key for tests' } },
    unsubscribeSecrets: ['an unsubscribe secret for tests'],
    publicUrl: 'https://segue.example.com',
    receiveWebhook: async () => ({ kind: 'forged' }),
  })
  await app.ready()
})

afterAll(async () => {
  await app.close()
  await database.close()
})

describe('docs/api.md', () => {
  it('lists exactly the endpoints that there are', () => {
    const written = [...section(page, '## Endpoints').matchAll(/`(GET|POST|OPTIONS) (\/\S+)`/g)].map(
      ([, method = '', path = '']) => `${method} ${path}`,
    )
    expect(written.toSorted()).toEqual(routesOf(app))
    expect(new Set(written).size).toBe(written.length)
  })

  it('lists exactly the problems that the API answers, with their status', () => {
    const written = [...section(page, '## Errors').matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(
      ([, code = '', status = '']) => [code, Number(status)],
    )
    expect(written).toEqual(Object.entries(PROBLEMS).map(([code, { status }]) => [code, status]))
  })

  it('lists exactly the reasons of rejections', () => {
    expect(firstCells(section(page, '### Why something was not taken'))).toEqual([...REJECTION_REASONS])
  })
})

describe('the requests on the page', () => {
  const blocks = blocksOf(page).filter(({ language }) => language === 'json')
  const requests = blocks.flatMap((block, index) => {
    const method = /^request=POST (\/\S+) key=(write|server)$/.exec(block.info)
    const answer = blocks[index + 1]
    return method === null || answer === undefined
      ? []
      : [{ line: block.line, path: method[1] ?? '', key: method[2], body: block.text, answer }]
  })

  it('are every JSON block that is no answer', () => {
    expect(requests.length).toBeGreaterThanOrEqual(5)
    expect(requests.length * 2).toBe(blocks.length)
  })

  it.each(requests)('$path in line $line is answered as it says', async ({ path, key, body, answer }) => {
    const authorization = `Bearer ${key === 'server' ? KEYS.server : KEYS.write}`
    const response = await app.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': 'application/json', authorization },
      payload: body,
    })
    const expected: unknown = JSON.parse(answer.text)
    expect(response.json()).toEqual(
      // The id of a request is new every time.
      response.statusCode === 200 ? expected : { ...Object(expected), instance: expect.any(String) },
    )
    expect(String(response.statusCode)).toBe(answer.labels['answer'])
  })

  it('are refused with the write key where the page asks for the server key', async () => {
    for (const { path, body } of requests.filter(({ key }) => key === 'server')) {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${KEYS.write}` }
      const response = await app.inject({ method: 'POST', url: path, headers, payload: body })
      expect(response.statusCode).toBe(401)
    }
  })
})

/** `GET /health` and the like, sorted; `HEAD` comes with every `GET` and is not listed. */
function routesOf(instance: FastifyInstance): readonly string[] {
  const path: string[] = []
  const routes: string[] = []
  for (const line of instance.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', name = '', methods] = /^((?:[│ ] {3})*)[├└]── (\S*)(?: \(([A-Z, ]+)\))?/.exec(line) ?? []
    path.length = indent.length / 4
    path.push(name)
    for (const method of methods?.split(', ') ?? []) {
      if (method !== 'HEAD') routes.push(`${method} ${path.join('')}`)
    }
  }
  return routes.toSorted()
}
