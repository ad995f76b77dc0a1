import { generateKeyPairSync } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import { checkDkim, gatherDkim } from '../../src/doctor/dkim.ts'
import { checkDmarc, gatherDmarc } from '../../src/doctor/dmarc.ts'
import type { Line } from '../../src/doctor/line.ts'
import { createNameServer } from '../../src/doctor/name-server.ts'
import { checkReply, gatherReply } from '../../src/doctor/reply-address.ts'
import { checkSpf, gatherSpf } from '../../src/doctor/spf.ts'
import { startNameServer, type TestNameServer, type Zone, type ZoneRecord } from './name-server.ts'

const DOMAIN = 'mail.shop.example.com'
const txt = (data: string | readonly string[]): ZoneRecord => ({ type: 'TXT', data })
const rsa = (bits: number): string =>
  generateKeyPairSync('rsa', { modulusLength: bits })
    .publicKey.export({ type: 'spki', format: 'der' })
    .toString('base64')
const GOOD_KEY = rsa(2048)
const dkim = (key: string, more = ''): ZoneRecord => {
  const record = `v=DKIM1; k=rsa;${more} p=${key}`
  // As it is published: strings of a TXT record hold at most 255 bytes.
  return txt(record.match(/.{1,255}/g) ?? [])
}
/** A domain with which everything is well. */
const WELL: Zone = {
  [DOMAIN]: [
    txt('another=thing'),
    txt('v=spf1 include:sendgrid.net ~all'),
    { type: 'MX', data: { preference: 10, exchange: 'mx.example.com' } },
  ],
  'sendgrid.net': [txt('v=spf1 ip4:192.0.2.0/24 ~all')],
  [`s1._domainkey.${DOMAIN}`]: [{ type: 'CNAME', data: 's1.domainkey.wl.example.net' }],
  's1.domainkey.wl.example.net': [dkim(GOOD_KEY)],
  [`s2._domainkey.${DOMAIN}`]: [dkim(GOOD_KEY)],
  [`_dmarc.${DOMAIN}`]: [txt('v=DMARC1; p=reject; rua=mailto:reports@example.com')],
}

let server: TestNameServer | undefined
afterEach(async () => {
  await server?.stop()
  server = undefined
})

async function examine(zone: Zone, timeoutMs?: number): Promise<readonly Line[]> {
  server = await startNameServer(zone)
  const names = createNameServer(server.address, timeoutMs)
  const keys = await gatherDkim(names, DOMAIN, ['s1', 's2'])
  return [
    ...checkSpf(await gatherSpf(names, DOMAIN, 'sendgrid.net')),
    ...checkDkim(keys),
    ...checkDmarc(await gatherDmarc(names, DOMAIN), keys),
    ...checkReply(await gatherReply(names, DOMAIN)),
  ]
}
/** The lines that are not well, as `state check`. */
const wrong = (lines: readonly Line[]): readonly string[] =>
  lines.filter(({ state }) => state !== 'ok').map(({ state, check, subject }) => `${state} ${check} ${subject}`)
const line = (lines: readonly Line[], check: string): Line | undefined => lines.find((one) => one.check === check)

