import type { FastifyReply } from 'fastify'
import type { Fault } from './faults.ts'
import type { VirtualTimers } from './virtual-timers.ts'

/** One hand-off request on the wire, with what the rules want to go wrong about it. */
export interface Exchange<T> {
  readonly reply: FastifyReply
  readonly fault: Fault
  readonly timers: VirtualTimers
  readonly crash: (() => never) | undefined
  /** Validates, logs and starts the delivery; or answers that the request was wrong, and returns null. */
  accept(): T | null
  /** Waits until every webhook of the delivery has been posted once. */
  delivered(accepted: T): Promise<void>
  succeed(accepted: T): FastifyReply
  fail(status: number): FastifyReply
}

const hangUp = (reply: FastifyReply): FastifyReply => {
  reply.hijack()
  reply.raw.socket?.destroy()
  return reply
}

/** Answers a hand-off in the order of a real outage: what fails before acceptance, acceptance, what fails after it. */
export const carryOut = async <T>(exchange: Exchange<T>): Promise<FastifyReply> => {
  const { reply, fault, timers } = exchange
  const late = async (): Promise<void> => {
    if (fault.latencyMs !== undefined) await timers.pause(fault.latencyMs)
  }
  if (fault.crash === 'before') exchange.crash?.()
  if (fault.dropConnection === 'before') {
    await late()
    return hangUp(reply)
  }
  if (fault.retryAfter !== undefined) void reply.header('retry-after', String(fault.retryAfter))
  if (fault.status !== undefined && fault.acceptAnyway !== true) {
    await late()
    return exchange.fail(fault.status)
  }
  const accepted = exchange.accept()
  if (accepted === null) return reply
  if (fault.webhookBeforeAnswer === true) await exchange.delivered(accepted)
  if (fault.crash === 'after') exchange.crash?.()
  await late()
  if (fault.dropConnection === 'after') return hangUp(reply)
  return fault.status === undefined ? exchange.succeed(accepted) : exchange.fail(fault.status)
}
