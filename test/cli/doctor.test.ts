import { readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { fileURLToPath } from 'node:url'
import { Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Line } from '../../src/doctor/line.ts'
import { SCHEDULE_IDS, ensureSchedules } from '../../workers/schedules.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { startNameServer, type TestNameServer } from '../doctor/name-server.ts'
import { startTestTemporal } from '../temporal.ts'
import { productionEnvironment, segue } from './command-line.ts'

const JOURNEYS = fileURLToPath(new URL('../../journeys', import.meta.url))

let postgres: TestPostgres
let temporal: Awaited<ReturnType<typeof startTestTemporal>>
let connection: Connection
let names: TestNameServer
let web: Server
let env: Record<string, string> = {}

beforeAll(async () => {
  ;[postgres, temporal, names] = await Promise.all([startPostgres(), startTestTemporal(), startNameServer({})])
  connection = await Connection.connect({ address: temporal.address })
  web = createServer((request, response) => {
    response.statusCode = request.method === 'POST' ? 404 : 200
    response.end('{"status":"ok"}')
  })
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  const address = web.address()
  env = {
    ...productionEnvironment(await postgres.url()),
    SEGUE_PUBLIC_URL: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    TEMPORAL_ADDRESS: temporal.address,
  }
})
afterAll(async () => {
  web.closeAllConnections()
  web.close()
  await connection.close()
  await temporal.stop()
  await names.stop()
  await postgres.stop()
})

interface Report {
  readonly format: string
  readonly ok: number
  readonly warn: number
  readonly fail: number
  readonly lines: readonly Line[]
}
async function doctor(over: Readonly<Record<string, string>> = {}): Promise<{ code: number; report: Report }> {
  const ran = await segue(['doctor', '--json', '--dns', names.address], { env: { ...env, ...over } })
  expect(ran.stderr).toBe('')
  return { code: ran.code, report: JSON.parse(ran.stdout) as Report }
}
const stateOf = ({ lines }: Report, check: string, subject?: string): string | undefined =>
  lines.find((line) => line.check === check && (subject === undefined || line.subject === subject))?.state

describe('segue doctor', () => {
  it('looks at everything on real peers, and each line that is not well says the mend', async () => {
    const fresh = await doctor()
    expect(fresh.code).toBe(1)
    expect(fresh.report.format).toBe('1.0')
    expect(stateOf(fresh.report, 'workspace.deployed')).toBe('fail')
    expect(stateOf(fresh.report, 'store.migrations')).toBe('ok')
    expect(stateOf(fresh.report, 'engine.server')).toBe('ok')
    expect(stateOf(fresh.report, 'engine.search-attributes', 'SegueContact')).toBe('ok')
    expect(stateOf(fresh.report, 'engine.queues', 'segue-email')).toBe('fail')
    expect(stateOf(fresh.report, 'engine.schedules', 'segue-reconcile')).toBe('fail')
    expect(stateOf(fresh.report, 'engine.worker-version')).toBe('fail')
    expect(stateOf(fresh.report, 'public-url.one-click')).toBe('ok')
    expect(stateOf(fresh.report, 'public-url.https')).toBe('fail')
    expect(stateOf(fresh.report, 'clock.public-url')).toBe('ok')

    expect((await segue(['deploy', JOURNEYS], { env })).code).toBe(0)
    await ensureSchedules(new Client({ connection }), { reconcileEveryMs: 300_000 })
    const { report } = await doctor()
    expect(stateOf(report, 'workspace.deployed')).toBeUndefined()
    expect(stateOf(report, 'dns.spf')).toBe('fail')
    expect(stateOf(report, 'dns.dmarc')).toBe('fail')
    for (const id of SCHEDULE_IDS) expect([id, stateOf(report, 'engine.schedules', id)]).toEqual([id, 'ok'])
    expect(names.asked.some((name) => name.startsWith('s1._domainkey.'))).toBe(true)
    for (const { state, mend } of report.lines) expect(state === 'ok' || (mend ?? '') !== '').toBe(true)
    const counted = report.lines.filter(({ state }) => state === 'fail').length
    expect([report.fail, report.ok + report.warn + report.fail]).toEqual([counted, report.lines.length])
    for (const [name, value] of Object.entries(env)) {
      if (/KEYS|SECRETS|TOKENS|API_KEY|DATABASE/.test(name)) expect(JSON.stringify(report)).not.toContain(value)
    }
  })

  it('knows every schedule that there is', async () => {
    const source = await readFile(new URL('../../workers/schedules.ts', import.meta.url), 'utf8')
    const made = [...source.matchAll(/scheduleId: '([^']+)'/g)].map(([, id = '']) => id)
    expect(made.toSorted()).toEqual(SCHEDULE_IDS.toSorted())
  })

  it('takes other selectors than those of SendGrid from SEGUE_DKIM_SELECTORS', async () => {
    const { report } = await doctor({ SEGUE_DKIM_SELECTORS: 'k9' })
    expect(
      report.lines.filter(({ check }) => check === 'dns.dkim').every(({ subject }) => subject.startsWith('k9.')),
    ).toBe(true)
  })

  it('goes on when the store or the engine is not there', async () => {
    const { code, report } = await doctor({
      SEGUE_DATABASE_URL: 'postgres://nobody:nothing@127.0.0.1:1/none',
      TEMPORAL_ADDRESS: '127.0.0.1:1',
    })
    expect(code).toBe(1)
    expect([stateOf(report, 'store.reached'), stateOf(report, 'engine.server')]).toEqual(['fail', 'fail'])
    expect(stateOf(report, 'public-url.health')).toBe('ok')
  })

  it('names every variable that is missing, and prints for people with the mend below', async () => {
    const { SEGUE_LINK_SECRETS: _, ...incomplete } = env
    const ran = await segue(['doctor'], { env: incomplete })
    expect(ran.code).toBe(1)
    expect(ran.stdout).toMatch(/^fail environment\.variables SEGUE_LINK_SECRETS: .*\n {5}-> set it/)
    expect(ran.stdout).toMatch(/0 ok, 0 to look at, 1 to mend\n$/)
  })
})
