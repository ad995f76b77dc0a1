import type { Channel } from './hand-off.ts'

/** What goes wrong with one hand-off. Without any of it, everything goes right. */
export interface Fault {
  /** Real milliseconds before the answer. The message is accepted at once: an impatient client is sent it all the same. */
  readonly latencyMs?: number
  /** The answer's HTTP status instead of the provider's success; nothing is accepted (but see `acceptAnyway`). */
  readonly status?: number
  /** The provider's own error code (Twilio); by default the one that belongs to the status. */
  readonly code?: number
  /** Seconds, for the Retry-After header. */
  readonly retryAfter?: number
  /** With `status`: the message is accepted and logged although the answer is an error. */
  readonly acceptAnyway?: boolean
  /** The socket is destroyed without an answer, before or after the message was accepted. */
  readonly dropConnection?: 'before' | 'after'
  readonly duplicateWebhooks?: number
  readonly reorderWebhooks?: boolean
  /** The whole delivery is reported before the client has its answer. */
  readonly webhookBeforeAnswer?: boolean
  /** Accepted, then reported as undelivered (or failed) with this Twilio error code. */
  readonly undeliverable?: number
  readonly bounce?: 'hard' | 'blocked'
  /** The emulator's process kills itself, before or after the message was accepted and logged. */
  readonly crash?: 'before' | 'after'
}

export interface FaultRule extends Fault {
  readonly id: number
  readonly channel?: Channel
  /** An address, or a prefix that ends in `*`. Without it, everybody. */
  readonly to?: string
  /** How many hand-offs it applies to. Without it, all. */
  readonly next?: number
}

export interface Faults {
  add(rule: unknown): FaultRule | { readonly problem: string }
  /** What the rules say about this hand-off. Where several match, the earliest decides each field; all count it. */
  take(channel: Channel, to: string): Fault
  rules(): readonly FaultRule[]
  clear(): void
}

type Check = (value: unknown) => boolean
const positive: Check = (value) => typeof value === 'number' && Number.isInteger(value) && value > 0
const flag: Check = (value) => typeof value === 'boolean'
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value)

const checks: Readonly<Record<string, Check>> = {
  channel: oneOf('sms', 'email'),
  to: (value) => typeof value === 'string' && value !== '',
  next: positive,
  latencyMs: positive,
  status: (value) => typeof value === 'number' && value >= 400 && value <= 599,
  code: positive,
  retryAfter: positive,
  acceptAnyway: flag,
  dropConnection: oneOf('before', 'after'),
  duplicateWebhooks: positive,
  reorderWebhooks: flag,
  webhookBeforeAnswer: flag,
  undeliverable: positive,
  bounce: oneOf('hard', 'blocked'),
  crash: oneOf('before', 'after'),
}

const matches = (rule: FaultRule, channel: Channel, to: string): boolean => {
  if (rule.channel !== undefined && rule.channel !== channel) return false
  if (rule.to === undefined) return true
  const wanted = rule.to.toLowerCase()
  return wanted.endsWith('*') ? to.toLowerCase().startsWith(wanted.slice(0, -1)) : to.toLowerCase() === wanted
}

export const createFaults = (mayCrash: boolean): Faults => {
  let active: FaultRule[] = []
  let lastId = 0

  return {
    add: (rule) => {
      if (typeof rule !== 'object' || rule === null || Array.isArray(rule))
        return { problem: 'a rule is a JSON object' }
      for (const [name, value] of Object.entries(rule)) {
        const check = checks[name]
        if (check === undefined) return { problem: `unknown field "${name}"; known: ${Object.keys(checks).join(', ')}` }
        if (!check(value)) return { problem: `"${name}" cannot be ${JSON.stringify(value)}` }
      }
      if ('crash' in rule && !mayCrash) return { problem: 'only a sandbox that runs as its own process can crash' }
      lastId += 1
      const added: FaultRule = { ...rule, id: lastId }
      active.push(added)
      return added
    },
    take: (channel, to) => {
      const matching = active.filter((rule) => matches(rule, channel, to))
      active = active.flatMap((rule) => {
        if (rule.next === undefined || !matching.includes(rule)) return [rule]
        return rule.next > 1 ? [{ ...rule, next: rule.next - 1 }] : []
      })
      return matching.reduceRight<Fault>((merged, rule) => ({ ...merged, ...rule }), {})
    },
    rules: () => active,
    clear: () => {
      active = []
    },
  }
}
