import { Resolver } from 'node:dns/promises'

/** What a name server said about one name and type. */
export type DnsAnswer<Record> =
  | { readonly kind: 'found'; readonly records: readonly Record[] }
  /** It said that there is none: the name does not exist, or has none of this type. */
  | { readonly kind: 'absent' }
  /** It said nothing that could be used. `code` is c-ares' (`ETIMEOUT`, `ESERVFAIL`). */
  | { readonly kind: 'failed'; readonly code: string }

/** Asks a name server. Never throws for what it answers. */
export interface NameServer {
  /** Each record's strings joined, as SPF, DKIM and DMARC read them. Aliases are followed. */
  txt(name: string): Promise<DnsAnswer<string>>
  mx(name: string): Promise<DnsAnswer<{ readonly exchange: string; readonly priority: number }>>
  /** Whether the name has an address of either family. */
  address(name: string): Promise<DnsAnswer<string>>
}

const ABSENT = new Set(['ENOTFOUND', 'ENODATA'])
/** Aliases that are followed by hand, where the server does not do it: more is a circle. */
const MOST_ALIASES = 5

/**
 * @param server `host:port` or `host`; absent: the machine's own name servers.
 * @param timeoutMs Real milliseconds for one try, of which there are two.
 */
export function createNameServer(server?: string, timeoutMs = 2_500): NameServer {
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 })
  if (server !== undefined) resolver.setServers([server])

  async function ask<Record>(look: () => Promise<readonly Record[]>): Promise<DnsAnswer<Record>> {
    try {
      const records = await look()
      return records.length === 0 ? { kind: 'absent' } : { kind: 'found', records }
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
      return ABSENT.has(code) ? { kind: 'absent' } : { kind: 'failed', code }
    }
  }

  async function txt(name: string, aliases = 0): Promise<DnsAnswer<string>> {
    const answer = await ask(async () => (await resolver.resolveTxt(name)).map((strings) => strings.join('')))
    if (answer.kind !== 'absent' || aliases === MOST_ALIASES) return answer
    const alias = await ask(() => resolver.resolveCname(name))
    const target = alias.kind === 'found' ? alias.records[0] : undefined
    return target === undefined ? answer : txt(target, aliases + 1)
  }

  return {
    txt: (name) => txt(name),
    mx: (name) => ask(() => resolver.resolveMx(name)),
    async address(name) {
      const four = await ask(() => resolver.resolve4(name))
      return four.kind === 'found' ? four : ask(() => resolver.resolve6(name))
    },
  }
}
