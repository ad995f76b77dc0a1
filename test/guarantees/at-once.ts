import type { Database } from '../../src/core/database.ts'
import type { HandOff, MessageProvider } from '../../src/delivery/message-provider.ts'
import { scripted, type ScriptedProvider } from '../delivery/scripted-provider.ts'

/** mulberry32: a test that tries many interleavings tries the same ones again. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** Lets others go first, so many times: an order of things that needs no clock. */
export async function yieldTimes(times: number): Promise<void> {
  for (let left = times; left > 0; left--) await new Promise((resolve) => setImmediate(resolve))
}

/** Both carriers, each answering as told and remembering what it was handed. */
export function carriers(answer?: (sendKey: string) => HandOff | Promise<HandOff>): {
  readonly providers: Readonly<Record<string, MessageProvider>>
  /** How often a send was handed over. */
  times(sendKey: string): number
  readonly all: readonly ScriptedProvider[]
} {
  const twilio = scripted('twilio', answer)
  const sendgrid = scripted('sendgrid', answer)
  const all = [twilio, sendgrid]
  return {
    providers: { twilio, sendgrid },
    all,
    times: (key) => all.flatMap(({ handedOver }) => handedOver).filter(({ sendKey }) => sendKey === key).length,
  }
}

/** The store, with something done just before, and just after, each statement that claims a send. */
export function aroundClaims(
  database: Database,
  hooks: { readonly before?: () => Promise<void> | void; readonly after?: () => Promise<void> | void },
): Database {
  return {
    ...database,
    async query<Row extends object>(text: string, parameters?: readonly unknown[]) {
      const isClaim = text.includes(`set state = 'attempting'`)
      if (isClaim) await hooks.before?.()
      const rows = await database.query<Row>(text, parameters)
      if (isClaim) await hooks.after?.()
      return rows
    },
  }
}
