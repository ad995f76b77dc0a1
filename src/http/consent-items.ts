import { isIP } from 'node:net'
import { Ajv } from 'ajv'
import { hasEvidence } from '../consent/evidence.ts'
import { EVERY_PURPOSE } from '../consent/ledger.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { readInstant } from '../ingestion/instant.ts'
import type { BodyFinding } from './problem.ts'

/** One thing that a person said, as a server tells it. */
export interface ConsentItem {
  readonly userId: string
  readonly channel: Channel
  readonly purpose: string
  /** `requested`: ask the person to confirm, whatever the purpose's opt-in. */
  readonly state: 'granted' | 'revoked' | 'requested'
  readonly source?: 'api' | 'form' | 'checkout'
  readonly proof?: Readonly<Record<string, unknown>> & { readonly confirmation?: ConfirmationElsewhere }
  readonly at?: string
}

/** The second half of a double opt-in that another system has taken. */
export interface ConfirmationElsewhere {
  readonly at: string
  readonly messageId?: string
  readonly method?: string
}

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const
const short = text(256)

export const validateConsentItem = new Ajv({ allErrors: true }).compile<ConsentItem>({
  type: 'object',
  additionalProperties: false,
  required: ['userId', 'channel', 'purpose', 'state'],
  properties: {
    userId: short,
    channel: { type: 'string', enum: ['email', 'sms'] },
    purpose: short,
    state: { type: 'string', enum: ['granted', 'revoked', 'requested'] },
    source: { type: 'string', enum: ['api', 'form', 'checkout'] },
    at: short,
    // What is known is checked, so that nobody finds out in court that the page's address was an object. Anything else is kept as it is.
    proof: {
      type: 'object',
      properties: {
        wording: text(4_000),
        wordingVersion: short,
        language: { type: 'string', pattern: '^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$', maxLength: 35 },
        page: text(2_000),
        ip: text(45),
        userAgent: text(1_024),
        jurisdiction: { type: 'string', pattern: '^[A-Z]{2}(-[A-Z0-9]{1,3})?$' },
        messageId: short,
        confirmation: {
          type: 'object',
          additionalProperties: false,
          required: ['at'],
          properties: { at: short, messageId: short, method: short },
        },
      },
    },
  },
})

/** What the schema cannot say. A purpose that does not exist would be a consent to nothing, and nobody would notice. */
export function consentFindings(
  items: readonly ConsentItem[],
  workspace: CompiledWorkspace | undefined,
  now: number,
): readonly BodyFinding[] {
  const purposes = Object.keys(workspace?.purposes ?? {})
  return items.flatMap((item, index) => [
    ...itemFindings(item, purposes, now).map((finding) => ({ index, ...finding })),
  ])
}

function itemFindings(item: ConsentItem, purposes: readonly string[], now: number): readonly BodyFinding[] {
  const found: BodyFinding[] = []
  if (!purposes.includes(item.purpose) && !(item.purpose === EVERY_PURPOSE && item.state === 'revoked')) {
    found.push({ pointer: '/purpose', detail: `must be one of the purposes of segue.yaml: ${purposes.join(', ')}` })
  }
  const proof = item.proof ?? {}
  // 47 CFR 64.1200(a)(7) and GDPR Art. 7(1): who relies on a consent has to be able to show it.
  if (item.state !== 'revoked' && !hasEvidence(proof)) {
    const detail = 'a grant needs its evidence, such as wording, wordingVersion and page'
    found.push({ pointer: '/proof', detail })
  }
  const ip = proof['ip']
  if (typeof ip === 'string' && isIP(ip) === 0) {
    found.push({ pointer: '/proof/ip', detail: 'must be an IPv4 or IPv6 address' })
  }
  const at = instantFinding('/at', item.at, now)
  if (at !== undefined) found.push(at)
  const { confirmation } = proof
  if (confirmation === undefined) return found
  const confirmed = instantFinding('/proof/confirmation/at', confirmation.at, now)
  if (confirmed !== undefined) found.push(confirmed)
  if (confirmation.messageId === undefined && confirmation.method === undefined) {
    const detail = 'must say how: messageId (of the reply) or method (such as "link")'
    found.push({ pointer: '/proof/confirmation', detail })
  }
  return found
}

function instantFinding(pointer: string, said: string | undefined, now: number): BodyFinding | undefined {
  const at = said === undefined ? now : readInstant(said)
  if (at === undefined) return { pointer, detail: 'must be RFC 3339 with a zone' }
  return at > now ? { pointer, detail: 'must not be in the future' } : undefined
}
