import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { compileWorkspace } from '../../src/compiler/compile.ts'
import { readWorkspaceFiles } from '../../src/compiler/workspace-files.ts'
import type { CompiledWorkspace } from '../../src/core/workspace.ts'
import { compileWith, fixtureFiles } from './workspace-fixture.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

async function workspaceOf(path: string, text: string): Promise<CompiledWorkspace> {
  const { workspace, diagnostics } = await compileWith(path, text)
  expect(diagnostics).toEqual([])
  if (workspace === undefined) throw new Error('the workspace did not compile')
  return workspace
}

/** The fixture's segue.yaml with its cart purpose and its text sender in other words. */
function segueWith(purpose: string, sms = 'number: "+12025550123"', rest = ''): string {
  return `segue: 1
timezone: America/New_York
default_policy: us-retail
purposes:
  cart-reminders: { class: marketing, description: Carts., ${purpose} }
senders:
  shop-email: { provider: sendgrid, email: hello@example.com }
  shop-sms: { provider: twilio, ${sms} }
contact: { first_name: string, country: string, orders_count: integer }
${rest}`
}

const policyWith = (rest: string, caps = '{ all: 8 per 7d }') => `segue: 1
policy: us-retail
brand: Example Goods
postal_address: 100 Example Street, Springfield
senders: { email: shop-email, sms: shop-sms }
caps: ${caps}
min_gap: 1h
give_up_after: 12h
${rest}`

describe('a purpose', () => {
  it('compiles with each of its words', async () => {
    const { purposes } = await workspaceOf(
      'segue.yaml',
      segueWith(`title: Cart reminders, opt_in: { email: single, sms: double }, frequency: up to 4 texts a month,
    keywords: [CART, BASKET2], disclosure: { text: We may text you., version: 2026-11 }, consent_expires_after: 540d`),
    )
    expect(purposes['cart-reminders']).toEqual({
      class: 'marketing',
      description: 'Carts.',
      title: 'Cart reminders',
      optIn: { email: 'single', sms: 'double' },
      frequency: 'up to 4 texts a month',
      keywords: ['CART', 'BASKET2'],
      disclosure: { text: 'We may text you.', version: '2026-11' },
      consentExpiresAfterMs: 540 * DAY,
    })
  })

  it('takes one word of opt-in for every channel, and leaves out channels that a map leaves out', async () => {
    const optIn = async (words: string) =>
      (await workspaceOf('segue.yaml', segueWith(words))).purposes['cart-reminders']?.optIn
    expect(await optIn('opt_in: double')).toEqual({ email: 'double', sms: 'double' })
    expect(await optIn('opt_in: single')).toEqual({ email: 'single', sms: 'single' })
    expect(await optIn('opt_in: { sms: double }')).toEqual({ sms: 'double' })
  })

  it('has no word that nobody wrote', async () => {
    const { purposes } = await workspaceOf('segue.yaml', segueWith('title: Carts'))
    expect(purposes['cart-reminders']).toEqual({ class: 'marketing', description: 'Carts.', title: 'Carts' })
  })

  it.each('STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT START YES UNSTOP HELP INFO ALTO ARRET'.split(' '))(
    'cannot be asked for by %s, on which carriers or people act already',
    async (word) => {
      const text = segueWith(`title: Carts, frequency: monthly, keywords: [${word}]`)
      const { diagnostics } = await compileWith('segue.yaml', text)
      expect(diagnostics.map(({ code }) => code)).toEqual(['SEG332'])
    },
  )

  it('names what is missing beside its keywords, both words at once', async () => {
    const { diagnostics } = await compileWith('segue.yaml', segueWith('keywords: [CART]'))
    expect(diagnostics.map(({ message }) => message)).toEqual([
      'the purpose "cart-reminders" has keywords, but no title and no frequency',
    ])
  })
})

describe('a text sender', () => {
  it('compiles with each of its words', async () => {
    const { senders } = await workspaceOf(
      'segue.yaml',
      segueWith(
        'title: Carts',
        `number: "+18335550123", numbers: { GB: "+447700900123" }, kind: toll_free, segments_per_second: 2.5,
    segments_per_day: 2000, registration: { programme: toll_free, id: HX1, purposes: [cart-reminders], verified: 2026-11-02 }`,
      ),
    )
    expect(senders['shop-sms']).toEqual({
      channel: 'sms',
      provider: 'twilio',
      number: '+18335550123',
      numbers: { GB: '+447700900123' },
      kind: 'toll_free',
      segmentsPerSecond: 2.5,
      segmentsPerDay: 2000,
      registration: { programme: 'toll_free', id: 'HX1', purposes: ['cart-reminders'], verified: '2026-11-02' },
    })
  })

  it.each([
    ['"+18005550123"', 'toll_free'],
    ['"55501"', 'short_code'],
    ['"+12025550123"', undefined],
  ])('%s is what it looks like when nothing is said', async (number, kind) => {
    const { senders } = await workspaceOf('segue.yaml', segueWith('title: Carts', `number: ${number}`))
    const sender = senders['shop-sms']
    expect(sender?.channel === 'sms' && sender.kind).toBe(kind)
  })

  it('may be a name, if it says so', async () => {
    const { senders } = await workspaceOf(
      'segue.yaml',
      segueWith('title: Carts', 'number: FERNWAY, kind: alphanumeric'),
    )
    expect(senders['shop-sms']).toMatchObject({ number: 'FERNWAY', kind: 'alphanumeric' })
  })

  it('of a toll-free number outside North America may say so', async () => {
    const text = segueWith('title: Carts', 'number: "+448085550123", kind: toll_free')
    expect((await workspaceOf('segue.yaml', text)).senders['shop-sms']).toMatchObject({ kind: 'toll_free' })
  })
})

