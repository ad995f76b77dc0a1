import { createPublicKey } from 'node:crypto'
import { fail, type Line, ok, warn } from './line.ts'
import type { DnsAnswer, NameServer } from './name-server.ts'
import { unanswered } from './spf.ts'

export interface DkimFacts {
  /** Of the From address. */
  readonly domain: string
  readonly keys: readonly DkimKey[]
}

export interface DkimKey {
  readonly selector: string
  /** The signing domain (`d=`): the From domain, or one above it. */
  readonly signs: string
  readonly answer: DnsAnswer<string>
}

/** Looks for each selector at the From domain; where it has none, at the domains above it, which sign in its name (relaxed alignment). */
export async function gatherDkim(server: NameServer, domain: string, selectors: readonly string[]): Promise<DkimFacts> {
  const keys = await Promise.all(selectors.map((selector) => gatherKey(server, domain, selector)))
  return { domain, keys }
}

async function gatherKey(server: NameServer, domain: string, selector: string): Promise<DkimKey> {
  let first: DkimKey | undefined
  for (let signs = domain; signs.includes('.'); signs = signs.slice(signs.indexOf('.') + 1)) {
    const key = { selector, signs, answer: await server.txt(`${selector}._domainkey.${signs}`) }
    if (key.answer.kind === 'found') return key
    first ??= key
  }
  return first ?? { selector, signs: domain, answer: { kind: 'absent' } }
}

/** RFC 6376, RFC 8301 (key sizes). Gmail and Yahoo ask bulk senders for it since February 2024. */
export function checkDkim({ domain, keys }: DkimFacts): readonly Line[] {
  const published = keys.filter(({ answer }) => answer.kind === 'found')
  return keys.map((key) => checkKey(domain, key, published.length > 0))
}

function checkKey(domain: string, { selector, signs, answer }: DkimKey, hasAnother: boolean): Line {
  const check = 'dns.dkim'
  const name = `${selector}._domainkey.${signs}`
  if (answer.kind === 'failed') return unanswered(check, name, answer.code)
  if (answer.kind === 'absent') {
    const mend = `publish the CNAME that SendGrid shows for ${name} under Settings, Sender Authentication; other selectors: SEGUE_DKIM_SELECTORS`
    return (hasAnother ? warn : fail)(check, name, `there is no DKIM key for the selector ${selector}`, mend)
  }
  const renew = `make a new key at the mail provider and publish it at ${name}`
  const tags = tagsOf(answer.records.find((record) => tagsOf(record).has('p')) ?? '')
  const key = tags.get('p')
  if (key === undefined) return fail(check, name, 'the record holds no key (p=)', renew)
  if (key === '') return fail(check, name, 'the key was revoked (p= is empty): signatures with it are not valid', renew)
  const bits = bitsOf(key, tags.get('k') ?? 'rsa')
  if (bits === undefined) return fail(check, name, 'the key cannot be read', renew)
  if (bits < 1024) return fail(check, name, `the key has ${bits} bits: receivers ignore it (RFC 8301)`, renew)
  if (tags.get('t')?.split(':').includes('y') === true) {
    return warn(check, name, 'the domain says that it only tests DKIM (t=y)', `take t=y out of the record at ${name}`)
  }
  if (bits < 2048) return warn(check, name, `the key has ${bits} bits; 2048 are recommended (RFC 8301)`, renew)
  const whose = signs === domain ? '' : `, of ${signs}, which signs for ${domain}`
  return ok(check, name, `the key is published${whose}`)
}

/** `a=b; c=d`, as DKIM and DMARC records are written. */
export function tagsOf(record: string): ReadonlyMap<string, string> {
  const pairs = record.split(';').flatMap((part): [string, string][] => {
    const [, name, value] = /^\s*([a-z]+)\s*=\s*(.*?)\s*$/is.exec(part) ?? []
    return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value]]
  })
  return new Map(pairs)
}

/** Ed25519 keys (RFC 8463) have one size, which is as good as 3072 bits. */
function bitsOf(key: string, kind: string): number | undefined {
  const der = Buffer.from(key.replaceAll(/\s/g, ''), 'base64')
  if (kind === 'ed25519') return der.length === 32 ? 3072 : undefined
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' }).asymmetricKeyDetails?.modulusLength
  } catch {
    return undefined
  }
}
