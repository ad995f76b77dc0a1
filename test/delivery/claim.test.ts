import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { recordConsent } from '../../src/consent/ledger.ts'
import { suppress } from '../../src/consent/suppression.ts'
import type { Database } from '../../src/core/database.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import { claimSend } from '../../src/delivery/send-ledger.ts'
import { deliverDeps, deploy, dueNow, enter, HOUR, KEYS, keyOf, NOON, type Run } from './fixture.ts'
import { scripted } from './scripted-provider.ts'
import { pgliteStore } from './stores.ts'

let database: Database
let run: Run
beforeAll(async () => {
  database = await pgliteStore().open()
  await deploy(database)
})
beforeEach(async () => {
  run = await enter(database)
})
afterAll(() => database.close())

const claim = (url = 'https://example.com/cart') =>
  claimSend(database, {
    sendId: keyOf(dueNow(run, 'alone')),
    startedRealAt: NOON,
    now: NOON,
    provider: 'twilio',
    bodyHash: 'hash',
    links: [{ token: `link-of-${run.enrollment}`, url }],
  })
const reserve = () => deliverDeps(database, {}).gate({ ...dueNow(run, 'alone'), now: NOON })
const revokeEverything = (at: number) =>
  recordConsent(database, {
    contactId: run.contact,
    channel: 'sms',
    purpose: '*',
    state: 'revoked',
    source: 'api',
    proof: {},
    at,
    recordedAt: NOON,
  })

test('somebody who refused everything and agreed to this purpose later is asked about once, and written to', async () => {
  await revokeEverything(NOON - 2 * HOUR)
  const twilio = scripted('twilio')
  const deps = deliverDeps(database, { twilio })
  let gates = 0
  const counting: typeof deps.gate = (request) => {
    gates += 1
    return deps.gate(request)
  }
  expect((await deliver({ ...deps, gate: counting }, dueNow(run, 'alone'))).verdict).toMatchObject({ kind: 'sent' })
  expect([gates, twilio.handedOver.length]).toEqual([1, 1])
})

test('a claim is refused after whatever "no" was committed since the reservation, however often the gate has looked', async () => {
  await reserve()
  await revokeEverything(NOON)
  expect(await claim()).toBe(false)

  run = await enter(database)
  await revokeEverything(NOON - 2 * HOUR)
  await reserve()
  await database.transaction((statements) =>
    suppress(statements, {
      keys: KEYS,
      channel: 'sms',
      address: run.phone,
      reason: 'stop',
      source: 'twilio',
      at: NOON,
    }),
  )
  expect(await claim()).toBe(false)
})

test('a reservation that was put on hold since cannot be claimed, because its place is free for others', async () => {
  await reserve()
  await database.query(`insert into kill_switch (scope, name, reason, at) values ('all', '', 'test', 0)`)
  expect(await reserve()).toMatchObject({ kind: 'hold', reason: 'paused' })
  await database.query('delete from kill_switch')
  expect(await claim()).toBe(false)
  await reserve()
  expect(await claim()).toBe(true)
})

test('links lead where the message says that is handed over, not where one said that never was', async () => {
  await reserve()
  expect(await claim('https://example.com/old')).toBe(true)
  await database.query(`update send set state = 'reserved' where enrollment_id = $1`, [run.enrollment])
  expect(await claim('https://example.com/new')).toBe(true)
  const links = await database.query('select url from link where token = $1', [`link-of-${run.enrollment}`])
  expect(links).toEqual([{ url: 'https://example.com/new' }])
})

test('a claim needs a consent that holds, not only the absence of a "no"', async () => {
  await reserve()
  await database.query('delete from consent where contact_id = $1', [run.contact])
  expect(await claim()).toBe(false)
})
