import type { HandOff } from './hand-off.ts'
import type { HandOffLog } from './hand-off-log.ts'
import { isLoopback, oneClickUrl } from './links.ts'
import type { SandboxClock } from './sandbox-options.ts'
import type { EmailEvents } from './sendgrid-events.ts'

/** What a reader does to one message; for an email SendGrid's webhook tells of it. */
export interface Reader {
  open(handOff: HandOff, machine: boolean): Promise<void>
  /** A real GET of the link as written, without following redirects; resolves to its status, null if it was not called. */
  click(handOff: HandOff, url: string): Promise<number | null>
  /** Tells of a click that a real browser has made itself. */
  clicked(handOff: HandOff, url: string): Promise<void>
  complain(handOff: HandOff): Promise<void>
  /** RFC 8058: a real POST to the List-Unsubscribe URL; without one, SendGrid's own unsubscribe link. */
  unsubscribe(handOff: HandOff): Promise<number | null>
}

export interface ReaderParts {
  readonly events: EmailEvents
  readonly log: HandOffLog
  readonly clock: SandboxClock
}

const userAgent =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Sandbox-Reader'
const patienceMs = 10_000

const visit = async (url: string, init: RequestInit): Promise<number | null> => {
  if (!isLoopback(url)) return null
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { 'user-agent': userAgent, ...init.headers },
      signal: AbortSignal.timeout(patienceMs),
    })
    await response.arrayBuffer()
    return response.status
  } catch {
    return null
  }
}

export const createReader = ({ events, log, clock }: ReaderParts): Reader => {
  const byReader = { useragent: userAgent, ip: '192.0.2.10' }

  const suppress = (handOff: HandOff, list: 'spam_reports' | 'unsubscribes', reason: string): void =>
    log.append({ kind: 'suppressed', list, email: handOff.to.toLowerCase(), at: Math.floor(clock.now()), reason })

  const clicked = async (handOff: HandOff, url: string): Promise<void> => {
    if (handOff.channel === 'email') await events.emit(handOff, 'click', { fields: { url, ...byReader } })
  }

  return {
    open: async (handOff, machine) => {
      if (handOff.channel !== 'email') return
      await events.emit(handOff, 'open', { fields: { sg_machine_open: machine, ...byReader } })
    },
    click: async (handOff, url) => {
      const status = await visit(url, { method: 'GET' })
      await clicked(handOff, url)
      return status
    },
    clicked,
    complain: async (handOff) => {
      if (handOff.channel !== 'email') return
      suppress(handOff, 'spam_reports', 'Spam Reporting Address')
      await events.emit(handOff, 'spamreport')
    },
    unsubscribe: async (handOff) => {
      if (handOff.channel !== 'email') return null
      const url = oneClickUrl(handOff)
      if (url === null) {
        suppress(handOff, 'unsubscribes', 'Unsubscribed Address')
        await events.emit(handOff, 'unsubscribe')
        return null
      }
      return await visit(url, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'List-Unsubscribe=One-Click',
      })
    },
  }
}
