/** What a text from a person asks for. Everything that is no request is a `reply`. */
export type TextMeaning = 'stop' | 'start' | 'help' | 'reply'

/**
 * Revocations, in the spelling of {@link simplify}. Carriers act only on the exact default words, but the law counts any reasonable
 * way of saying so: "STOP please" blocks nothing at Twilio and is a revocation all the same.
 *
 * Sources: 47 CFR 64.1200(a)(10) names stop, quit, end, revoke, opt out, cancel and unsubscribe; Twilio's default set adds stopall
 * and optout (https://help.twilio.com/articles/223134027). The other phrases are what people write, in the languages of the US.
 */
const STOP: ReadonlySet<string> = new Set([
  'stop',
  'stopall',
  'stop all',
  'quit',
  'end',
  'revoke',
  'optout',
  'opt out',
  'opt me out',
  'cancel',
  'unsubscribe',
  'unsubscribe me',
  'remove me',
  'take me off',
  'take me off your list',
  'remove me from your list',
  'leave me alone',
  'no more',
  'no more texts',
  'no more messages',
  'do not text',
  'do not text me',
  'dont text',
  'dont text me',
  'do not contact me',
  'dont contact me',
  'do not message me',
  'dont message me',
  // A number that has gone to somebody else: nobody there ever agreed.
  'wrong number',
  'wrong person',
  // Spanish, French, German
  'alto',
  'baja',
  'parar',
  'no mas',
  'arret',
  'stopp',
])

/** Said with any of these, a clear "stop" is still a "stop". */
const FILLERS_OF_CLEAR: ReadonlySet<string> = new Set(
  'all any anymore immediately me message messages messaging my now number please pls plz right sending spamming text texting texts thank thanks the these this to u you'.split(
    ' ',
  ),
)
const CLEAR: ReadonlySet<string> = new Set(['stop', 'unsubscribe', 'revoke', 'optout', 'opt out'])

/** "Cancel" and "end" alone are revocations; with more words ("cancel this order") they mean something else. Courtesy aside. */
const COURTESY: ReadonlySet<string> = new Set(['please', 'pls', 'plz', 'thanks', 'thank', 'you', 'now'])

/** "Yes" is a word of Twilio's too, but people say it to other questions; only what Twilio acted on itself counts. */
const START: ReadonlySet<string> = new Set(['start', 'unstop'])
const HELP: ReadonlySet<string> = new Set(['help', 'info'])

/** Reads a text as a person would, in favour of "no": a block is mended with one word, an unwanted text is not. */
export function meaningOf(text: string): TextMeaning {
  const words = simplify(text)
  if (START.has(words)) return 'start'
  if (HELP.has(words)) return 'help'
  if (STOP.has(words) || STOP.has(without(words, COURTESY))) return 'stop'
  return CLEAR.has(without(words, FILLERS_OF_CLEAR)) ? 'stop' : 'reply'
}

/** Lower case, without accents, apostrophes, punctuation and surplus spaces. */
function simplify(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/[\p{M}'’]/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

function without(words: string, fillers: ReadonlySet<string>): string {
  return words
    .split(' ')
    .filter((word) => !fillers.has(word))
    .join(' ')
}
