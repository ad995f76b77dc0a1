import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contentHash } from '../../src/core/canonical-json.ts'
import type { CompiledJourney } from '../../src/core/compiled-journey.ts'
import type { Content } from '../../src/core/content.ts'
import type { Database } from '../../src/core/database.ts'
import type { CompiledWorkspace } from '../../src/core/workspace.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import type { Engine, RunStart } from '../../src/engine/engine.ts'
import { relay } from '../../src/engine/relay.ts'
import { deploy as release } from '../../src/rollout/deploy.ts'
import { deliverDeps, deploy, dueNow, enter, HOUR, JOURNEY, NOON, type Run, sendOf } from '../delivery/fixture.ts'
import { pgliteStore, postgresStore } from '../delivery/stores.ts'
import { carriers } from './at-once.ts'

const OTHER: Content = { kind: 'sms', body: 'Another text altogether. Reply STOP to opt out.', reads: [] }

/** The journey after an edit that touches everything: words, channel, time and steps. */
function edited(journey: CompiledJourney): CompiledJourney {
  const other = { kind: 'message', channel: 'sms', template: 'cart/other', content: contentHash(OTHER) } as const
  return {
    ...journey,
    limits: { giveUpAfterMs: 1 },
    steps: [
      { id: 'alone', from: 'entry', offsetMs: 99 * HOUR, action: other },
      { id: 'added', from: 'entry', offsetMs: 0, action: other },
    ],
  }
}

for (const store of [pgliteStore(), postgresStore()]) {
  describe(`G7, an edit changes no run under way, on ${store.name}`, () => {
    let database: Database
    let workspace: CompiledWorkspace
    let contents: Readonly<Record<string, Content>>
    beforeAll(async () => {
      await store.start()
      database = await store.open()
      await deploy(database)
      const [live] = await database.query<{ compiled: CompiledWorkspace }>('select compiled from workspace')
      if (live === undefined) throw new Error('nothing is deployed')
      workspace = live.compiled
      const bodies = await database.query<{ hash: string; body: Content }>('select hash, body from content')
      contents = Object.fromEntries(bodies.map(({ hash, body }) => [hash, body]))
    })
    afterAll(async () => {
      await database.close()
      await store.stop()
    })

    const deployNow = (journey: CompiledJourney, live = workspace) =>
      release(database, {
        workspace: live,
        journeys: [journey],
        contents: { ...contents, [contentHash(OTHER)]: OTHER },
        commit: 'ed17ed',
        author: 'growth',
        now: NOON,
      })

    const say = async (run: Run, step: string) => {
      const carrier = carriers()
      const input = dueNow(run, step)
      const { verdict } = await deliver(deliverDeps(database, carrier.providers), input)
      const [said] = carrier.all.flatMap(({ handedOver }) => handedOver)
      return { verdict, input, body: said?.message.channel === 'sms' ? said.message.body : undefined }
    }

    test('fifty runs say what they said, in the version that they began with, while the journey is edited under them', async () => {
      const runs = await Promise.all(Array.from({ length: 50 }, () => enter(database)))
      const said = await Promise.all(
        runs.map(async (run, index) => {
          // Ten deploys are committed in the middle of it, the edit and the original in turn.
          if (index % 5 === 0) await deployNow(index % 10 === 0 ? edited(JOURNEY) : JOURNEY)
          return say(run, 'alone')
        }),
      )
      for (const { verdict, body } of said) {
        expect(verdict).toMatchObject({ kind: 'sent' })
        expect(body).toContain('Your code is waiting.')
      }
      const versions = await database.query(
        `select distinct s.version from send s join enrollment e on e.id = s.enrollment_id where s.version <> e.version`,
      )
      expect(versions).toEqual([])
    })

    test('a step that the edit removes is still sent, and one that it adds is not known to the run', async () => {
      const run = await enter(database)
      await deployNow(edited(JOURNEY))
      expect((await say(run, 'mail')).verdict).toMatchObject({ kind: 'sent' })
      await expect(say(run, 'added')).rejects.toThrow('no action for step added')
    })

    test('a start that waited in the outbox through a deploy starts the journey as it was entered', async () => {
      const run = await enter(database)
      await database.query(
        `insert into outbox (enrollment_id, kind, payload, created_at) values ($1, 'start', '{}', $2)`,
        [run.enrollment, NOON],
      )
      await deployNow(edited(JOURNEY))
      const started: RunStart[] = []
      const engine: Engine = {
        start: async (start) => void started.push(start),
        signal: async () => undefined,
        serve: async () => undefined,
      }
      await relay({ database, engine }, NOON + HOUR)
      expect(started.map(({ version, journey }) => [version, journey])).toEqual([[contentHash(JOURNEY), JOURNEY]])
    })

    test('guardrails act at once: the policy that is live now decides, also for runs that began before it', async () => {
      await deployNow(edited(JOURNEY))
      const policy = workspace.policies['us-retail']
      if (policy === undefined) throw new Error('the policy is missing')
      const strict = (change: Partial<typeof policy>): CompiledWorkspace => ({
        ...workspace,
        policies: { 'us-retail': { ...policy, ...change } },
      })
      const run = await enter(database)
      expect((await say(run, 'alone')).verdict).toMatchObject({ kind: 'sent' })
      await deployNow(edited(JOURNEY), strict({ caps: [{ count: 1, windowMs: 24 * HOUR }] }))
      expect((await say(run, 'code')).verdict).toMatchObject({ kind: 'refused', reason: 'cap' })
      await deployNow(edited(JOURNEY), strict({ minGapMs: 5 * HOUR }))
      expect((await say(run, 'mail')).verdict).toMatchObject({ kind: 'held', reason: 'min_gap' })

      const paused = await enter(database)
      await database.query(`insert into kill_switch (scope, name, reason, at) values ('journey', $1, 'test', $2)`, [
        JOURNEY.id,
        NOON,
      ])
      expect((await say(paused, 'alone')).verdict).toMatchObject({ kind: 'held', reason: 'paused' })
      await database.query('delete from kill_switch')
      await deployNow(JOURNEY)
      const { input } = await say(paused, 'alone')
      expect(await sendOf(database, input)).toMatchObject({ state: 'accepted' })
    })
  })
}
