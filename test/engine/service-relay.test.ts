import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { type Engine, EngineUnavailable, type ServiceStart } from '../../src/engine/engine.ts'
import { relay, type RelayFailure } from '../../src/engine/relay.ts'
import { deploy, enter, NOON, type Run } from '../delivery/fixture.ts'
import { write } from '../delivery/service-message/fixture.ts'
import { pgliteStore } from '../delivery/stores.ts'

let database: Database
let run: Run
beforeAll(async () => {
  database = await pgliteStore().open()
  await deploy(database)
  run = await enter(database)
})
afterAll(() => database.close())

function recordingEngine(fail: () => void = () => undefined) {
  const served: ServiceStart[] = []
  const engine: Engine = {
    start: async () => undefined,
    signal: async () => undefined,
    serve: async (message) => {
      fail()
      served.push(message)
    },
  }
  return { engine, served }
}

it('starts each service message once, with opaque ids and nothing of what it says', async () => {
  const id = await write(database, run)
  const { engine, served } = recordingEngine()
  expect(await relay({ database, engine }, NOON)).toEqual({ delivered: 1, failed: 0 })
  expect(await relay({ database, engine }, NOON)).toEqual({ delivered: 0, failed: 0 })
  expect(served).toEqual([{ id, kind: 'help', channel: 'sms', contact: run.contact }])
})

it('a start that fails is tried again soon, and said without a person', async () => {
  const id = await write(database, run)
  let down = true
  const failures: RelayFailure[] = []
  const { engine, served } = recordingEngine(() => {
    if (down) throw new EngineUnavailable('down')
  })
  const deps = { database, engine, onFailure: (failure: RelayFailure) => failures.push(failure) }
  expect(await relay(deps, NOON)).toEqual({ delivered: 0, failed: 1 })
  expect(await relay(deps, NOON + 499)).toEqual({ delivered: 0, failed: 0 })
  down = false
  expect(await relay(deps, NOON + 500)).toEqual({ delivered: 1, failed: 0 })
  expect(served).toHaveLength(1)
  expect(failures).toEqual([{ enrollment: id, kind: 'service help', attempts: 1, error: 'EngineUnavailable' }])
})

it('a relay that dies between call and mark repeats the call, which the engine ignores', async () => {
  const id = await write(database, run)
  let broken = true
  const { engine, served } = recordingEngine()
  const breaking: Database = {
    ...database,
    query: async <Row extends object>(text: string, parameters?: readonly unknown[]) => {
      if (broken && text.includes('started_at = $2')) throw new Error('died')
      return database.query<Row>(text, parameters)
    },
  }
  await expect(relay({ database: breaking, engine }, NOON)).rejects.toThrow('died')
  broken = false
  expect(await relay({ database, engine }, NOON + 59_999)).toEqual({ delivered: 0, failed: 0 })
  expect(await relay({ database, engine }, NOON + 60_000)).toEqual({ delivered: 1, failed: 0 })
  expect(served.map((message) => message.id)).toEqual([id, id])
})

it('eight relays at once start each message once', async () => {
  const ids = await Promise.all(Array.from({ length: 30 }, () => write(database, run)))
  const { engine, served } = recordingEngine()
  for (let round = 0; round < 3; round++) {
    await Promise.all(Array.from({ length: 8 }, () => relay({ database, engine }, NOON)))
  }
  expect(served.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
})
