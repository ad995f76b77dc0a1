import { fail, type Line, ok, warn } from './line.ts'

/** What the public address answered. */
export type HttpAnswer =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly location?: string
      /** Epoch milliseconds of the Date header. */
      readonly date?: number
      /** The beginning of the body. */
      readonly body: string
    }
  | { readonly kind: 'failed'; readonly code: string }

export interface PublicUrlFacts {
  readonly url: string
  readonly health: HttpAnswer
  /** A one-click unsubscribe with a token that nobody has. */
  readonly oneClick: HttpAnswer
}

const WITHIN_MS = 10_000
const MOST_BODY = 500

/** Asks as a mailbox provider does: from outside, without cookies, without following a redirect (RFC 8058, 3.1). */
export async function gatherPublicUrl(url: string): Promise<PublicUrlFacts> {
  const [health, oneClick] = await Promise.all([
    ask(`${url}/health`, { method: 'GET' }),
    ask(`${url}/u/doctor.looks`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    }),
  ])
  return { url, health, oneClick }
}

async function ask(url: string, init: RequestInit): Promise<HttpAnswer> {
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(WITHIN_MS) })
    const location = response.headers.get('location')
    const date = Date.parse(response.headers.get('date') ?? '')
    return {
      kind: 'answered',
      status: response.status,
      ...(location === null ? {} : { location }),
      ...(Number.isNaN(date) ? {} : { date }),
      body: (await response.text()).slice(0, MOST_BODY),
    }
  } catch (error) {
    return { kind: 'failed', code: codeOf(error) }
  }
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof Error ? cause.name : 'unknown'
}

export function checkPublicUrl({ url, health, oneClick }: PublicUrlFacts, isProduction: boolean): readonly Line[] {
  const lines: Line[] = []
  if (!url.startsWith('https:')) {
    const mend = 'put a proxy with TLS in front of the API and set SEGUE_PUBLIC_URL to its https:// address'
    const says = 'links and one-click unsubscribe are plain http: mailbox providers take only https (RFC 8058, 3.1)'
    lines.push((isProduction ? fail : warn)('public-url.https', url, says, mend))
  } else lines.push(ok('public-url.https', url, 'people and carriers come by https'))
  lines.push(checkHealth(url, health))
  lines.push(checkOneClick(url, oneClick))
  return lines
}

function checkHealth(url: string, answer: HttpAnswer): Line {
  const check = 'public-url.health'
  const reach = 'start `segue api`, and let the proxy pass every path, query and body through unchanged'
  if (answer.kind === 'failed') return fail(check, url, `the API cannot be reached (${answer.code})`, reach)
  if (answer.location !== undefined) {
    return fail(
      check,
      url,
      `/health redirects to ${answer.location}`,
      `set SEGUE_PUBLIC_URL to the address that it leads to`,
    )
  }
  if (answer.status !== 200 || !answer.body.includes('"ok"')) {
    return fail(check, url, `/health answers ${answer.status}, not as Segue does: something else listens there`, reach)
  }
  return ok(check, url, 'the API answers under its public address')
}

function checkOneClick(url: string, answer: HttpAnswer): Line {
  const check = 'public-url.one-click'
  if (answer.kind === 'failed') {
    return fail(
      check,
      url,
      `a one-click unsubscribe does not arrive (${answer.code})`,
      'let POST to /u/ through to `segue api`',
    )
  }
  if (answer.status >= 300 && answer.status < 400) {
    const mend = 'answer /u/ without a redirect: mailbox providers do not follow one (RFC 8058, 3.1)'
    return fail(check, url, `a one-click unsubscribe is redirected (${answer.status})`, mend)
  }
  if (answer.status !== 404) {
    const mend = 'let POST to /u/ through to `segue api` unchanged, without a login, a captcha or a firewall before it'
    return fail(check, url, `a one-click unsubscribe with a wrong token answers ${answer.status} instead of 404`, mend)
  }
  return ok(check, url, 'a one-click unsubscribe arrives')
}
