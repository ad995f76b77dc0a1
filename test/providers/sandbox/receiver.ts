import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'

export interface Received {
  readonly path: string
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** The body as a form, the last value of each name. */
  readonly form: Readonly<Record<string, string>>
}

export interface Receiver {
  readonly url: string
  readonly received: readonly Received[]
  /** Answers the next requests with these statuses, in order; after them, with 204. */
  answerWith(...statuses: number[]): void
  /** Resolves as soon as the requests so far satisfy the condition. */
  until(holds: (received: readonly Received[]) => boolean): Promise<readonly Received[]>
  close(): Promise<void>
}

/** An application's webhook endpoint: it remembers everything that it was sent. */
export const startReceiver = async (): Promise<Receiver> => {
  const received: Received[] = []
  const statuses: number[] = []
  const watchers = new Set<() => void>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8')
      received.push({
        path: request.url ?? '',
        method: request.method ?? '',
        headers: request.headers,
        body,
        form: Object.fromEntries(new URLSearchParams(body)),
      })
      response.statusCode = statuses.shift() ?? 204
      response.end()
      for (const watcher of watchers) watcher()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    answerWith: (...next) => {
      statuses.push(...next)
    },
    until: async (holds) =>
      await new Promise((resolve) => {
        const look = (): void => {
          if (!holds(received)) return
          watchers.delete(look)
          resolve(received)
        }
        watchers.add(look)
        look()
      }),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
