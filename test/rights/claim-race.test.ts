import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { sendId } from '../../src/core/send-id.ts'
import { claimSend } from '../../src/delivery/send-ledger.ts'
import { erasePerson } from '../../src/rights/erase.ts'
import { mergePeople } from '../../src/rights/merge.ts'
import { aJourney, aStep, aText, aWorkspace, inWords, KEYS, NOON, Scene, STORES } from '../gate/scene.ts'

const texts = aJourney({ steps: [aStep({ action: aText() })] })

// One connection runs everything in turn: there nobody waits.
describe.each(STORES.filter(({ store }) => store !== 'PGlite'))(
  'a claim that waits for a change of its person, on $store',
  ({ open }) => {
    let database: Database
    let close: () => Promise<void>
    let scene: Scene
    beforeAll(async () => {
      ;({ database, close } = await open())
      scene = new Scene(database)
      await scene.deploy(aWorkspace())
    })
    afterAll(() => close())

    const claim = (run: string) =>
      claimSend(database, {
        sendId: sendId(run, 'first', 'action'),
        startedRealAt: NOON,
        now: NOON,
        provider: 'twilio',
        bodyHash: 'b',
        links: [],
      })

    const untilSomebodyWaits = async (): Promise<void> => {
      for (;;) {
        const waiting = await database.query(
          `select 1 as one from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        )
        if (waiting.length > 0) return
      }
    }

    /** The store, with the claim begun when everything is written and nothing is committed. */
    const claimingBeforeCommit = (run: string): { store: Database; claimed: Promise<boolean> } => {
      let tell = (): void => undefined
      const written = new Promise<void>((resolve) => (tell = resolve))
      const claimed = written.then(() => claim(run))
      const waits = written.then(untilSomebodyWaits)
      const store: Database = {
        ...database,
        transaction: (work) =>
          database.transaction(async (statements) => {
            const done = await work(statements)
            tell()
            await waits
            return done
          }),
      }
      return { store, claimed }
    }

    test('takes nothing of somebody who was erased while it waited', async () => {
      const contact = await scene.contact({ phone: '+13035550191' })
      const run = await scene.enroll(contact, texts)
      expect(inWords(await scene.ask(run))).toBe('send')
      const { store, claimed } = claimingBeforeCommit(run)
      await erasePerson(
        { database: store, keys: KEYS, erases: () => undefined },
        { id: contact, actor: 'operator test', at: NOON, realNow: NOON },
      )
      expect(await claimed).toBe(false)
    })

    test('leaves it to the gate to decide anew for somebody who was merged while it waited', async () => {
      const [from, into] = [
        await scene.contact({ phone: '+13035550192' }),
        await scene.contact({ phone: '+13035550193' }),
      ]
      await database.query('delete from consent where contact_id = $1', [into])
      const run = await scene.enroll(from, texts)
      expect(inWords(await scene.ask(run))).toBe('send')
      const { store, claimed } = claimingBeforeCommit(run)
      expect(
        await mergePeople({ database: store, keys: KEYS }, { from, into, actor: 'operator test', at: NOON }),
      ).toMatchObject({
        kind: 'merged',
      })
      expect(await claimed).toBe(false)
      expect(inWords(await scene.ask(run))).not.toBe('send')
    })
  },
)
