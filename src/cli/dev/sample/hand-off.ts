import type { Channel } from '../../../core/compiled-journey.ts'

/** What the sandbox's log says of one accepted message: the carriers' side of the story, which the store is checked against. */
export interface LoggedHandOff {
  readonly id: string
  readonly sendKey: string | null
  readonly channel: Channel
  readonly to: string
  /** Virtual epoch milliseconds. */
  readonly at: number
}

/** States of a send that was handed over, in the words of the store. */
export const HANDED_OVER: readonly string[] = ['accepted', 'delivered', 'undelivered', 'bounced', 'complained']
export const GHOSTS: readonly string[] = ['held_out', 'shadow']
export const TURNED_DOWN: readonly string[] = ['refused', 'rejected']
