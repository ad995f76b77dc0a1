import type { Channel } from '../../core/compiled-journey.ts'
import type { CompiledWorkspace, Policy } from '../../core/workspace.ts'

/** In whose name a purpose speaks on a channel. */
export interface Voice {
  /** Name of the sender. */
  readonly sender: string
  readonly policy: Policy
}

/**
 * Who asks for, and confirms, consent to a purpose: the policy whose sender is registered for it, else one whose sender has no
 * registration that says otherwise, else any with a sender on the channel. By name, so that it is the same everywhere. Undefined
 * without a sender on the channel.
 */
export function voiceOf(
  workspace: CompiledWorkspace,
  channel: Channel,
  purpose: string | undefined,
): Voice | undefined {
  const voices = Object.keys(workspace.policies)
    .toSorted()
    .flatMap((name) => {
      const policy = workspace.policies[name]
      const sender = policy?.senders[channel]
      const found = sender === undefined ? undefined : workspace.senders[sender]
      if (policy === undefined || sender === undefined || found?.channel !== channel) return []
      const registered = found.channel === 'sms' ? found.registration?.purposes : undefined
      return [{ sender, policy, registered }]
    })
  const named = voices.find(({ registered }) => purpose !== undefined && registered?.includes(purpose) === true)
  const chosen = named ?? voices.find(({ registered }) => registered === undefined) ?? voices[0]
  return chosen && { sender: chosen.sender, policy: chosen.policy }
}
