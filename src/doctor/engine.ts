import { fail, type Line, ok, warn } from './line.ts'

/** What the Temporal server says. */
export type EngineFacts =
  | { readonly kind: 'unreachable'; readonly address: string; readonly code: string }
  | {
      readonly kind: 'reached'
      readonly address: string
      readonly namespace: string
      readonly serverVersion: string
      /** Name to type, such as `KEYWORD`. */
      readonly searchAttributes: Readonly<Record<string, string>>
      /** Of the deployment; absent: no worker has ever made its build current. */
      readonly currentBuild?: string
      readonly queues: readonly { readonly name: string; readonly pollers: number }[]
      readonly schedules: readonly ScheduleFacts[]
      /** Epoch milliseconds of the machine that asked. */
      readonly now: number
    }

export interface ScheduleFacts {
  readonly id: string
  /** Absent: there is no such schedule. */
  readonly found?: {
    readonly paused: boolean
    readonly createdAt: number
    readonly lastRunAt?: number
    readonly nextRunAt?: number
    /** Milliseconds between two runs. */
    readonly everyMs: number
  }
}

export interface ExpectedEngine {
  readonly searchAttributes: readonly string[]
  readonly build: string
}

export function checkEngine(facts: EngineFacts, expected: ExpectedEngine): readonly Line[] {
  const check = 'engine.server'
  if (facts.kind === 'unreachable') {
    const mend = 'start Temporal, or correct TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_API_KEY'
    return [fail(check, facts.address, `the Temporal server cannot be used (${facts.code})`, mend)]
  }
  return [
    ok(check, facts.address, `Temporal ${facts.serverVersion}, namespace ${facts.namespace}`),
    ...expected.searchAttributes.map((name) => searchAttribute(name, facts.searchAttributes[name], facts.namespace)),
    build(facts.currentBuild, expected.build),
    ...facts.queues.map(({ name, pollers }) => queue(name, pollers)),
    ...facts.schedules.map((one) => schedule(one, facts.now)),
  ]
}

function searchAttribute(name: string, type: string | undefined, namespace: string): Line {
  const check = 'engine.search-attributes'
  const mend = `temporal operator search-attribute create --namespace ${namespace} --name ${name} --type Keyword`
  if (type === undefined) return fail(check, name, 'it is not registered: no run can be started', mend)
  if (type !== 'KEYWORD')
    return fail(check, name, `it is registered as ${type}, not as KEYWORD`, `remove it, then: ${mend}`)
  return ok(check, name, 'it is registered')
}

function build(current: string | undefined, expected: string): Line {
  const check = 'engine.worker-version'
  const mend = 'start `segue worker` of this release, and stop those of another one'
  if (current === undefined) return fail(check, expected, 'no worker of any release takes the tasks of journeys', mend)
  if (current !== expected) {
    return warn(check, current, `the current workers are of another build than this release's (${expected})`, mend)
  }
  return ok(check, current, 'the current workers are those of this release')
}

function queue(name: string, pollers: number): Line {
  const check = 'engine.queues'
  if (pollers > 0) return ok(check, name, `${pollers} pollers take its tasks`)
  return fail(check, name, 'nobody takes its tasks: what is due waits', 'start `segue worker`')
}

function schedule({ id, found }: ScheduleFacts, now: number): Line {
  const check = 'engine.schedules'
  if (found === undefined) return fail(check, id, 'the schedule is not there', 'start `segue api`, which makes it')
  if (found.paused)
    return warn(check, id, 'the schedule is paused', `temporal schedule toggle --unpause --schedule-id ${id}`)
  const since = found.lastRunAt ?? found.createdAt
  if (now - since > 2 * found.everyMs) {
    const says =
      found.lastRunAt === undefined ? 'it has never run' : `it last ran at ${new Date(found.lastRunAt).toISOString()}`
    return warn(check, id, says, 'look at its latest run in the Temporal UI, and start `segue worker` if none runs')
  }
  const last =
    found.lastRunAt === undefined
      ? 'it has not been due yet'
      : `it last ran at ${new Date(found.lastRunAt).toISOString()}`
  return ok(check, id, last)
}
