import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/core/database.ts'
import { deliver } from '../../src/delivery/deliver.ts'
import type { GuardedPost, PostOutcome } from '../../src/ingestion/outgoing-webhook/guard.ts'
import { keepPassingRepliesOn } from '../../src/ingestion/outgoing-webhook/loop.ts'
import { passRepliesOn } from '../../src/ingestion/outgoing-webhook/pass-on.ts'
import { closeReply, listReplies } from '../../src/ingestion/reply-queue.ts'
import { clockAt, deliverDeps, deploy, dueNow, enter, HOUR, KEYS, NOON, type Run, runOf } from '../delivery/fixture.ts'
import { scripted } from '../delivery/scripted-provider.ts'
import { pgliteStore, postgresStore } from '../delivery/stores.ts'
import { answersTo, blocksOf, change, lastInbound, texted } from './inbound-scene.ts'

const SECRET = `whsec_${Buffer.from('a secret of twenty-four bytes').toString('base64')}`
const OLD_SECRET = `whsec_${Buffer.from('an older secret, being rotated').toString('base64')}`
const HOOK = 'https://hooks.example.com/replies'
const PAUSE = HOUR / 2

describe.each([pgliteStore(), postgresStore()])('replies, on $name', (store) => {
  let database: Database
  let run: Run
  beforeAll(async () => {
    await store.start()
    database = await store.open()
    await deploy(database)
    await change(database, { replies: { email: 'support@example.com', webhook: HOOK, pauseMs: PAUSE } })
  })
  beforeEach(async () => {
    await database.query(`update reply_webhook set state = 'failed' where state = 'pending'`)
    run = await enter(database)
  })
  afterAll(async () => {
    await database.close()
    await store.stop()
  })

  const said = (body: string, at = NOON) => texted(database, run.phone, body, { at })
  const ask = (step: string, now = NOON) =>
    deliver(
      deliverDeps(database, { twilio: scripted('twilio'), sendgrid: scripted('sendgrid') }, { clock: clockAt(now) }),
      dueNow(run, step),
    )
  const hooks = () =>
    database.query<{ state: string; attempts: number; reason: string | null; next_at: number }>(
      `select w.state, w.attempts, w.reason, w.next_at from reply_webhook w join inbound_message i on i.id = w.inbound_id
        where i.contact_id = $1`,
      [run.contact],
    )
  /** An endpoint that answers as told and remembers. */
  const endpoint = (...answers: readonly PostOutcome[]) => {
    const posts: GuardedPost[] = []
    return {
      posts,
      post: async (post: GuardedPost): Promise<PostOutcome> => {
        posts.push(post)
        return answers[posts.length - 1] ?? { kind: 'answered', status: 200 }
      },
    }
  }

  describe('are passed on', () => {
    test('to the operators by email, with the words and an opaque id, and without the number', async () => {
      await said('Do you have it in red?')
      const [mail] = await answersTo(database, run.contact)
      expect(mail).toMatchObject({ kind: 'reply_forward', sender: 'shop-email', address: 'support@example.com' })
      expect(mail?.body).toContain('Do you have it in red?')
      expect(mail?.body).toContain(run.contact)
      expect(mail?.body).not.toContain(run.phone)
    })

    test('to the webhook, signed so that the reference library takes it, with either secret', async () => {
      await said('Do you have it in red?')
      const { posts, post } = endpoint()
      expect(await passRepliesOn({ database, secrets: [SECRET, OLD_SECRET], post }, Date.now())).toBe(1)
      const [sent] = posts
      if (sent === undefined) throw new Error('nothing was posted')
      expect(sent.url).toBe(HOOK)
      for (const secret of [SECRET, OLD_SECRET]) {
        expect(new Webhook(secret).verify(sent.body, { ...sent.headers })).toMatchObject({
          type: 'reply.received',
          data: { contact: run.contact, channel: 'sms', text: 'Do you have it in red?' },
        })
      }
      const stranger = new Webhook(`whsec_${Buffer.from('somebody else entirely, whoever').toString('base64')}`)
      expect(() => stranger.verify(sent.body, { ...sent.headers })).toThrow(/signature/i)
      expect(sent.body).not.toContain(run.phone)
      expect(await hooks()).toMatchObject([{ state: 'delivered', attempts: 1 }])
    })

    test('again and again, ever later and under the same id, until the endpoint takes it', async () => {
      await said('Do you have it in red?')
      const { posts, post } = endpoint(
        { kind: 'failed', reason: 'econnrefused' },
        { kind: 'answered', status: 503 },
        { kind: 'answered', status: 302 },
      )
      const deps = { database, secrets: [SECRET], post }
      const t = Date.UTC(2026, 2, 10)
      await passRepliesOn(deps, t)
      expect(await hooks()).toMatchObject([{ state: 'pending', reason: 'econnrefused', next_at: t + 5_000 }])
      expect(await passRepliesOn(deps, t + 4_999)).toBe(0)
      await passRepliesOn(deps, t + 5_000)
      expect(await hooks()).toMatchObject([{ state: 'pending', reason: 'http_503', next_at: t + 305_000 }])
      await passRepliesOn(deps, t + 305_000)
      expect(await hooks()).toMatchObject([{ state: 'pending', reason: 'http_302' }])
      await passRepliesOn(deps, t + 2 * HOUR)
      expect(await hooks()).toMatchObject([{ state: 'delivered', attempts: 4 }])
      expect(new Set(posts.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
    })

    test('no more after 410, and not for ever', async () => {
      await said('Do you have it in red?')
      await passRepliesOn({ database, secrets: [SECRET], ...endpoint({ kind: 'answered', status: 410 }) }, NOON)
      expect(await hooks()).toMatchObject([{ state: 'failed', reason: 'http_410' }])
      const other = (run = await enter(database))
      await texted(database, other.phone, 'Is it warm enough for spring?')
      const { posts, post } = endpoint(
        ...Array.from({ length: 20 }, () => ({ kind: 'answered', status: 500 }) as const),
      )
      for (let day = 0; day < 20; day++)
        await passRepliesOn({ database, secrets: [SECRET], post }, NOON + day * 2 * 86_400_000)
      expect(posts).toHaveLength(10)
      expect(await hooks()).toMatchObject([{ state: 'failed', attempts: 10 }])
    })

    test('never unsigned: without a secret they wait', async () => {
      await said('Do you have it in red?')
      const { posts, post } = endpoint()
      expect(await passRepliesOn({ database, secrets: [], post }, NOON)).toBe(0)
      expect(posts).toEqual([])
      expect(await hooks()).toMatchObject([{ state: 'pending', attempts: 0 }])
    })

    test('once, by any number of processes that look at the same moment', async () => {
      await said('Do you have it in red?')
      const { posts, post } = endpoint()
      await Promise.all(Array.from({ length: 8 }, () => passRepliesOn({ database, secrets: [SECRET], post }, NOON)))
      expect(posts).toHaveLength(1)
    })

    test('by a loop that ends when it is told to', async () => {
      await said('Do you have it in red?')
      const stopping = new AbortController()
      const posts: GuardedPost[] = []
      const post = async (one: GuardedPost): Promise<PostOutcome> => {
        posts.push(one)
        stopping.abort()
        return { kind: 'answered', status: 200 }
      }
      await keepPassingRepliesOn({ database, secrets: [SECRET], post }, { intervalMs: 5, signal: stopping.signal })
      expect(posts).toHaveLength(1)
    })

    test('and no refusal is', async () => {
      await said('please stop texting me')
      expect(await hooks()).toEqual([])
      expect((await answersTo(database, run.contact)).map(({ kind }) => kind)).toEqual(['opt_out_confirmation'])
    })
  })

  describe('that are a conversation', () => {
    test('hold marketing texts for as long as the policy says, and no email', async () => {
      await said('Do you have it in red?')
      expect((await ask('alone', NOON + 1)).verdict).toEqual({
        kind: 'held',
        until: NOON + PAUSE,
        reason: 'conversation',
      })
      expect((await ask('mail', NOON + 1)).verdict.kind).toBe('sent')
      expect((await ask('alone', NOON + PAUSE)).verdict.kind).toBe('sent')
    })

    test('hold them for whoever has the number', async () => {
      const first = run
      run = await enter(database, { same: first })
      await texted(database, first.phone, 'Do you have it in red?')
      expect((await ask('alone', NOON + 1)).verdict).toMatchObject({ kind: 'held', reason: 'conversation' })
    })

    test('begin with a sentence, not with a keyword', async () => {
      await said('C')
      expect((await ask('alone', NOON + 1)).verdict.kind).toBe('sent')
    })
  })

  describe('that may be a refusal', () => {
    test('hold all marketing until an operator has decided; then it goes on', async () => {
      await said('no')
      expect(await lastInbound(database)).toMatchObject({ meaning: 'ambiguous', state: 'open' })
      expect((await ask('alone')).verdict).toMatchObject({ kind: 'held', reason: 'needs_person' })
      expect((await ask('mail')).verdict).toMatchObject({ kind: 'held', reason: 'needs_person' })
      const [open] = await listReplies(database, { open: true, limit: 1_000 }).then((all) =>
        all.filter(({ contactId }) => contactId === run.contact),
      )
      if (open === undefined) throw new Error('nothing waits')
      const close = (stop: boolean) =>
        closeReply(database, { keys: KEYS }, { id: open.id, stop, actor: 'operator ada', at: NOON + HOUR })
      expect(await close(false)).toBe('closed')
      expect(await close(false)).toBe('not_open')
      expect((await ask('alone', NOON + HOUR)).verdict.kind).toBe('sent')
      expect(
        await database.query('select actor, act, detail from audit where subject = $1', [String(open.id)]),
      ).toEqual([{ actor: 'operator ada', act: 'reply.close', detail: { stop: false } }])
    })

    test('are given up rather than sent in doubt', async () => {
      await said('no')
      const end = NOON + 18 * HOUR
      expect((await ask('alone', end - 1)).verdict).toEqual({ kind: 'held', until: end, reason: 'needs_person' })
      expect((await ask('alone', end)).verdict).toEqual({ kind: 'refused', reason: 'gave_up' })
    })

    test('end marketing when the operator says that it was one', async () => {
      await said('how did you get my number')
      const stored = await lastInbound(database)
      const closing = { id: stored?.id ?? 0, stop: true, actor: 'operator ada', at: NOON + HOUR }
      expect(await closeReply(database, { keys: KEYS }, closing)).toBe('closed')
      expect(await blocksOf(database, run)).toEqual(['unsubscribe'])
      expect((await ask('alone', NOON + HOUR)).verdict).toMatchObject({ kind: 'refused' })
      expect(await runOf(database, run)).toMatchObject({ state: 'active' })
      expect(await lastInbound(database)).toMatchObject({ meaning: 'stop', state: 'closed' })
    })

    test('end marketing at the number that wrote, although the contact has another one by now', async () => {
      await said('how did you get my number')
      const stored = await lastInbound(database)
      const moved = run.phone.replace('+1202', '+1919')
      await database.query('update contact set phone = $2 where id = $1', [run.contact, moved])
      const closing = { id: stored?.id ?? 0, stop: true, actor: 'operator ada', at: NOON + HOUR }
      expect(await closeReply(database, { keys: KEYS }, closing)).toBe('closed')
      expect(await blocksOf(database, run)).toEqual(['unsubscribe'])
      expect(await blocksOf(database, { ...run, phone: moved })).toEqual(['unsubscribe'])
    })

    test('tell the operators that they wait', async () => {
      await said('wtf')
      const { posts, post } = endpoint()
      await passRepliesOn({ database, secrets: [SECRET], post }, NOON)
      expect(JSON.parse(posts[0]?.body ?? '{}')).toMatchObject({ type: 'reply.needs_person' })
      expect((await answersTo(database, run.contact))[0]?.body).toContain('segue replies close')
    })
  })
})
