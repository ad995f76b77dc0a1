import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { InboundMessage } from '../../src/delivery/message-provider.ts'
import { claimSend } from '../../src/delivery/send-ledger.ts'
import { sendId } from '../../src/core/send-id.ts'
import { recordInbound } from '../../src/ingestion/inbound.ts'
import { aJourney, aStep, aText, aWorkspace, inWords, KEYS, NOON, Scene, STORES } from '../gate/scene.ts'

const PARALLEL = 20
const texts = aJourney({ steps: [aStep({ action: aText() })] })
let people = 0

describe.each(STORES)('a STOP among twenty gates and claims, on $store', ({ open }) => {
  let scene: Scene
  let close: () => Promise<void>
  beforeAll(async () => {
    const opened = await open()
    scene = new Scene(opened.database)
    close = opened.close
    await scene.deploy(aWorkspace())
  })
  afterAll(() => close())

  const somebody = async () => {
    people += 1
    const phone = `+1303555${String(people).padStart(4, '0')}`
    const contactId = await scene.contact({ phone })
    return {
      phone,
      contactId,
      runs: await Promise.all(Array.from({ length: PARALLEL }, () => scene.enroll(contactId, texts))),
    }
  }
  const stop = (phone: string, body: string) => {
    const message: InboundMessage = { kind: 'inbound', providerId: `SM${phone}`, from: phone, to: '+12025550199', body }
    return recordInbound({ database: scene.database, keys: KEYS }, 'twilio', message, NOON)
  }
  const claim = (run: string, i: number) =>
    claimSend(scene.database, {
      sendId: sendId(run, 'first', 'action'),
      startedRealAt: i,
      now: NOON,
      provider: 'twilio',
      bodyHash: 'b',
      links: [],
    })

  test.each(['STOP', 'please stop texting me', 'wrong number'])(
    '"%s": nothing that a gate let through is claimed once it is committed',
    async (body) => {
      const { phone, runs } = await somebody()
      const answers = await Promise.all([
        ...runs.slice(0, 10).map((run) => scene.ask(run)),
        stop(phone, body),
        ...runs.slice(10).map((run) => scene.ask(run)),
      ])
      expect(answers).toContain('recorded')
      expect(await Promise.all(runs.map(claim))).toEqual(runs.map(() => false))
      const later = await Promise.all(runs.map((run) => scene.ask(run)))
      expect(later.map(inWords).filter((words) => words === 'send')).toEqual([])
      const ended = await scene.database.query<{ n: number }>(
        `select count(*)::int as n from enrollment where id = any($1::uuid[]) and state = 'ended' and outcome = 'exited' and end_reason = 'opt_out'`,
        [runs],
      )
      expect(ended).toEqual([{ n: PARALLEL }])
    },
  )

  test('claims that race with it are before it or are none; after it there is none', async () => {
    const { phone, contactId, runs } = await somebody()
    for (const run of runs) expect(inWords(await scene.ask(run))).toBe('send')
    let committed = false
    const claimed = async (run: string, i: number) => {
      const begunAfter = committed
      return { begunAfter, won: await claim(run, i) }
    }
    const racing = Promise.all(runs.slice(0, 10).map(claimed))
    await stop(phone, 'STOP')
    committed = true
    const all = [...(await racing), ...(await Promise.all(runs.map(claimed)))]
    expect(all.filter(({ begunAfter, won }) => begunAfter && won)).toEqual([])
    const attempting = (await scene.sends(contactId)).filter(({ state }) => state === 'attempting')
    expect(attempting).toHaveLength(all.filter(({ won }) => won).length)
  })

  test('twenty texts of one person at once are taken without a deadlock, and the refusal is among them', async () => {
    const { phone, contactId, runs } = await somebody()
    const bodies = ['STOP', 'Do you have it in red?', 'no', 'HELP', 'stop emailing me']
    await Promise.all([
      ...Array.from({ length: PARALLEL }, (_, i) =>
        recordInbound(
          { database: scene.database, keys: KEYS },
          'twilio',
          {
            kind: 'inbound',
            providerId: `SM${phone}-${i}`,
            from: phone,
            to: '+12025550199',
            body: bodies[i % bodies.length] ?? '',
          },
          NOON,
        ),
      ),
      ...runs.map((run) => scene.ask(run)),
    ])
    expect(await Promise.all(runs.map(claim))).toEqual(runs.map(() => false))
    const stored = await scene.database.query('select 1 from inbound_message where contact_id = $1', [contactId])
    expect(stored).toHaveLength(PARALLEL)
  })
})
