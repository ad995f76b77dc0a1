import type { FastifyRequest, FastifyServerOptions } from 'fastify'

export interface LogTarget {
  readonly level: string
  /** Default: standard output. */
  readonly stream?: { write(line: string): void }
}

/**
 * Request logs without people in them: no bodies, no headers, no IP addresses, and the route instead of the URL, because
 * tokens are in it. Of an error its name, code and frames are kept, not its message: the store quotes values in messages.
 */
export function loggerOptions(target: LogTarget | undefined): NonNullable<FastifyServerOptions['logger']> {
  if (target === undefined) return false
  return {
    level: target.level,
    ...(target.stream !== undefined && { stream: target.stream }),
    serializers: {
      req: (request: FastifyRequest) => ({ method: request.method, route: request.routeOptions?.url ?? 'unknown' }),
      res: (reply: { statusCode?: number }) => ({ statusCode: reply.statusCode ?? 0 }),
      err: describeError,
    },
  }
}

function describeError(error: Error & { readonly code?: unknown }): { type: string; message: string; stack: string } {
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  const code = typeof error.code === 'string' ? error.code : ''
  return { type: error.name, message: code, stack: frames.join('\n') }
}