describe('reports', () => {
  it('name their readers and their sender', async () => {
    const rest = 'reports: { to: [compliance@example.com, legal@example.com], sender: shop-email }\n'
    const { reports } = await workspaceOf('segue.yaml', segueWith('title: Carts', undefined, rest))
    expect(reports).toEqual({ to: ['compliance@example.com', 'legal@example.com'], sender: 'shop-email' })
  })
})

describe('a policy', () => {
  it('compiles with each of its words', async () => {
    const { policies } = await workspaceOf(
      'policies/us-retail.yaml',
      policyWith(
        `channel_gap: 4h
priorities: [base]
opening_spread: 45m
sunset_after: 365d
stop_scope: purpose
opt_out_wording: every 30d
replies: { email: help@example.com, webhook: "https://hooks.example.com/replies", pause: 24h }
health: { complaint_warn: 0.1%, complaint_stop: 0.3%, bounce_warn: 2%, bounce_stop: 5%, least_messages: 200 }
links: { terms: "https://example.com/t", privacy: "https://example.com/p", support: "https://example.com/s" }
`,
        '{ all: 8 per 7d, sms: 3 per 7d, purposes: { newsletter: [1 per 1d, 4 per 30d] } }',
      ),
    )
    expect(policies['us-retail']).toEqual({
      name: 'us-retail',
      brand: 'Example Goods',
      postalAddress: '100 Example Street, Springfield',
      senders: { email: 'shop-email', sms: 'shop-sms' },
      sendWindow: {},
      caps: [
        { count: 8, windowMs: 7 * DAY },
        { count: 3, windowMs: 7 * DAY, channel: 'sms' },
        { count: 1, windowMs: DAY, purpose: 'newsletter' },
        { count: 4, windowMs: 30 * DAY, purpose: 'newsletter' },
      ],
      whenCapped: 'refuse',
      minGapMs: HOUR,
      channelGapMs: 4 * HOUR,
      giveUpAfterMs: 12 * HOUR,
      priorities: ['base'],
      openingSpreadMs: 45 * 60_000,
      stopScope: 'purpose',
      optOutEveryMs: 30 * DAY,
      replies: { email: 'help@example.com', webhook: 'https://hooks.example.com/replies', pauseMs: 24 * HOUR },
      sunsetAfterMs: 365 * DAY,
      health: { complaintWarn: 0.001, complaintStop: 0.003, bounceWarn: 0.02, bounceStop: 0.05, leastMessages: 200 },
      links: { terms: 'https://example.com/t', privacy: 'https://example.com/p', support: 'https://example.com/s' },
      utm: {},
    })
  })

  it('with opt_out_wording: every_message is one that says nothing: every text has the words', async () => {
    const said = await workspaceOf('policies/us-retail.yaml', policyWith('opt_out_wording: every_message\n'))
    const unsaid = await workspaceOf('policies/us-retail.yaml', policyWith(''))
    expect(said).toEqual(unsaid)
  })

  it('names in its priorities a journey that has errors of its own, without a second finding', async () => {
    const files = new Map([
      ...fixtureFiles,
      ['policies/us-retail.yaml', policyWith('priorities: [broken, base]\n')],
      ['broken.yaml', 'segue: 1\njourney: broken\n  oops\n'],
    ])
    const { diagnostics } = await compileWorkspace(files)
    expect([...new Set(diagnostics.map(({ file }) => file))]).toEqual(['broken.yaml'])
  })

  it('limits a journey by the cap of its own purpose, and not by that of another', async () => {
    const journey = `${fixtureFiles.get('base.yaml') ?? ''}limits: { cap: 6 per 7d }\n`
    const codesUnder = async (caps: string) => {
      const files = new Map([
        ...fixtureFiles,
        ['policies/us-retail.yaml', policyWith('', caps)],
        ['base.yaml', journey],
      ])
      return (await compileWorkspace(files)).diagnostics.map(({ code }) => code)
    }
    expect(await codesUnder('{ purposes: { cart-reminders: 5 per 7d } }')).toEqual(['SEG315'])
    expect(await codesUnder('{ purposes: { newsletter: 5 per 7d } }')).toEqual([])
  })
})

describe('the workspace that ships', () => {
  it('discloses what carriers and the FCC ask for, in every marketing purpose', async () => {
    const folder = fileURLToPath(new URL('../../journeys', import.meta.url))
    const { workspace } = await compileWorkspace(await readWorkspaceFiles(folder))
    const marketing = Object.values(workspace?.purposes ?? {}).filter((purpose) => purpose.class === 'marketing')
    expect(marketing.length).toBeGreaterThan(0)
    const brand = workspace?.policies['us-retail']?.brand ?? 'no brand'
    for (const { disclosure, frequency } of marketing) {
      // 47 CFR 64.1200(f)(9) and CTIA Messaging Principles 5.1.1.
      for (const part of [
        brand,
        'automated marketing',
        frequency ?? 'no frequency',
        'Consent is not a condition of purchase',
        'Msg & data rates may apply',
        'HELP',
        'STOP',
        workspace?.policies['us-retail']?.links?.terms ?? 'no terms',
        workspace?.policies['us-retail']?.links?.privacy ?? 'no privacy policy',
      ]) {
        expect(disclosure?.text.replaceAll('\n', ' ')).toContain(part)
      }
    }
    expect(workspace?.purposes['cart-reminders']?.optIn?.sms).toBe('double')
  })
})
