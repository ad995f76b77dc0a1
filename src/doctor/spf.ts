import { fail, type Line, ok, warn } from './line.ts'
import type { DnsAnswer, NameServer } from './name-server.ts'

/** RFC 7208, section 4.6.4: at most ten terms that ask the name server, and two that find nothing. */
const MOST_LOOKUPS = 10
const MOST_VOID = 2
/** Far beyond ten; where counting stops on a record that never ends. */
const COUNTED_LOOKUPS = 25

export interface SpfFacts {
  readonly domain: string
  readonly answer: DnsAnswer<string>
  /** Name server look-ups that the whole record takes, includes included. */
  readonly lookups: number
  /** Those of them that lead nowhere. */
  readonly void: number
  /** Host that the mail provider asks to be included; absent: any record will do. */
  readonly include?: string
  readonly includes: boolean
}

const isSpf = (record: string): boolean => /^v=spf1(?: |$)/i.test(record)

/** Reads a domain's SPF record and walks through what it includes. */
export async function gatherSpf(server: NameServer, domain: string, include?: string): Promise<SpfFacts> {
  const answer = await server.txt(domain)
  const found = answer.kind === 'found' ? answer.records.filter(isSpf) : []
  const count = { lookups: 0, void: 0 }
  const seen = new Set<string>()
  if (found.length === 1 && found[0] !== undefined) await walk(server, found[0], count, seen)
  return {
    domain,
    answer: answer.kind === 'found' ? { kind: 'found', records: found } : answer,
    ...count,
    ...(include === undefined ? {} : { include }),
    includes: include === undefined || seen.has(include),
  }
}

async function walk(
  server: NameServer,
  record: string,
  count: { lookups: number; void: number },
  seen: Set<string>,
): Promise<void> {
  for (const term of record.toLowerCase().split(/\s+/).slice(1)) {
    const [, mechanism, , target] =
      /^[+?~-]?(include|a|mx|ptr|exists|redirect)(?:([:=])([^/\s]+))?(?:\/\S*)?$/.exec(term) ?? []
    if (mechanism === undefined) continue
    if (++count.lookups > COUNTED_LOOKUPS) return
    if ((mechanism !== 'include' && mechanism !== 'redirect') || target === undefined || seen.has(target)) continue
    seen.add(target)
    const answer = await server.txt(target)
    const next = answer.kind === 'found' ? answer.records.find(isSpf) : undefined
    if (next === undefined) count.void++
    else await walk(server, next, count, seen)
  }
}

/** RFC 7208; Gmail and Yahoo ask every sender for it since February 2024. */
export function checkSpf({ domain, answer, lookups, void: empty, include, includes }: SpfFacts): readonly Line[] {
  const check = 'dns.spf'
  const record = `v=spf1 ${include === undefined ? 'include:<your mail provider>' : `include:${include}`} ~all`
  if (answer.kind === 'failed') return [unanswered(check, domain, answer.code)]
  const records = answer.kind === 'found' ? answer.records : []
  const [only] = records
  if (only === undefined) {
    return [fail(check, domain, 'there is no SPF record', `publish at ${domain}: TXT "${record}"`)]
  }
  if (records.length > 1) {
    const mend = `keep one TXT record that begins with v=spf1 at ${domain}, and move the terms of the others into it`
    return [fail(check, domain, `there are ${records.length} SPF records, so receivers use none (RFC 7208, 3.2)`, mend)]
  }
  if (/(?:^|\s)\+?all(?:\s|$)/i.test(only)) {
    return [fail(check, domain, 'the record lets everybody send in your name', 'end it with ~all instead of +all')]
  }
  if (lookups > MOST_LOOKUPS || empty > MOST_VOID) {
    const what =
      lookups > MOST_LOOKUPS
        ? `takes ${lookups} look-ups, 10 are allowed`
        : `has ${empty} includes without a record, 2 are allowed`
    const mend =
      'remove the includes of services that you no longer use, or send from a subdomain with a record of its own'
    return [fail(check, domain, `the record ${what}, so receivers use none of it (RFC 7208, 4.6.4)`, mend)]
  }
  if (!includes) {
    const says = `the record does not name ${include}; that is right only if the return path is a subdomain with a record of its own`
    return [
      warn(check, domain, says, `turn on automated security at SendGrid, or add include:${include} to the record`),
    ]
  }
  return [ok(check, domain, `one SPF record, ${lookups} of 10 look-ups`)]
}

/** A look that did not succeed proves nothing, in either direction. */
export function unanswered(check: string, subject: string, code: string): Line {
  const mend = 'run the doctor again; if it stays so, ask another name server: segue doctor --dns 9.9.9.9'
  return warn(check, subject, `the name server gave no answer (${code})`, mend)
}
