import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { contentHash } from '../../src/core/canonical-json.ts'
import { createDeployedJourneys } from '../../src/ingestion/deployed-journeys.ts'
import { deploy } from '../../src/rollout/deploy.ts'
import { abandoned, cartRecovery, contents, NOON, openShop, ordered, rows, type Shop, workspace } from './shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop.database.close())
beforeEach(async () => {
  await shop.database.query(
    'truncate contact, event, enrollment, assignment, outbox, deployment, journey_version, content, workspace cascade',
  )
})

const release = { workspace, contents, commit: 'c0ffee', author: 'Ada', now: NOON }
const changed = { ...cartRecovery, limits: { minGapMs: 1 } }
const version = contentHash(cartRecovery)

describe('deploying', () => {
  test('writes everything at once and says what changed; the same again changes nothing', async () => {
    const first = await deploy(shop.database, { ...release, journeys: [cartRecovery] })
    expect(first).toEqual({ journeys: [{ id: 'cart-recovery', version, changed: true }] })
    const again = await deploy(shop.database, { ...release, journeys: [cartRecovery], now: NOON + 1 })
    expect(again).toEqual({ journeys: [{ id: 'cart-recovery', version, changed: false }] })
    expect(await rows(shop.database, 'select journey, version, deployed_at from deployment')).toEqual([
      { journey: 'cart-recovery', version, deployed_at: NOON },
    ])
    expect(await rows(shop.database, 'select hash from content')).toHaveLength(1)
    expect(await rows(shop.database, 'select deployed_at from workspace')).toEqual([{ deployed_at: NOON }])
  })

  test('a journey that is absent is retired, and its version stays for its runs', async () => {
    await deploy(shop.database, { ...release, journeys: [cartRecovery] })
    const second = await deploy(shop.database, { ...release, journeys: [] })
    expect(second).toEqual({ journeys: [{ id: 'cart-recovery', version: null, changed: true }] })
    expect(await rows(shop.database, 'select * from deployment')).toEqual([])
    expect(await rows(shop.database, 'select hash from journey_version')).toHaveLength(1)
  })

  test('a release without a template that it names is refused, and nothing of it is written', async () => {
    const missing = deploy(shop.database, { ...release, contents: {}, journeys: [cartRecovery] })
    await expect(missing).rejects.toThrow('step first-email of cart-recovery')
    expect(await rows(shop.database, 'select * from workspace')).toEqual([])
  })
})

describe('what is deployed', () => {
  test('is kept for a second, and read again when somebody says so', async () => {
    let real = 0
    const journeys = createDeployedJourneys(shop.database, () => real)
    expect(await journeys.current()).toBeUndefined()
    await deploy(shop.database, { ...release, journeys: [cartRecovery] })
    expect(await journeys.current()).toBeUndefined()
    real = 1000
    expect((await journeys.current())?.journeys).toMatchObject([{ version }])
    await deploy(shop.database, { ...release, journeys: [changed] })
    expect((await journeys.current())?.journeys).toMatchObject([{ version }])
    journeys.notify()
    expect((await journeys.current())?.journeys).toMatchObject([{ version: contentHash(changed) }])
  })

  test('asked by many at once, is read once', async () => {
    await deploy(shop.database, { ...release, journeys: [cartRecovery] })
    let asked = 0
    const counted: Shop['database'] = {
      ...shop.database,
      query(text, parameters) {
        asked++
        return shop.database.query(text, parameters)
      },
    }
    const journeys = createDeployedJourneys(counted, () => 0)
    await Promise.all(Array.from({ length: 20 }, () => journeys.current()))
    expect(asked).toBe(4)
  })

  test('a run is ended by the goal that it entered under, whatever is deployed by then', async () => {
    await deploy(shop.database, { ...release, journeys: [cartRecovery] })
    shop.deps.journeys.notify()
    await shop.take(abandoned('c1'))
    const { goal: _, ...goalless } = cartRecovery
    await deploy(shop.database, { ...release, journeys: [goalless] })
    shop.deps.journeys.notify()
    await shop.take(abandoned('c2'), ordered('c1'), ordered('c2'))
    expect(await rows(shop.database, 'select key, outcome from enrollment order by key')).toEqual([
      { key: 'c1', outcome: 'goal' },
      { key: 'c2', outcome: null },
    ])
  })
})
