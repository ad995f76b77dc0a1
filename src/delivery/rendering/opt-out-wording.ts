export const OPT_OUT_WORDING = 'Reply STOP to opt out'

/** Whether a text says how to opt out. Capitals, because "stop by our shop" tells nobody. */
export function saysOptOut(body: string): boolean {
  return /\bSTOP\b/.test(body)
}

/** The text with the wording, once. CTIA Messaging Principles 5.1.3. */
export function withOptOut(text: string): string {
  if (saysOptOut(text)) return text
  // A full stop right behind an address would be taken for a part of it.
  const ended = /[.!?]$|https?:\S+$/.test(text)
  return `${text}${ended ? '' : '.'} ${OPT_OUT_WORDING}`
}
