import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commitmentOf, entryHash, GENESIS, type LedgerEntry } from '../../src/consent/chain.ts'
import { renderProofPage } from '../../src/consent/proof-page.ts'
import { type ProofDocument, proofDocument, proofOf, type ProofParts } from '../../src/consent/proof.ts'
import { suppress } from '../../src/consent/suppression.ts'
import type { Database } from '../../src/core/database.ts'
import { aJourney, DAY, HOUR, KEYS, NOON, Scene, STORES } from '../gate/scene.ts'
import { behindItsBack, entriesOf, say } from './ledger-scene.ts'

const ROBIN = '00000000-0000-4000-8000-000000000001'

/** A chain of two made by hand: a yes with everything that a form knows, and a no. */
function chain(): readonly LedgerEntry[] {
  const salt = 'a'.repeat(32)
  const link = (
    entry: Pick<LedgerEntry, 'id' | 'seq' | 'state' | 'source' | 'at' | 'expiresAt' | 'prevHash'>,
    proof: object,
  ): LedgerEntry => {
    const text = JSON.stringify(proof)
    const linked = {
      ...entry,
      contactId: ROBIN,
      channel: 'sms',
      purpose: 'cart-reminders',
      recordedAt: entry.at + 250,
      commitment: commitmentOf(salt, '+12125550142', text),
      salt,
      address: '+12125550142',
      proof: text,
      removedAt: null,
      removedFor: null,
    } as const
    return { ...linked, hash: entryHash(linked) }
  }
  const yes = link(
    { id: 7, seq: 1, state: 'granted', source: 'form', at: NOON, expiresAt: NOON + 365 * DAY, prevHash: GENESIS },
    {
      wording: 'I agree to texts from Example Shop.\n<b>Up to 4 a month</b>, "Msg & data rates may apply".',
      wordingVersion: '2026-07',
      language: 'en',
      page: 'https://shop.example.com/join?a=1&b=2',
      ip: '192.0.2.7',
      userAgent: '<script>alert(1)</script>',
      jurisdiction: 'US-NY',
    },
  )
  const no = link(
    { id: 9, seq: 2, state: 'revoked', source: 'keyword', at: NOON + 9 * DAY, expiresAt: null, prevHash: yes.hash },
    { keyword: 'STOP', message: 'SM1' },
  )
  return [yes, no]
}

const parts: ProofParts = {
  contact: { id: ROBIN, externalId: 'robin-1', email: 'robin@example.com', phone: '+12125550142' },
  entries: chain(),
  problems: [],
  standing: [{ channel: 'sms', purpose: 'cart-reminders', state: 'revoked', since: NOON + 9 * DAY, expiresAt: null }],
  sends: [
    {
      send: '00000000-0000-4000-8000-0000000000aa',
      at: NOON + DAY,
      channel: 'sms',
      purpose: 'cart-reminders',
      journey: 'cart-recovery',
      step: 'sms-code',
      version: 'f'.repeat(64),
      commit: 'c0ffee',
      state: 'delivered',
      reliedOn: 7,
      ledger: ROBIN,
    },
  ],
  suppressions: [{ channel: 'sms', reason: 'stop', source: 'twilio', at: NOON + 9 * DAY, liftedAt: null }],
}
const NOW = NOON + 30 * DAY

test('the proof is one document with every word, its evidence and what was sent because of it', async () => {
  const proof = proofDocument(parts, NOW)
  await expect(`${JSON.stringify(proof, undefined, 2)}\n`).toMatchFileSnapshot('golden/proof.json')
  await expect(renderProofPage(proof)).toMatchFileSnapshot('golden/proof.html')
})

