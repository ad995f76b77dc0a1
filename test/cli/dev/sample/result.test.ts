import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkExpectations } from '../../../../src/cli/dev/sample/expectations/check.ts'
import { readProgress } from '../../../../src/cli/dev/sample/progress.ts'
import { readResult } from '../../../../src/cli/dev/sample/result.ts'
import { HOUR, NOON } from './evidence.ts'
import { sample, type StoredWorld, storeWorld } from './stored-world.ts'

const now = NOON + 60 * HOUR
let world: StoredWorld
beforeAll(async () => {
  world = await storeWorld()
})
afterAll(async () => {
  await world.database.close()
})

const counts = {
  entered: 5,
  sent: { email: 4, sms: 2 },
  held: 1,
  refused: { no_consent: 1, opt_out: 1 },
  ghost: 2,
  converted: 1,
  finished: 5,
}

describe('what the store says of a finished sample', () => {
  test('progress counts runs, messages by channel, held steps once, refusals by reason, ghosts and conversions', async () => {
    expect(await readProgress(world.database, now)).toEqual({
      ...counts,
      waiting: 0,
      journeys: { 'cart-recovery': counts },
    })
  })

  test('the result is exactly the promised object, and ok when every expectation holds', async () => {
    const context = { sample, now, slackMs: 0, ui: 'http://ui', inbox: 'http://inbox' }
    expect(await readResult(world.database, world.handOffs, context)).toEqual({
      ok: true,
      journeys: { 'cart-recovery': counts },
      handoffs: { total: 6, distinct: 6 },
      ui: 'http://ui',
      inbox: 'http://inbox',
      failures: [],
    })
  })

  test('a message handed over twice makes the result not ok, and shows in its numbers', async () => {
    const [first] = world.handOffs
    const handOffs = first === undefined ? [] : [...world.handOffs, { ...first, id: 'again' }]
    const context = { sample, now, slackMs: 0, ui: '', inbox: '' }
    expect(await readResult(world.database, handOffs, context)).toMatchObject({
      ok: false,
      handoffs: { total: 7, distinct: 6 },
      failures: [`the message ${first?.sendKey} was handed over 2 times`],
    })
  })

  test('a store without any run is progress of nothing', async () => {
    await world.database
      .transaction(async (statements) => {
        for (const table of ['decision', 'send', 'outbox', 'enrollment']) await statements.query(`delete from ${table}`)
        const inside = { ...world.database, query: statements.query.bind(statements) }
        expect(await readProgress(inside, now)).toMatchObject({ entered: 0, waiting: 0, journeys: {} })
        throw new Rollback()
      })
      .catch(ignoreRollback)
  })
})

class Rollback extends Error {}
function ignoreRollback(error: unknown): void {
  if (!(error instanceof Rollback)) throw error
}

describe('a fault planted in the store', () => {
  const faults: readonly (readonly [what: string, sql: string, complaint: RegExp])[] = [
    ['a lost event', `delete from event where message_id = 'ordered-4'`, /ordered-4 of the sample is not in the store/],
    [
      'a run that never ended',
      `update enrollment set state = 'active', outcome = null where key = 'cart-1'`,
      /person-1 has not finished/,
    ],
    ['an engine that was not told', `update outbox set done_at = null`, /was not told of a start/],
    [
      'a step of which nothing became',
      `delete from send where state = 'rejected'`,
      /person-3: nothing became of sms-code/,
    ],
    ['an unknown outcome', `update send set state = 'unknown' where state = 'accepted'`, /sms-code is still unknown/],
    ['a missing fallback', `delete from send where branch = 'fallback'`, /undeliverable and no fallback followed/],
    [
      'bad news that was not heard',
      `update send set state = 'accepted' where state = 'undelivered'`,
      /did not arrive, and the store does not know it/,
    ],
    [
      'an opt-out that was ignored',
      `insert into consent_event (contact_id, channel, purpose, state, source, at, recorded_at)
       select id, 'email', '*', 'revoked', 'keyword', ${NOON}, ${NOON} from contact where external_id = 'person-1'`,
      /person-1: the email of first-email went out after an opt-out/,
    ],
    [
      'a wrong entry',
      `update enrollment set trigger_message_id = 'ordered-4' where key = 'cart-1'`,
      /ordered-4 should not have entered/,
    ],
  ]

  test.each(faults)('%s is found', async (_what, sql, complaint) => {
    await world.database
      .transaction(async (statements) => {
        await statements.query(sql)
        const inside = { ...world.database, query: statements.query.bind(statements) }
        const failures = await checkExpectations(inside, world.handOffs, sample, { now, slackMs: 0 })
        expect(failures.some((failure) => complaint.test(failure))).toBe(true)
        throw new Rollback()
      })
      .catch(ignoreRollback)
    expect(await checkExpectations(world.database, world.handOffs, sample, { now, slackMs: 0 })).toEqual([])
  })
})
