import { fail, type Line, ok, warn } from './line.ts'
import type { DnsAnswer, NameServer } from './name-server.ts'
import { unanswered } from './spf.ts'

export interface ReplyFacts {
  readonly domain: string
  readonly mx: DnsAnswer<{ readonly exchange: string; readonly priority: number }>
  readonly address: DnsAnswer<string>
}

export async function gatherReply(server: NameServer, domain: string): Promise<ReplyFacts> {
  const [mx, address] = await Promise.all([server.mx(domain), server.address(domain)])
  return { domain, mx, address }
}

/** People answer what they are sent, and some of the answers are a "no" (RFC 5321, 5.1; RFC 7505). */
export function checkReply({ domain, mx, address }: ReplyFacts): readonly Line[] {
  const check = 'dns.mx'
  const mend = `publish an MX record at ${domain}, or set replyTo of the sender to an address that somebody reads`
  if (mx.kind === 'failed') return [unanswered(check, domain, mx.code)]
  if (mx.kind === 'found') {
    if (mx.records.some(({ exchange }) => exchange === '' || exchange === '.')) {
      return [fail(check, domain, 'the domain says that it takes no mail (null MX): replies are lost', mend)]
    }
    return [ok(check, domain, `replies are taken by ${mx.records.map(({ exchange }) => exchange).join(', ')}`)]
  }
  if (address.kind === 'found') {
    return [warn(check, domain, 'there is no MX record; mail is tried at the address of the domain itself', mend)]
  }
  return [fail(check, domain, 'nothing takes mail for the reply address: replies are lost', mend)]
}
