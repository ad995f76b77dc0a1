import { sendId } from '../core/send-id.ts'
import type { Channel } from '../core/compiled-journey.ts'
import type { Statements } from '../core/database.ts'
import type { CompiledWorkspace, Policy } from '../core/workspace.ts'
import { writeServiceMessage } from '../delivery/service-message/service-message.ts'

/** Something that a person wrote and that somebody should read. */
export interface Reply {
  /** Id of the stored message. */
  readonly inbound: number
  /** Reached by the address that was written to. */
  readonly policies: readonly Policy[]
  readonly workspace: CompiledWorkspace | undefined
  readonly contactId: string | null
  readonly channel: Channel
  readonly meaning: 'reply' | 'ambiguous'
  readonly text: string
  /** Epoch milliseconds. */
  readonly at: number
}

/** Mail to operators waits out a weekend's outage. */
const FORWARD_VALID_MS = 3 * 86_400_000

/** Passes a reply on, as the policies that were written to say: written in the caller's transaction, sent by workers. */
export async function route(statements: Statements, reply: Reply): Promise<void> {
  const replies = reply.policies.flatMap((policy) =>
    policy.replies === undefined ? [] : [{ policy, ...policy.replies }],
  )
  for (const url of new Set(replies.flatMap(({ webhook }) => webhook ?? []))) {
    await statements.query(
      `insert into reply_webhook (id, inbound_id, url, created_at) values ($1, $2, $3, $4) on conflict do nothing`,
      [sendId('reply-webhook', `${reply.inbound} ${url}`, 'action'), reply.inbound, url, reply.at],
    )
  }
  const mailed = new Set<string>()
  for (const { policy, email } of replies) {
    const sender = mailSender(reply.workspace, policy)
    if (email === undefined || sender === undefined || mailed.has(email)) continue
    mailed.add(email)
    await writeServiceMessage(statements, {
      kind: 'reply_forward',
      dedupeKey: `reply:${reply.inbound}:${mailed.size}`,
      contactId: reply.contactId,
      channel: 'email',
      address: email,
      sender,
      subject: `${policy.brand}: ${reply.meaning === 'ambiguous' ? 'perhaps a "no"' : 'a reply'} by ${reply.channel === 'sms' ? 'text' : 'email'}`,
      text: forwarded(reply),
      validUntil: reply.at + FORWARD_VALID_MS,
      at: reply.at,
    })
  }
}

/** The person's own words are what this mail is for. Who they are is looked up where it may be seen. */
function forwarded({ inbound, contactId, meaning, text }: Reply): string {
  const queue =
    meaning === 'ambiguous'
      ? [
          '',
          'It may be a refusal. Marketing to this person waits until somebody has decided:',
          `  segue replies close ${inbound}          it was none: marketing goes on`,
          `  segue replies close ${inbound} --stop   it was one: marketing ends`,
        ]
      : []
  return [text, '', `Contact: ${contactId ?? 'nobody is known by this address'}`, `Message: ${inbound}`, ...queue].join(
    '\n',
  )
}

function mailSender(workspace: CompiledWorkspace | undefined, policy: Policy): string | undefined {
  const own = policy.senders.email
  if (own !== undefined && workspace?.senders[own]?.channel === 'email') return own
  return workspace?.reports?.sender
}

/** A sentence or a question begins a conversation; "C", "yes" and a heart do not. */
export function isFreeText(text: string): boolean {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? []
  return words.length >= 3 || (words.length > 0 && text.includes('?'))
}
