import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { EVERY_PURPOSE, recordConsent } from '../../../src/consent/ledger.ts'
import { type Person, readPerson } from '../../../src/consent/preferences/person.ts'
import { type ComingBlock, type Given, type Saved, savePreferences } from '../../../src/consent/preferences/save.ts'
import { pageVersion, viewOf } from '../../../src/consent/preferences/view.ts'
import type { SwitchChange, Wish } from '../../../src/consent/preferences/wish.ts'
import { suppress, suppressionsOf } from '../../../src/consent/suppression.ts'
import { hashAddress } from '../../../src/consent/address.ts'
import type { Database, Statements } from '../../../src/core/database.ts'
import { endForbiddenRuns } from '../../../src/ingestion/forbidden-runs.ts'
import { grant } from '../../../src/ingestion/opt-in-grant.ts'
import { sendId } from '../../../src/core/send-id.ts'
import { aJourney, aStep, aWorkspace, DAY, HOUR, inWords, KEYS, NOON, Scene, STORES } from '../../gate/scene.ts'

const PURPOSE = 'cart-reminders'
const WORKSPACE = aWorkspace()

describe.each(STORES)('the preference centre on $store', ({ open }) => {
  let database: Database
  let scene: Scene
  let close: () => Promise<void>

  beforeAll(async () => {
    ;({ database, close } = await open())
    scene = new Scene(database)
    await scene.deploy(WORKSPACE)
  })
  afterAll(() => close())

  interface Reader {
    readonly contact: string
    readonly subject: { readonly kind: 'send'; readonly id: string }
  }

  /** Somebody who got an email a day ago and has its link. */
  async function reader(change: { grants?: readonly string[]; email?: string } = {}): Promise<Reader> {
    const id = randomUUID()
    const email = change.email ?? `reader-${id}@example.com`
    const contact = await scene.contact({ email, grants: change.grants ?? [PURPOSE] })
    const run = await scene.enroll(contact, aJourney({ id: 'earlier' }))
    const send = sendId(run, 'first', 'action')
    const { hash } = hashAddress(KEYS, 'email', email)
    await database.query(
      `insert into send (id, enrollment_id, step, branch, journey, version, contact_id, channel, purpose, class, address_hash, state,
                         reserved_at, handed_off_at, updated_at)
       select $1, id, 'first', 'action', journey, version, contact_id, 'email', $3, 'marketing', $4, 'delivered', $5, $5, $5
         from enrollment where id = $2`,
      [send, run, PURPOSE, hash, NOON - DAY],
    )
    return { contact, subject: { kind: 'send', id: send } }
  }

  async function say({ subject }: Reader, wish: Wish, at: number, statements?: Statements): Promise<Saved | undefined> {
    const deps = {
      keys: KEYS,
      workspace: WORKSPACE,
      askForOptIn: async () => false,
      grant: (inside: Statements, given: Given) =>
        grant(inside, KEYS, WORKSPACE, { ...given, source: 'preferences', recordedAt: given.at }),
      endForbiddenRuns: (
        inside: Statements,
        contacts: readonly string[],
        when: number,
        coming: readonly ComingBlock[],
      ) => endForbiddenRuns(inside, { keys: KEYS, workspace: WORKSPACE }, contacts, when, coming),
    }
    const saying = { subject, wish, language: 'en', from: { ip: '192.0.2.1' }, at } as const
    const work = (inside: Statements) => savePreferences(inside, deps, saying)
    return statements === undefined ? database.transaction(work) : work(statements)
  }

  async function person({ subject }: Reader): Promise<Person> {
    const found = await readPerson(database, KEYS, subject)
    if (found === undefined) throw new Error('there is nobody behind the link')
    return found
  }

  async function saveWish(who: Reader, shownAt: number, changes: readonly SwitchChange[]): Promise<Wish> {
    const version = pageVersion(viewOf(await person(who), WORKSPACE, 'en', shownAt))
    return { kind: 'save', shownAt, version, changes }
  }

  const entries = (contact: string) =>
    database.query<{ state: string; purpose: string; channel: string; at: number; proof: Record<string, unknown> }>(
      'select state, purpose, channel, at, proof from consent_event where contact_id = $1 order by id',
      [contact],
    )
  const ask = async (contact: string, change: { purpose?: string; now?: number; dueAt?: number } = {}) =>
    inWords(
      await scene.ask(
        await scene.enroll(
          contact,
          aJourney({ id: `j-${randomUUID()}`, purpose: change.purpose ?? PURPOSE, steps: [aStep()] }),
        ),
        { now: change.now ?? NOON, dueAt: change.dueAt ?? change.now ?? NOON },
      ),
    )
  const off: SwitchChange = { purpose: PURPOSE, channel: 'email', on: false }
  const on: SwitchChange = { purpose: PURPOSE, channel: 'email', on: true }

  it('keeps a break at the gate until it ends, lets transactional messages pass, and gives up on what would be too late', async () => {
    const who = await reader({ grants: [PURPOSE, 'orders'] })
    expect(await ask(who.contact)).toBe('send')
    await say(who, { kind: 'pause' }, NOON)
    const end = NOON + 30 * DAY
    expect(await ask(who.contact)).toBe('refuse gave_up')
    expect(await ask(who.contact, { now: end - HOUR })).toBe('hold paused_by_person')
    expect(await ask(who.contact, { purpose: 'orders' })).toBe('send')
    expect(await ask(who.contact, { now: end })).toBe('send')
    await say(who, { kind: 'resume' }, NOON + HOUR)
    expect(await ask(who.contact, { now: NOON + HOUR })).toBe('send')
  })

  it('keeps the cap that somebody set for themself, over every channel and however long ago the policy looks back', async () => {
    const who = await reader()
    const wish = { ...(await saveWish(who, NOON, [])), fewer: 'week' } as Wish
    await say(who, wish, NOON)
    // The message of the link left a day ago.
    expect(await ask(who.contact)).toBe('refuse cap')
    expect(await ask(who.contact, { now: NOON + 6 * DAY - 1 })).toBe('refuse cap')
    expect(await ask(who.contact, { now: NOON + 6 * DAY })).toBe('send')
  })

  it('lets one of twenty journeys through that race for the only place under a personal cap', async () => {
    const who = await reader()
    await say(who, { ...(await saveWish(who, NOON, [])), fewer: 'week' } as Wish, NOON)
    const later = NOON + 8 * DAY
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => ask(who.contact, { now: later })))
    expect(verdicts.filter((verdict) => verdict === 'send')).toHaveLength(1)
    expect(verdicts.filter((verdict) => verdict === 'refuse cap')).toHaveLength(19)
  })

  it('records a grant with the wording, its version and hash, and a "no" with where it was said', async () => {
    const who = await reader({ grants: [] })
    await say(who, await saveWish(who, NOON, [on]), NOON + 1)
    await say(who, await saveWish(who, NOON + 2, [off]), NOON + 3)
    const [yes, no] = await entries(who.contact)
    expect(yes).toMatchObject({
      state: 'granted',
      proof: {
        page: 'preference-centre',
        send: who.subject.id,
        wordingVersion: 'built-in-1-en',
        box: { shown: 'off', left: 'on' },
        ip: '192.0.2.1',
      },
    })
    expect(yes?.proof['wording']).toContain('Example Shop may email me')
    expect(no).toMatchObject({ state: 'revoked', proof: { button: 'save', language: 'en' } })
    // The last switch of the channel: the address itself is blocked as well.
    expect(await ask(who.contact, { now: NOON + 4 })).toBe('refuse no_consent')
  })

  it('confirms a "yes" to texts by the text that carriers require, once', async () => {
    const phone = '+13035550142'
    const contact = await scene.contact({ phone, grants: [] })
    const run = await scene.enroll(contact, aJourney({ id: 'earlier' }))
    const send = sendId(run, 'first', 'action')
    await database.query(
      `insert into send (id, enrollment_id, step, branch, journey, version, contact_id, channel, purpose, class, address_hash, state,
                         reserved_at, handed_off_at, updated_at)
       select $1, id, 'first', 'action', journey, version, contact_id, 'sms', $3, 'marketing', $4, 'delivered', $5, $5, $5
         from enrollment where id = $2`,
      [send, run, PURPOSE, hashAddress(KEYS, 'sms', phone).hash, NOON - DAY],
    )
    const who: Reader = { contact, subject: { kind: 'send', id: send } }
    const wish = await saveWish(who, NOON, [{ ...on, channel: 'sms' }])
    await say(who, wish, NOON + 1)
    await say(who, wish, NOON + 2)
    const texts = await database.query<{ kind: string; address: string }>(
      'select kind, address from service_message where contact_id = $1',
      [contact],
    )
    expect(texts).toEqual([{ kind: 'opt_in_confirmation', address: phone }])
  })

  it('says the same thing twice to the effect of once, even at the same time', async () => {
    const who = await reader()
    const wish = await saveWish(who, NOON, [off])
    await Promise.all(Array.from({ length: 10 }, (_, index) => say(who, wish, NOON + 1 + index)))
    expect((await entries(who.contact)).filter(({ state }) => state === 'revoked')).toHaveLength(1)
  })

  it('lets the "no" of one tab stand against the "yes" that another tab had shown', async () => {
    const who = await reader({ grants: [PURPOSE, 'orders'] })
    const stale = await saveWish(who, NOON, [{ ...on, channel: 'sms' }])
    await say(who, { kind: 'stop' }, NOON + 1)
    expect(await say(who, stale, NOON + 2)).toMatchObject({ outdated: true })
    expect(await ask(who.contact, { now: NOON + 3 })).toBe('refuse no_consent')
    expect(await ask(who.contact, { now: NOON + 3, purpose: 'orders' })).toBe('send')
  })

  it('never leaves marketing on after a STOP that raced a "yes", whichever was first', async () => {
    for (let round = 0; round < 12; round++) {
      const email = `race-${randomUUID()}@example.com`
      const who = await reader({ email, grants: [] })
      const yes = await saveWish(who, NOON, [on])
      const stop = database.transaction(async (statements) => {
        await suppress(statements, {
          keys: KEYS,
          channel: 'email',
          address: email,
          reason: 'unsubscribe',
          source: 'link',
          at: NOON + 20,
        })
        await recordConsent(statements, {
          contactId: who.contact,
          channel: 'email',
          purpose: EVERY_PURPOSE,
          state: 'revoked',
          source: 'link',
          proof: { race: round },
          at: NOON + 20,
          recordedAt: NOON + 20,
        })
      })
      // The clock of the one who waits for the lock was read before the other's.
      await Promise.all([stop, say(who, yes, NOON + 10)])
      expect(await ask(who.contact, { now: NOON + 30 })).not.toBe('send')
      expect(await suppressionsOf(database, KEYS, 'email', email)).toEqual(['unsubscribe'])
    }
  })

  it('says the "no" for everybody with the address, and the "yes" for nobody else', async () => {
    const email = `shared-${randomUUID()}@example.com`
    const [one, other] = [await reader({ email }), await reader({ email })]
    await say(one, await saveWish(one, NOON, [off]), NOON + 1)
    await say(one, { kind: 'pause' }, NOON + 1)
    const revoked = (await entries(other.contact)).filter(({ state }) => state === 'revoked')
    expect(revoked).toMatchObject([{ channel: 'email', purpose: PURPOSE }])
    expect(await person(other)).toMatchObject({ preference: { pausedUntil: NOON + 1 + 30 * DAY } })
    await say(one, await saveWish(one, NOON + HOUR, [on]), NOON + 2 * HOUR)
    expect((await entries(other.contact)).at(-1)?.state).toBe('revoked')
  })

  it('takes a "no" and a gate of the same person one after the other, many at once, without a deadlock', async () => {
    const email = `busy-${randomUUID()}@example.com`
    const readers = [await reader({ email }), await reader({ email }), await reader({ email })]
    await Promise.all(
      readers.flatMap((who, index) => [
        ...Array.from({ length: 5 }, () => ask(who.contact, { now: NOON + 5 })),
        say(who, { kind: index === 0 ? 'stop' : 'pause' }, NOON + 5),
      ]),
    )
    for (const who of readers) expect(await ask(who.contact, { now: NOON + 40 * DAY })).toBe('refuse no_consent')
  })

  it('finds nobody behind a link when the contact was erased', async () => {
    const who = await reader()
    await database.query('update contact set email = null, phone = null, erased_at = $2 where id = $1', [
      who.contact,
      NOON,
    ])
    expect(await say(who, { kind: 'stop' }, NOON)).toBeUndefined()
  })

  it('takes all of it or nothing', async () => {
    const who = await reader()
    const broken = database.transaction(async (statements) => {
      await say(who, { kind: 'stop' }, NOON + 1, statements)
      throw new Error('the connection broke')
    })
    await expect(broken).rejects.toThrow('the connection broke')
    expect(await ask(who.contact, { now: NOON + 2 })).toBe('send')
  })
})
