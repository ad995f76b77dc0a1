import type { AddressKeys } from '../consent/address.ts'
import type { AskForOptIn } from '../consent/preferences/opt-in-asked.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { takeConsent } from '../ingestion/opt-in.ts'

export interface OptInQuestionDeps {
  readonly addressKeys: AddressKeys
  readonly publicUrl: string
  /** The first signs new links; the others are still accepted. */
  readonly unsubscribeSecrets: readonly string[]
}

/** How pages ask for a confirmation: whatever the purpose says about opt-in, what a page takes counts only once it is confirmed. */
export function askBy(deps: OptInQuestionDeps, workspace: CompiledWorkspace): AskForOptIn {
  const links = { publicUrl: deps.publicUrl, secrets: deps.unsubscribeSecrets }
  return async (statements, { contactId, channel, purpose, source, proof, at, ownWish }) => {
    const taken = await takeConsent(statements, { keys: deps.addressKeys, links }, workspace, {
      contactId,
      channel,
      purpose,
      source,
      proof,
      at,
      recordedAt: at,
      asked: ownWish,
      anew: true,
    })
    return taken.kind === 'requested' && (taken.message === 'sent' || taken.message === 'sent_before')
  }
}