describe('a sending domain', () => {
  it('with which all is well has nothing to mend, also where a key is behind an alias', async () => {
    const lines = await examine(WELL)
    expect(wrong(lines)).toEqual([])
    expect(lines.map(({ check }) => check)).toEqual([
      'dns.spf',
      'dns.dkim',
      'dns.dkim',
      'dns.dmarc',
      'dns.alignment',
      'dns.mx',
    ])
  })

  it('that publishes nothing is told each record to publish', async () => {
    const lines = await examine({})
    expect(wrong(lines)).toEqual([
      `fail dns.spf ${DOMAIN}`,
      `fail dns.dkim s1._domainkey.${DOMAIN}`,
      `fail dns.dkim s2._domainkey.${DOMAIN}`,
      `fail dns.dmarc _dmarc.${DOMAIN}`,
      `fail dns.mx ${DOMAIN}`,
    ])
    expect(line(lines, 'dns.spf')?.mend).toBe(`publish at ${DOMAIN}: TXT "v=spf1 include:sendgrid.net ~all"`)
    expect(line(lines, 'dns.dmarc')?.mend).toContain(`publish at _dmarc.${DOMAIN}: TXT "v=DMARC1; p=none;`)
    expect(lines.every(({ state, mend }) => state === 'ok' || mend !== undefined)).toBe(true)
  })

  it('whose name server is silent, or fails, is neither well nor accused', async () => {
    const silent = await examine({ ...WELL, [DOMAIN]: 'silence', [`_dmarc.${DOMAIN}`]: 'failure' }, 60)
    expect(wrong(silent)).toEqual([
      `warn dns.spf ${DOMAIN}`,
      `warn dns.dmarc _dmarc.${DOMAIN}`,
      `warn dns.mx ${DOMAIN}`,
    ])
    expect(line(silent, 'dns.spf')?.says).toMatch(/no answer \(ETIMEOUT\)/)
    expect(line(silent, 'dns.dmarc')?.says).toMatch(/no answer \(ESERVFAIL\)/)
  })
})

const includes = (count: number): Zone =>
  Object.fromEntries(
    Array.from({ length: count }, (_, n) => [
      `spf${n}.example.net`,
      [txt(n + 1 === count ? 'v=spf1 ip4:192.0.2.1 ~all' : `v=spf1 include:spf${n + 1}.example.net ~all`)],
    ]),
  )

describe('SPF', () => {
  it.each<[string, Zone, string, RegExp]>([
    [
      'two records',
      { [DOMAIN]: [txt('v=spf1 include:sendgrid.net ~all'), txt('v=spf1 -all')] },
      'fail',
      /2 SPF records/,
    ],
    ['everybody', { [DOMAIN]: [txt('v=spf1 include:sendgrid.net +all')] }, 'fail', /lets everybody send/],
    ['another provider only', { [DOMAIN]: [txt('v=spf1 ip4:192.0.2.9 -all')] }, 'warn', /does not name sendgrid\.net/],
    [
      'eleven look-ups in a row',
      { ...includes(10), [DOMAIN]: [txt('v=spf1 include:sendgrid.net include:spf0.example.net ~all')] },
      'fail',
      /takes 11 look-ups/,
    ],
    [
      'eleven mechanisms in one record',
      { [DOMAIN]: [txt(`v=spf1 include:sendgrid.net ${'a mx '.repeat(5)}-all`)] },
      'fail',
      /takes 11 look-ups/,
    ],
    [
      'includes that lead nowhere',
      {
        [DOMAIN]: [
          txt('v=spf1 include:sendgrid.net include:a.example.net include:b.example.net include:c.example.net ~all'),
        ],
      },
      'fail',
      /3 includes without a record/,
    ],
    [
      'ten look-ups',
      { ...includes(9), [DOMAIN]: [txt('v=spf1 include:sendgrid.net include:spf0.example.net ~all')] },
      'ok',
      /10 of 10/,
    ],
    [
      'a circle of includes',
      { [DOMAIN]: [txt(`v=spf1 include:sendgrid.net include:${DOMAIN} ~all`)] },
      'ok',
      /\d of 10/,
    ],
  ])('with %s', async (_name, zone, state, says) => {
    const spf = line(await examine({ ...WELL, ...zone }), 'dns.spf')
    expect(spf).toMatchObject({ state, says: expect.stringMatching(says) })
  })
})

