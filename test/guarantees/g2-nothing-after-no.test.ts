import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordConsent } from '../../src/consent/ledger.ts'
import { suppress } from '../../src/consent/suppression.ts'
import type { Database, Statements } from '../../src/core/database.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { erasePerson } from '../../src/rights/erase.ts'
import { deliverDeps, deploy, dueNow, enter, KEYS, keyOf, NOON, type Run } from '../delivery/fixture.ts'
import { pgliteStore, postgresStore } from '../delivery/stores.ts'
import { aroundClaims, carriers, randomFrom, yieldTimes } from './at-once.ts'

const RACES = 60

/** Every way of saying no, as the product writes it. */
const NOES: Readonly<Record<string, (database: Database, run: Run) => Promise<unknown>>> = {
  'a STOP': (database, { phone, contact }) =>
    database.transaction(async (statements) => {
      await suppress(statements, {
        keys: KEYS,
        channel: 'sms',
        address: phone,
        reason: 'stop',
        source: 'twilio',
        at: NOON,
      })
      await revoke(statements, contact)
    }),
  'a suppression': (database, { phone }) =>
    database.transaction((statements) =>
      suppress(statements, { keys: KEYS, channel: 'sms', address: phone, reason: 'manual', source: 'api', at: NOON }),
    ),
  'a revocation': (database, { contact }) => database.transaction((statements) => revoke(statements, contact)),
  'a goal': (database, run) => database.transaction((statements) => end(statements, run, 'goal')),
  'an exit': (database, run) => database.transaction((statements) => end(statements, run, 'exited')),
  'an erasure': (database, { contact }) =>
    erasePerson(
      { database, keys: KEYS, erases: () => undefined },
      { id: contact, actor: 'test', at: NOON, realNow: NOON },
    ),
}

async function revoke(statements: Statements, contactId: string): Promise<void> {
  await statements.query('select id from contact where id = $1 for no key update', [contactId])
  const said = { state: 'revoked', source: 'keyword', proof: {}, at: NOON, recordedAt: NOON } as const
  await recordConsent(statements, { contactId, channel: 'sms', purpose: '*', ...said })
}

async function end(statements: Statements, { contact, enrollment }: Run, outcome: 'goal' | 'exited'): Promise<void> {
  await statements.query('select id from contact where id = $1 for no key update', [contact])
  await statements.query(
    `update enrollment set state = 'ended', outcome = $2, ended_at = $3 where id = $1 and state = 'active'`,
    [enrollment, outcome, NOON],
  )
}

for (const store of [pgliteStore(), postgresStore()]) {
  describe(`G2, nothing after no, on ${store.name}`, () => {
    let database: Database
    beforeAll(async () => {
      await store.start()
      database = await store.open()
      await deploy(database)
    })
    afterAll(async () => {
      await database.close()
      await store.stop()
    })

    test.each(Object.keys(NOES))(
      `${RACES} deliveries race with %s: none that claims after its commit is handed over`,
      async (name) => {
        const random = randomFrom(name.length)
        let order = 0
        let sent = 0
        let stopped = 0
        const race = async (): Promise<void> => {
          const run = await enter(database)
          const input = dueNow(run, 'alone')
          const carrier = carriers()
          let claimedAt = 0
          let committedAt = Number.POSITIVE_INFINITY
          // Noted before the claim's statement begins, and after the commit was answered: what is between them is in flight.
          const watched = aroundClaims(database, { before: () => void (claimedAt = ++order) })
          const [pause, wait] = [Math.floor(random() * 8), Math.floor(random() * 8)]
          await Promise.all([
            yieldTimes(pause).then(() => deliver(deliverDeps(watched, carrier.providers), input)),
            yieldTimes(wait)
              .then(() => NOES[name]?.(database, run))
              .then(() => (committedAt = ++order)),
          ])
          const times = carrier.times(keyOf(input))
          if (claimedAt > committedAt) expect(times, `claimed at ${claimedAt}, no at ${committedAt}`).toBe(0)
          sent += times
          stopped += 1 - times
          // However the race went: from now on nothing leaves, whatever is repeated.
          await deliver(deliverDeps(database, carrier.providers), input)
          await deliver(deliverDeps(database, carrier.providers), dueNow(run, 'code'))
          expect(carrier.times(keyOf(input))).toBe(times)
          expect(carrier.times(keyOf(dueNow(run, 'code')))).toBe(0)
        }
        await Promise.all(Array.from({ length: RACES }, race))
        expect(sent + stopped).toBe(RACES)
      },
    )

    test.each(Object.keys(NOES))(
      '%s that is committed between the gate and the claim stops the message',
      async (name) => {
        for (let times = 0; times < 10; times++) {
          const run = await enter(database)
          const carrier = carriers()
          let said = false
          const late = aroundClaims(database, {
            before: async () => {
              if (said) return
              said = true
              await NOES[name]?.(database, run)
            },
          })
          const input = dueNow(run, 'alone')
          const { verdict } = await deliver(deliverDeps(late, carrier.providers), input)
          expect(carrier.times(keyOf(input))).toBe(0)
          expect(['refused', 'ended', 'failed']).toContain(verdict.kind)
        }
      },
    )

    test.each(Object.keys(NOES))(
      '%s during a hold or a refused call is asked for again before the next one',
      async (name) => {
        const run = await enter(database)
        const input = dueNow(run, 'alone')
        const carrier = carriers(() => ({ kind: 'rejected', class: 'throttled', code: '429' }))
        expect((await deliver(deliverDeps(database, carrier.providers), input)).verdict).toMatchObject({ kind: 'held' })
        await NOES[name]?.(database, run)
        const { verdict } = await deliver(deliverDeps(database, carrier.providers), input)
        expect(verdict.kind).not.toBe('held')
        expect(carrier.times(keyOf(input)), 'the one call that was refused').toBe(1)
      },
    )
  })
}
