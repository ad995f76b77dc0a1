import { lookup as dnsLookup, type LookupAddress } from 'node:dns'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import ipaddr from 'ipaddr.js'

/** What an endpoint answered, or why it was not, or could not be, asked. */
export type PostOutcome =
  | { readonly kind: 'answered'; readonly status: number; readonly retryAfter?: string }
  /** Not allowed: nothing was sent. It will not be allowed later either, unless the name leads elsewhere by then. */
  | { readonly kind: 'refused'; readonly reason: 'not_https' | 'private_address' | 'credentials_in_url' | 'not_a_url' }
  /** Nobody answered, or not in time. */
  | { readonly kind: 'failed'; readonly reason: string }

export interface GuardedPost {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface GuardDeps {
  readonly request: (options: RequestOptions, onResponse: (response: IncomingMessage) => void) => ClientRequest
  /** Every address of a name. */
  readonly resolve: (host: string) => Promise<readonly LookupAddress[]>
  readonly isAllowed: (address: string) => boolean
}

/** Real milliseconds for everything: resolving, connecting, answering. */
const WITHIN_MS = 10_000
/** An answer is read to be polite, and not beyond this. */
const MOST_READ_BYTES = 64 * 1024

const REAL: GuardDeps = {
  request: httpsRequest,
  resolve: (host) =>
    new Promise((resolve, reject) => {
      dnsLookup(host, { all: true, verbatim: true }, (error, addresses) => {
        if (error === null) resolve(addresses)
        else reject(error)
      })
    }),
  isAllowed: isPublicAddress,
}

/**
 * Posts to an address that somebody else chose, without ever becoming their way into our network: https only; the name is resolved
 * once and the connection is made to exactly the addresses that were looked at, so that a name which answers differently a moment
 * later gains nothing; no redirect is followed; time and size have an end. OWASP Server-Side Request Forgery Prevention.
 *
 * Never throws for what the endpoint or the network does.
 */
export async function guardedPost(post: GuardedPost, deps: GuardDeps = REAL): Promise<PostOutcome> {
  if (!URL.canParse(post.url)) return { kind: 'refused', reason: 'not_a_url' }
  const url = new URL(post.url)
  if (url.protocol !== 'https:') return { kind: 'refused', reason: 'not_https' }
  if (url.username !== '' || url.password !== '') return { kind: 'refused', reason: 'credentials_in_url' }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const signal = AbortSignal.timeout(WITHIN_MS)
  let addresses: readonly LookupAddress[]
  try {
    addresses = ipaddr.isValid(host)
      ? [{ address: host, family: ipaddr.parse(host).kind() === 'ipv6' ? 6 : 4 }]
      : await Promise.race([deps.resolve(host), whenAborted(signal)])
  } catch (error) {
    return { kind: 'failed', reason: codeOf(error) }
  }
  // One private answer among public ones is how such a name is made: all must be public.
  if (addresses.length === 0 || !addresses.every(({ address }) => deps.isAllowed(address))) {
    return { kind: 'refused', reason: 'private_address' }
  }
  return send(url, host, addresses, post, deps, signal)
}

function send(
  url: URL,
  host: string,
  addresses: readonly LookupAddress[],
  post: GuardedPost,
  deps: GuardDeps,
  signal: AbortSignal,
): Promise<PostOutcome> {
  return new Promise((resolve) => {
    const request = deps.request(
      {
        method: 'POST',
        host,
        servername: ipaddr.isValid(host) ? '' : host,
        port: url.port === '' ? 443 : Number(url.port),
        path: `${url.pathname}${url.search}`,
        headers: { ...post.headers, 'content-length': Buffer.byteLength(post.body) },
        // A connection that another request opened was made to an address of then.
        agent: false,
        signal,
        lookup: (_host, options, done) => {
          const [first] = addresses
          if (options.all === true) done(null, [...addresses])
          else done(null, first?.address ?? '', first?.family ?? 4)
        },
      },
      (response) => {
        const after = response.headers['retry-after']
        let read = 0
        const answered = (): void =>
          resolve({
            kind: 'answered',
            status: response.statusCode ?? 0,
            ...(after === undefined ? {} : { retryAfter: after }),
          })
        response.on('data', (chunk: Buffer) => {
          read += chunk.length
          if (read > MOST_READ_BYTES) response.destroy()
        })
        // The status is the answer, whatever becomes of the rest.
        response.on('end', answered)
        response.on('close', answered)
        response.on('error', answered)
      },
    )
    request.on('error', (error) => resolve({ kind: 'failed', reason: codeOf(error) }))
    request.end(post.body)
  })
}

/**
 * Whether an address is one of the public internet: not private, loopback, link-local, carrier-grade NAT, multicast, documentation,
 * benchmark or reserved, also when it hides in an IPv6 form of IPv4 (mapped, NAT64, 6to4, Teredo).
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  // `process` unfolds ::ffff:10.0.0.1; every other form that carries an IPv4 address has a range of its own, and none is unicast.
  return ipaddr.process(address).range() === 'unicast'
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('too slow', 'TimeoutError')), { once: true })
  })
}

/** A code, never a message: messages quote addresses. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  const code: unknown = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code.toLowerCase() : error.name
}
