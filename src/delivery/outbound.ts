import type { OutboundMessage } from './message-provider.ts'

/** A short link and where it leads. Stored with the claim, before the message is handed over, so that no click can come too early. */
export interface RenderedLink {
  readonly token: string
  readonly url: string
}

export type RenderOutcome =
  | { readonly kind: 'rendered'; readonly message: OutboundMessage; readonly links: readonly RenderedLink[] }
  /** It cannot be written: a variable is missing, the text is too long. `detail` names no person. */
  | { readonly kind: 'unrenderable'; readonly detail: string }
