import { Agent as PlainAgent, request as plainRequest } from 'node:http'
import { Agent as TlsAgent, request as tlsRequest } from 'node:https'
import type { WebhookRetries } from './sandbox-options.ts'
import type { VirtualTimers } from './virtual-timers.ts'

export interface Webhook {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** How many further identical posts follow the first, as real providers sometimes do. */
  readonly duplicates: number
}

export interface Webhooks {
  /**
   * Posts until a 2xx answer, with exponential back-off, a bounded number of times.
   * Resolves when the first attempt is over; retries go on behind it. Resolves to the first status, null without one.
   */
  post(webhook: Webhook): Promise<number | null>
  close(): void
}

const mostAtOnce = 32

export const createWebhooks = (timers: VirtualTimers, retries: WebhookRetries): Webhooks => {
  const closing = new AbortController()
  const agents = { plain: new PlainAgent({ keepAlive: true }), tls: new TlsAgent({ keepAlive: true }) }
  const waiting: (() => void)[] = []
  let running = 0

  const enter = async (): Promise<void> => {
    if (running >= mostAtOnce) await new Promise<void>((resolve) => waiting.push(resolve))
    running += 1
  }

  const leave = (): void => {
    running -= 1
    waiting.shift()?.()
  }

  const attempt = async ({ url, headers, body }: Webhook): Promise<number | null> => {
    await enter()
    try {
      const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(retries.timeoutMs)])
      return await send(url, headers, body, signal)
    } catch {
      return null
    } finally {
      leave()
    }
  }

  const send = async (
    url: string,
    headers: Webhook['headers'],
    body: string,
    signal: AbortSignal,
  ): Promise<number | null> =>
    await new Promise((resolve, reject) => {
      const secure = url.startsWith('https:')
      const options = { method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) }, signal }
      const request = secure
        ? tlsRequest(url, { ...options, agent: agents.tls })
        : plainRequest(url, { ...options, agent: agents.plain })
      request.once('error', reject)
      request.once('response', (response) => {
        response.once('error', reject)
        response.once('end', () => resolve(response.statusCode ?? null))
        response.resume()
      })
      request.end(body)
    })

  const retry = async (webhook: Webhook): Promise<void> => {
    for (let made = 1; made < retries.attempts; made += 1) {
      await timers.pause(retries.firstDelayMs * 2 ** (made - 1))
      if (isSuccess(await attempt(webhook))) return
    }
  }

  const isSuccess = (status: number | null): boolean => status !== null && status >= 200 && status < 300

  return {
    post: async (webhook) => {
      const first = await attempt(webhook)
      if (!isSuccess(first) && !closing.signal.aborted) void retry(webhook)
      for (let copy = 0; copy < webhook.duplicates; copy += 1) await attempt(webhook)
      return first
    },
    close: () => {
      closing.abort()
      agents.plain.destroy()
      agents.tls.destroy()
    },
  }
}
