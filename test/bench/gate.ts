import type { CompiledJourney } from '../../src/core/compiled-journey.ts'
import type { Database } from '../../src/core/database.ts'
import { gate as decide } from '../../src/gate/gate.ts'
import { journeyVersions } from '../../src/gate/journey-versions.ts'
import { type Benchmark, inLanes, round } from './benchmark.ts'
import { type Person, person, seedPeople, seedRuns } from './people.ts'
import { openStore, STORES, type StoreName } from './stores.ts'
import { compileShipped, deployFor, NOON } from './workspace.ts'

const PEOPLE = 1_000
/** Everybody is asked about once in each; the first is not measured. Eight days lie between two, a week is what the caps look back. */
const ROUNDS = 7
const DECISIONS = PEOPLE * (ROUNDS - 1)
/** Callers at once: as many as the pool of a worker has connections. */
const CALLERS = 10
const MINUTE = 60_000
const DAY = 1_440 * MINUTE
const KEYS = { current: 1, keys: { 1: 'a key for benchmarks' } }

/** Verdicts of the gate per second, from one process: the whole transaction, of the shipped journey's email and text. */
export const gate: Benchmark = {
  name: 'gate',
  measures: `Decisions of the gate per second, one process, ${CALLERS} callers, ${PEOPLE} contacts with a history`,
  async run(say) {
    const measured = new Map<StoreName, Measured>()
    for (const store of STORES) {
      const result = await measure(store)
      measured.set(store, result)
      say(`${store}: ${JSON.stringify(result.verdicts)}`)
    }
    const perSecond = (store: StoreName): number => round(measured.get(store)?.perSecond ?? Number.NaN)
    const mix = measured.get('pglite')?.verdicts ?? {}
    const share = (kind: string): string => `${round(((mix[kind] ?? 0) / DECISIONS) * 100)} % ${kind}`
    return {
      figures: { pglite_per_s: perSecond('pglite'), postgres_per_s: perSecond('postgres') },
      rows: [
        ['PGlite, decisions/s', String(perSecond('pglite')), ''],
        ['PostgreSQL, decisions/s', String(perSecond('postgres')), ''],
        ['verdicts', ['send', 'hold', 'refuse'].map(share).join(', '), ''],
      ],
    }
  },
}

interface Measured {
  readonly perSecond: number
  readonly verdicts: Readonly<Record<string, number>>
}

async function measure(store: StoreName): Promise<Measured> {
  const { database, close } = await openStore(store)
  try {
    const compilation = await compileShipped({
      'cart-recovery.yaml': (text) => text.replace('min_gap: 2h', 'min_gap: 30m'),
      'policies/us-retail.yaml': (text) => text.replace('min_gap: 1h', 'min_gap: 30m'),
    })
    const { journey, version } = await deployFor(database, compilation, 'cart-recovery', NOON)
    const people = await seed(database, journey)
    const deps = { keys: KEYS, journeys: journeyVersions() }
    const verdicts: Record<string, number> = {}
    let ms = 0
    for (let round = 0; round < ROUNDS; round++) {
      const now = NOON + round * 8 * DAY
      const questions = await ripen({ database, journey, version }, people, now)
      const startedAt = performance.now()
      await inLanes(questions, CALLERS, async ({ enrollment, step }) => {
        const { kind } = await decide(database, deps, { enrollment, step, branch: 'action', dueAt: now, now })
        if (round > 0) verdicts[kind] = (verdicts[kind] ?? 0) + 1
      })
      if (round > 0) ms += performance.now() - startedAt
    }
    return { perSecond: (DECISIONS / ms) * 1_000, verdicts }
  } finally {
    await close()
  }
}

interface Question {
  readonly enrollment: string
  readonly step: string
}

/**
 * Of ten people six can be reached, two heard from the shop ten minutes ago (a hold), one has no consent and one is at the cap
 * (refusals). All have earlier messages, ever more of them. Half of the questions are about the email, half about the text with its code.
 */
async function seed(database: Database, journey: CompiledJourney): Promise<readonly Person[]> {
  const people = Array.from({ length: PEOPLE }, (_, index) => person(index))
  await seedPeople(database, people, { purpose: journey.purpose, channels: ['email', 'sms'], at: NOON - 90 * DAY })
  await database.query(`update consent set state = 'revoked' where contact_id = any($1::uuid[])`, [
    people.filter((_, index) => index % 10 === 8).map(({ id }) => id),
  ])
  return people
}

/** What has happened by `now`, and a run of everybody to ask about. */
async function ripen(past: Past, people: readonly Person[], now: number): Promise<readonly Question[]> {
  const { database, journey, version } = past
  const kinds = (...wanted: number[]): readonly Person[] => people.filter((_, index) => wanted.includes(index % 10))
  for (const day of [40, 31, 22, 13, 9]) await handOver(past, people, now - day * DAY)
  await handOver(past, kinds(6, 7), now - 10 * MINUTE)
  for (const hours of [3, 6, 9]) await handOver(past, kinds(9), now - hours * 60 * MINUTE)
  const runs = await seedRuns(database, people, { journey: journey.id, version, enteredAt: now })
  return runs.map((enrollment, index) => ({ enrollment, step: index % 20 < 10 ? 'first-email' : 'sms-code' }))
}

interface Past {
  readonly database: Database
  readonly journey: CompiledJourney
  readonly version: string
}

/** Messages of earlier runs that have arrived. */
async function handOver({ database, journey, version }: Past, people: readonly Person[], at: number): Promise<void> {
  const runs = await seedRuns(database, people, { journey: journey.id, version, enteredAt: at })
  await database.query(
    `insert into send (id, enrollment_id, step, branch, journey, version, contact_id, channel, purpose, class, state,
       reserved_at, handed_off_at, updated_at)
     select gen_random_uuid(), e.id, 'first-email', 'action', e.journey, e.version, e.contact_id, 'email', $2, 'marketing',
       'delivered', $3, $3, $3
       from enrollment e where e.id = any($1::uuid[])`,
    [runs, journey.purpose, at],
  )
  await database.query(`update enrollment set state = 'ended', outcome = 'completed' where id = any($1::uuid[])`, [
    runs,
  ])
}