test('the page shows what people wrote as text, loads nothing, and runs nothing', () => {
  const page = renderProofPage(proofDocument(parts, NOW))
  expect(page).not.toMatch(/<script|<img|<link|javascript:|onerror|@import|url\(/)
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(page).toContain('&lt;b&gt;Up to 4 a month&lt;/b&gt;')
})

test('the page says in words what is wrong with a record that is not whole', () => {
  const broken = proofDocument(
    { ...parts, problems: [{ fault: 'evidence_missing', contactId: ROBIN, channel: 'sms', purpose: '*', seq: 2 }] },
    NOW,
  )
  expect(broken.verification.holds).toBe(false)
  expect(renderProofPage(broken)).toContain('sms, every purpose, entry 2: the evidence is gone and nobody said why')
})

test('a reader can compute every hash of the document again', () => {
  for (const entry of proofDocument(parts, NOW).entries) recompute(entry)
})

function recompute({ chain: link, ...entry }: ProofDocument['entries'][number]): void {
  if (link.salt !== null && link.proof !== null) {
    expect(commitmentOf(link.salt, entry.address, link.proof)).toBe(link.commitment)
  }
  const [at, recordedAt] = [Date.parse(entry.at), Date.parse(entry.recordedAt)]
  const expiresAt = entry.expiresAt === null ? null : Date.parse(entry.expiresAt)
  expect(entryHash({ ...entry, ...link, contactId: entry.contact, at, recordedAt, expiresAt })).toBe(link.hash)
}

describe.each(STORES)('on $store', ({ open }) => {
  let database: Database
  let close: () => Promise<void>
  let scene: Scene
  beforeAll(async () => {
    const opened = await open()
    database = opened.database
    close = opened.close
    scene = new Scene(database)
  })
  afterAll(() => close())

  async function sent(contactId: string, at: number, reliedOn: number | null = null): Promise<string> {
    const enrollment = await scene.enroll(contactId, aJourney())
    const id = randomUUID()
    await database.query(
      `insert into send (id, enrollment_id, step, branch, journey, version, contact_id, channel, purpose, class, state, reserved_at,
                         handed_off_at, updated_at, relied_on)
       select $1, $2, 'first', 'action', 'cart-recovery', version, $3, 'sms', 'cart-reminders', 'marketing', 'accepted', $4, $4, $4, $5
         from enrollment where id = $2`,
      [id, enrollment, contactId, at, reliedOn],
    )
    return id
  }
  const read = async (contactId: string): Promise<ProofDocument> => {
    const proof = await proofOf(database, contactId, { keys: KEYS, at: NOW })
    if (proof === undefined) throw new Error('there is no such contact')
    return proof
  }

  test('shows each entry with the messages that relied on it, the blocks by reason, and that the record is whole', async () => {
    const phone = '+12125550177'
    const contactId = await scene.contact({ phone, email: null, grants: [] })
    await say(database, contactId, { at: NOON, recordedAt: NOON, expiresAt: NOON + DAY })
    const first = await sent(contactId, NOON + HOUR)
    const tooLate = await sent(contactId, NOON + DAY)
    await say(database, contactId, { at: NOON + 2 * DAY, recordedAt: NOON + 2 * DAY, source: 'double_opt_in' })
    const second = await sent(contactId, NOON + 3 * DAY)
    await database.transaction((statements) =>
      suppress(statements, {
        keys: KEYS,
        channel: 'sms',
        address: phone,
        reason: 'bounce',
        source: 'twilio',
        at: NOON,
      }),
    )
    const proof = await read(contactId)
    expect(proof.verification).toEqual({ holds: true, problems: [] })
    expect(proof.entries.map(({ source, reliedOnBy }) => [source, reliedOnBy.map(({ send }) => send)])).toEqual([
      ['form', [first]],
      ['double_opt_in', [second]],
    ])
    expect(proof.entries[0]?.reliedOnBy[0]).toMatchObject({ journey: 'cart-recovery', step: 'first', commit: 'c' })
    expect(proof.withoutConsent.map(({ send }) => send)).toEqual([tooLate])
    expect(proof.suppressions).toMatchObject([{ channel: 'sms', reason: 'bounce', source: 'twilio', liftedAt: null }])
    expect(proof.standing).toMatchObject([{ state: 'granted', expiresAt: null }])
    for (const entry of proof.entries) recompute(entry)
    expect(renderProofPage(proof)).toContain(phone)
  })

  test('says when a grant has lapsed, and when the record is not whole', async () => {
    const contactId = await scene.contact({ grants: [] })
    await say(database, contactId, { expiresAt: NOW })
    expect((await read(contactId)).standing).toMatchObject([{ state: 'lapsed' }])
    await behindItsBack(database, `update consent_event set source = 'operator' where contact_id = $1`, [contactId])
    expect((await read(contactId)).verification).toMatchObject({
      holds: false,
      problems: [{ fault: 'changed', seq: 1 }],
    })
  })

  test('of a contact that others were merged into, it holds what was said under each of them', async () => {
    const [oldest, older, contactId] = [
      await scene.contact({ grants: [] }),
      await scene.contact({ grants: [] }),
      await scene.contact({ grants: [] }),
    ]
    await say(database, oldest)
    const [grant] = await entriesOf(database, oldest)
    await say(database, older, { source: 'merge', proof: { merged: oldest } })
    await say(database, contactId, { source: 'merge', proof: { merged: older } })
    const send = await sent(contactId, NOON + HOUR, grant?.id ?? null)
    const proof = await read(contactId)
    expect(proof.entries.map(({ contact }) => contact)).toEqual([oldest, older, contactId])
    expect(proof.entries[0]?.reliedOnBy.map((one) => one.send)).toEqual([send])
    expect(proof.withoutConsent).toEqual([])
  })

  test('there is none of somebody who is not known', async () => {
    expect(await proofOf(database, randomUUID(), { keys: KEYS, at: NOW })).toBeUndefined()
  })
})
