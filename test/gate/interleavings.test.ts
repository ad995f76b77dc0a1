import { AsyncResource } from 'node:async_hooks'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { gate } from '../../src/gate/gate.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { startPostgres, type TestPostgres } from '../postgres.ts'
import { noes } from './noes.ts'
import { aJourney, aWorkspace, DAY, inWords, NOON, Scene } from './scene.ts'

// On PostgreSQL alone: PGlite never has two transactions open at once.
describe('two open transactions', () => {
  let postgres: TestPostgres
  let scene: Scene
  beforeAll(async () => {
    postgres = await startPostgres()
    scene = new Scene(await openPostgres(await postgres.url()))
  })
  afterAll(async () => {
    await scene.database.close()
    await postgres.stop()
  })

  test.each(noes)('$no that is uncommitted when the gate begins is waited for', async ({ say, expected }) => {
    await scene.deploy(aWorkspace())
    const email = `waiter-${expected.replaceAll(' ', '-')}@example.com`
    const contactId = await scene.contact({ email })
    const enrollment = await scene.enroll(contactId, aJourney())
    let verdict: Promise<string> | undefined
    await scene.database.transaction(async (statements) => {
      await say(statements, contactId, email)
      verdict = detached(() => scene.ask(enrollment).then(inWords))
      await untilSomebodyWaits(scene.database)
    })
    expect(await verdict).toBe(expected)
  })

  test.each(noes)('$no that is rolled back while the gate waits for it forbids nothing', async ({ say, expected }) => {
    await scene.deploy(aWorkspace())
    const email = `hopeful-${expected.replaceAll(' ', '-')}@example.com`
    const contactId = await scene.contact({ email })
    const enrollment = await scene.enroll(contactId, aJourney())
    let verdict: Promise<string> | undefined
    const failed = scene.database.transaction(async (statements) => {
      await say(statements, contactId, email)
      verdict = detached(() => scene.ask(enrollment).then(inWords))
      await untilSomebodyWaits(scene.database)
      throw new Error('never mind')
    })
    await expect(failed).rejects.toThrow('never mind')
    expect(await verdict).toBe('send')
  })

  test.each(noes)('$no waits for a reservation that is being made', async ({ say, expected }) => {
    await scene.deploy(aWorkspace())
    const email = `blocked-${expected.replaceAll(' ', '-')}@example.com`
    const contactId = await scene.contact({ email })
    const enrollment = await scene.enroll(contactId, aJourney())
    const order: string[] = []
    let no: Promise<unknown> | undefined
    const slow: Database = {
      ...scene.database,
      transaction: (work) =>
        scene.database.transaction(async (statements) => {
          const done = await work(statements)
          no = detached(() =>
            scene.database.transaction((other) => say(other, contactId, email)).then(() => order.push('no')),
          )
          await untilSomebodyWaits(scene.database)
          order.push('reserved')
          return done
        }),
    }
    const request = { enrollment, step: 'first', branch: 'action', dueAt: NOON, now: NOON } as const
    const verdict = await gate(slow, scene.deps, request)
    await no
    expect([inWords(verdict), ...order]).toEqual(['send', 'reserved', 'no'])
  })

  test('two contacts with one address, one gate in the middle of its reservation: the other waits and counts it', async () => {
    await scene.deploy(aWorkspace({ caps: [{ count: 1, windowMs: DAY }] }))
    const shared = 'two-people@example.com'
    const first = await scene.enroll(await scene.contact({ email: shared }), aJourney())
    const second = await scene.enroll(await scene.contact({ email: shared }), aJourney())
    let other: Promise<string> | undefined
    const slow: Database = {
      ...scene.database,
      transaction: (work) =>
        scene.database.transaction(async (statements) => {
          const done = await work(statements)
          other = detached(() => scene.ask(second).then(inWords))
          await untilSomebodyWaits(scene.database)
          return done
        }),
    }
    const request = { enrollment: first, step: 'first', branch: 'action', dueAt: NOON, now: NOON } as const
    expect(inWords(await gate(slow, scene.deps, request))).toBe('send')
    expect(await other).toBe('refuse cap')
  })

  test('a run that is moved to another contact while the gate waits is decided for that one', async () => {
    await scene.deploy(aWorkspace())
    const from = await scene.contact()
    const to = await scene.contact({ grants: [] })
    const enrollment = await scene.enroll(from, aJourney())
    let verdict: Promise<string> | undefined
    await scene.database.transaction(async (statements) => {
      await statements.query('select id from contact where id in ($1, $2) order by id for update', [from, to])
      await statements.query('update enrollment set contact_id = $2 where contact_id = $1', [from, to])
      verdict = detached(() => scene.ask(enrollment).then(inWords))
      await untilSomebodyWaits(scene.database)
    })
    expect(await verdict).toBe('refuse no_consent')
  })
})

const outside = new AsyncResource('outside of any transaction')

/** Starts work that is not part of the transaction that it is started in. */
function detached<T>(work: () => Promise<T>): Promise<T> {
  return outside.runInAsyncScope(work)
}

/** Resolves when some connection to this database waits for a lock. */
async function untilSomebodyWaits(database: Database): Promise<void> {
  for (let tries = 0; tries < 5_000; tries++) {
    const waiting = await detached(() =>
      database.query(
        `select 1 as waits from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
      ),
    )
    if (waiting.length > 0) return
  }
  throw new Error('nobody waits')
}
