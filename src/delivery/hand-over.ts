import type { Deadline, HandOff, MessageProvider, OutboundMessage } from './message-provider.ts'

/** How long after its deadline a provider is given to say what its aborted call knows, milliseconds. */
const GRACE_MS = 500

/**
 * The call, guarded: not begun after the deadline or the send window, abandoned at the deadline even if the provider does not come back, and never an exception.
 * A provider that throws may have sent, so that is unknown; the exception's text quotes addresses and is dropped.
 */
export async function handOver(
  provider: MessageProvider,
  message: OutboundMessage,
  sendKey: string,
  deadline: Deadline,
  windowIsClosed: () => boolean,
): Promise<HandOff> {
  // The last look before the socket: whoever slept between claim and call must not send, and nobody sends after hours.
  const remaining = deadline.remainingMs()
  if (remaining <= 0) return { kind: 'rejected', class: 'throttled', code: 'deadline' }
  if (windowIsClosed()) return { kind: 'rejected', class: 'throttled', code: 'window_closed' }
  let timer: NodeJS.Timeout | undefined
  const abandoned = new Promise<HandOff>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'unknown', cause: 'timeout' }), remaining + GRACE_MS)
  })
  try {
    return await Promise.race([provider.send(message, sendKey, deadline), abandoned])
  } catch {
    return { kind: 'unknown', cause: 'provider_error' }
  } finally {
    clearTimeout(timer)
  }
}
