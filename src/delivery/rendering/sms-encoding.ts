import { SegmentedMessage } from 'sms-segments-calculator'

/**
 * Characters outside of GSM-7 that look like one inside, and that word processors put in by themselves. A single one of them turns the
 * whole message into UCS-2 and more than halves what fits.
 *
 * Source: Twilio, "Smart Encoding" (twilio.com/docs/messaging/services#smart-encoding); alphabet in 3GPP TS 23.038 section 6.2.1.
 * Only look-alikes: letters with accents stay, because a name is not ours to respell.
 */
const LOOK_ALIKES: ReadonlyMap<string, string> = new Map([
  ['\u2018', "'"], // left single quotation mark
  ['\u2019', "'"], // right single quotation mark, the typographic apostrophe
  ['\u201A', "'"], // single low-9 quotation mark
  ['\u201B', "'"], // single high-reversed-9 quotation mark
  ['\u2032', "'"], // prime
  ['\u00B4', "'"], // acute accent
  ['\u0060', "'"], // grave accent, the backtick
  ['\u02BC', "'"], // modifier letter apostrophe
  ['\u201C', '"'], // left double quotation mark
  ['\u201D', '"'], // right double quotation mark
  ['\u201E', '"'], // double low-9 quotation mark
  ['\u201F', '"'], // double high-reversed-9 quotation mark
  ['\u2033', '"'], // double prime
  ['\u00AB', '"'], // left guillemet
  ['\u00BB', '"'], // right guillemet
  ['\u2010', '-'], // hyphen
  ['\u2011', '-'], // non-breaking hyphen
  ['\u2012', '-'], // figure dash
  ['\u2013', '-'], // en dash
  ['\u2014', '-'], // em dash
  ['\u2015', '-'], // horizontal bar
  ['\u2212', '-'], // minus sign
  ['\u2022', '-'], // bullet
  ['\u2026', '...'], // ellipsis
  ['\u2044', '/'], // fraction slash
  ['\u00D7', 'x'], // multiplication sign
  ['\u0009', ' '], // tab
  ['\u00A0', ' '], // no-break space
  ['\u2002', ' '], // en space
  ['\u2003', ' '], // em space
  ['\u2009', ' '], // thin space
  ['\u202F', ' '], // narrow no-break space, which Intl puts before "PM"
  ['\u3000', ' '], // ideographic space
  ['\u00AD', ''], // soft hyphen
  ['\u200B', ''], // zero width space
  ['\u200D', ''], // zero width joiner
  ['\u2060', ''], // word joiner
  ['\uFEFF', ''], // byte order mark
])

export interface Segments {
  readonly encoding: 'GSM-7' | 'UCS-2'
  /** Messages that the carrier charges. */
  readonly segments: number
  /** Septets (an extension character takes two) or UTF-16 units. */
  readonly units: number
}

/** What a text costs: 160 septets or 70 units alone, 153 or 67 in each part of a longer one. */
export function segmentsOf(body: string): Segments {
  const message = new SegmentedMessage(body)
  const encoding = message.encodingName
  const units = encoding === 'UCS-2' ? body.length : message.messageSize / 7
  return { encoding, segments: message.segmentsCount, units }
}

/** What the carrier charges a text as. A picture message is one, however long its words are. */
export function chargedSegments({
  body,
  mediaUrls = [],
}: {
  readonly body: string
  readonly mediaUrls?: readonly string[]
}): number {
  return mediaUrls.length > 0 ? 1 : segmentsOf(body).segments
}

/** The text with look-alikes replaced, if that makes it GSM-7; otherwise as it was, because then nothing would be won. */
export function smartEncoded(body: string): string {
  const mapped = Array.from(body, (character) => LOOK_ALIKES.get(character) ?? character).join('')
  return mapped === body || segmentsOf(mapped).encoding === 'UCS-2' ? body : mapped
}