describe('DKIM', () => {
  const at = `s1._domainkey.${DOMAIN}`
  it.each<[string, ZoneRecord, string, RegExp]>([
    ['a key that was revoked', dkim(''), 'fail', /revoked/],
    ['a key that is too short', dkim(rsa(1024), ''), 'warn', /1024 bits/],
    ['a domain that only tests', dkim(GOOD_KEY, ' t=y;'), 'warn', /only tests/],
    ['a key that cannot be read', dkim('AAAA'), 'fail', /cannot be read/],
    ['a record without a key', txt('v=DKIM1; k=rsa'), 'fail', /holds no key/],
    ['an Ed25519 key', txt(`v=DKIM1; k=ed25519; p=${Buffer.alloc(32, 7).toString('base64')}`), 'ok', /published/],
  ])('with %s', async (_name, record, state, says) => {
    const key = line(await examine({ ...WELL, [at]: [record] }), 'dns.dkim')
    expect(key).toMatchObject({ subject: at, state, says: expect.stringMatching(says) })
  })

  it('with one selector of two is doubtful, because the provider rotates between them', async () => {
    const { [`s2._domainkey.${DOMAIN}`]: _, ...zone } = WELL
    expect(wrong(await examine(zone))).toEqual([`warn dns.dkim s2._domainkey.${DOMAIN}`])
  })

  it('follows aliases to their end and not in a circle', async () => {
    const circle: Zone = {
      ...WELL,
      [at]: [{ type: 'CNAME', data: 'one.example.net' }],
      'one.example.net': [{ type: 'CNAME', data: 'two.example.net' }],
      'two.example.net': [{ type: 'CNAME', data: 'one.example.net' }],
    }
    expect(wrong(await examine(circle))).toEqual([`warn dns.dkim ${at}`])
  })
})

describe('DMARC', () => {
  const at = `_dmarc.${DOMAIN}`
  it.each<[string, Zone, string, RegExp]>([
    ['a policy that only watches', { [at]: [txt('v=DMARC1; p=none')] }, 'warn', /policy is none/],
    ['two records', { [at]: [txt('v=DMARC1; p=none'), txt('v=DMARC1; p=reject')] }, 'fail', /several DMARC records/],
    ['a policy that there is not', { [at]: [txt('v=DMARC1; p=block')] }, 'fail', /none of none, quarantine and reject/],
    ['a record of something else', { [at]: [txt('v=DMARC10; p=reject')] }, 'fail', /no DMARC policy/],
    [
      'the policy of the domain above',
      { [at]: [], '_dmarc.example.com': [txt('v=DMARC1; p=none; sp=reject')] },
      'ok',
      /policy is reject/,
    ],
  ])('with %s', async (_name, zone, state, says) => {
    expect(line(await examine({ ...WELL, ...zone }), 'dns.dmarc')).toMatchObject({
      state,
      says: expect.stringMatching(says),
    })
  })

  const above: Zone = {
    ...WELL,
    [`s1._domainkey.${DOMAIN}`]: [],
    [`s2._domainkey.${DOMAIN}`]: [],
    's1._domainkey.example.com': [dkim(GOOD_KEY)],
    's2._domainkey.example.com': [dkim(GOOD_KEY)],
  }

  it('is aligned when a domain above signs, unless the policy asks for exactly this one', async () => {
    expect(wrong(await examine(above))).toEqual([])
    await server?.stop()
    const strict = await examine({ ...above, [at]: [txt('v=DMARC1; p=reject; adkim=s')] })
    expect(wrong(strict)).toEqual([`fail dns.alignment ${DOMAIN}`])
    expect(line(strict, 'dns.alignment')?.mend).toContain(`take adkim=s out of the record at ${at}`)
  })
})

describe('the reply address', () => {
  it.each<[string, Zone, string, RegExp]>([
    [
      'says that it takes no mail',
      { [DOMAIN]: [{ type: 'MX', data: { preference: 0, exchange: '.' } }] },
      'fail',
      /null MX/,
    ],
    ['has an address and no MX', { [DOMAIN]: [{ type: 'A', data: '192.0.2.1' }] }, 'warn', /no MX record/],
  ])('whose domain %s', async (_name, zone, state, says) => {
    expect(line(await examine({ ...WELL, ...zone }), 'dns.mx')).toMatchObject({
      state,
      says: expect.stringMatching(says),
    })
  })
})
