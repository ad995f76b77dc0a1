/**
 * Where a carrier reports on one send, by a callback URL of its own. The send key in it still matches when the answer to the call
 * was lost. The paths are those of http/webhooks.ts.
 */
export function statusCallbackUrl(publicUrl: string, provider: string, sendKey: string): string {
  return `${publicUrl.replace(/\/+$/, '')}/webhooks/${provider}/status/${encodeURIComponent(sendKey)}`
}

/** The send key in a callback URL; undefined if it is not one of ours. */
export function sendKeyIn(url: string): string | undefined {
  return /\/status\/([0-9A-Za-z-]{1,64})$/.exec(url.split(/[?#]/, 1)[0] ?? '')?.[1]
}
