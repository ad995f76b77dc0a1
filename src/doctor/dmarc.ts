import { type DkimFacts, tagsOf } from './dkim.ts'
import { fail, type Line, ok, warn } from './line.ts'
import type { DnsAnswer, NameServer } from './name-server.ts'
import { unanswered } from './spf.ts'

export interface DmarcFacts {
  /** Of the From address. */
  readonly domain: string
  /** Where the record was found, or looked for first. */
  readonly at: string
  readonly answer: DnsAnswer<string>
}

/** The policy of a domain is its own, or that of the nearest domain above it which has one. */
export async function gatherDmarc(server: NameServer, domain: string): Promise<DmarcFacts> {
  let first: DmarcFacts | undefined
  for (let at = domain; at.includes('.'); at = at.slice(at.indexOf('.') + 1)) {
    const answer = await server.txt(`_dmarc.${at}`)
    if (answer.kind === 'failed') return { domain, at, answer }
    const records =
      answer.kind === 'found' ? answer.records.filter((record) => /^v=DMARC1\s*(?:;|$)/i.test(record)) : []
    if (records.length > 0) return { domain, at, answer: { kind: 'found', records } }
    first ??= { domain, at, answer: { kind: 'absent' } }
  }
  return first ?? { domain, at: domain, answer: { kind: 'absent' } }
}

/** RFC 7489. Gmail and Yahoo ask bulk senders for a policy, and for alignment of the From domain with SPF or DKIM. */
export function checkDmarc({ domain, at, answer }: DmarcFacts, dkim: DkimFacts): readonly Line[] {
  const check = 'dns.dmarc'
  const name = `_dmarc.${at}`
  const record = 'v=DMARC1; p=none; rua=mailto:<a mailbox of yours>'
  if (answer.kind === 'failed') return [unanswered(check, name, answer.code)]
  const [only, another] = answer.kind === 'found' ? answer.records : []
  if (only === undefined) {
    return [
      fail(
        check,
        name,
        'there is no DMARC policy: bulk mail is refused without one',
        `publish at _dmarc.${domain}: TXT "${record}"`,
      ),
    ]
  }
  if (another !== undefined) {
    return [
      fail(
        check,
        name,
        'there are several DMARC records, so receivers use none (RFC 7489, 6.6.3)',
        `keep one of them at ${name}`,
      ),
    ]
  }
  const tags = tagsOf(only)
  const policy = ((at === domain ? undefined : tags.get('sp')) ?? tags.get('p') ?? '').toLowerCase()
  if (!['none', 'quarantine', 'reject'].includes(policy)) {
    return [
      fail(
        check,
        name,
        'the policy (p=) is none of none, quarantine and reject',
        `publish at ${name}: TXT "${record}"`,
      ),
    ]
  }
  const strength =
    policy === 'none'
      ? warn(
          check,
          name,
          'the policy is none: others may still send in your name',
          `once the reports show only your own mail, raise p= at ${name} to quarantine, then to reject`,
        )
      : ok(check, name, `the policy is ${policy}`)
  return [strength, ...aligned(domain, tags.get('adkim') === 's', name, dkim)]
}

function aligned(domain: string, strict: boolean, name: string, { keys }: DkimFacts): readonly Line[] {
  const check = 'dns.alignment'
  const published = keys.filter(({ answer }) => answer.kind === 'found')
  if (published.length === 0) return []
  const own = published.find(({ signs }) => signs === domain)
  if (own !== undefined) return [ok(check, domain, `mail is signed by the From domain itself`)]
  const above = published[0]?.signs ?? ''
  if (!strict) return [ok(check, domain, `mail is signed by ${above}, which relaxed alignment accepts`)]
  const mend = `authenticate ${domain} itself at the mail provider, or take adkim=s out of the record at ${name}`
  return [fail(check, domain, `mail is signed by ${above}, and the policy asks for exactly ${domain} (adkim=s)`, mend)]
}
