/** Longer texts are read from their beginning: whoever wants to be left alone says so early. */
const READ = 1_000

/** How people write on phones, as they would write it on paper. */
const SPELLED_OUT: ReadonlyMap<string, string> = new Map([
  ['txt', 'text'],
  ['txts', 'texts'],
  ['txting', 'texting'],
  ['txtin', 'texting'],
  ['textin', 'texting'],
  ['msg', 'message'],
  ['msgs', 'messages'],
  ['mssg', 'message'],
  ['mssgs', 'messages'],
  ['msging', 'messaging'],
  ['sms', 'text'],
  ['pls', 'please'],
  ['plz', 'please'],
  ['plss', 'please'],
  ['pleas', 'please'],
  ['thx', 'thanks'],
  ['tks', 'thanks'],
  ['u', 'you'],
  ['ur', 'your'],
  ['dnt', 'dont'],
  ['wanna', 'want to'],
  ['im', 'i am'],
  ['id', 'i would'],
  ['ill', 'i will'],
  ['nomore', 'no more'],
  ['num', 'number'],
  ['ph', 'phone'],
  ['fone', 'phone'],
  // Spanish
  ['msj', 'mensaje'],
  ['msjs', 'mensajes'],
  ['mjs', 'mensajes'],
  ['xfa', 'por favor'],
  ['xfavor', 'por favor'],
  ['porfa', 'por favor'],
  ['porfavor', 'por favor'],
  ['kiero', 'quiero'],
  ['q', 'que'],
])

/**
 * The clauses of a text: lower case, without accents and apostrophes, words one blank apart, letters that were held down counted
 * once. Clauses end where a reader would pause, so that "No, I want the large" is not one "no".
 */
export function clausesOf(text: string): readonly string[] {
  const plain = text
    .slice(0, READ)
    .normalize('NFKD')
    .replaceAll(/[\p{M}'’‘`´]/gu, '')
    .toLowerCase()
    // Somebody who hides a word from a filter ("f***ing") still says it.
    .replaceAll(/(?<=\p{L})[*@$]+(?=\p{L}|\b|$)/gu, (stars) => 'x'.repeat(Math.min(stars.length, 3)))
    .replaceAll('#', ' number ')
    // "opt-out", "S.T.O.P": no pause.
    .replaceAll(/(?<=\p{L})[-_/](?=\p{L})/gu, ' ')
    .replaceAll(/(?<=\b\p{L})[.](?=\p{L}\b)/gu, ' ')
  return plain
    .split(/[.,;:!?¡¿\n\r()[\]"“”«»…|–—]+/u)
    .map((clause) => spelledOut(clause.replaceAll(/[^\p{L}\p{N}]+/gu, ' ').trim()))
    .filter((clause) => clause !== '')
}

function spelledOut(clause: string): string {
  const words = clause.split(' ')
  const letters = words.length >= 3 && words.every((word) => word.length === 1) ? [words.join('')] : words
  return letters
    .map((word) => word.replaceAll(/(\p{L})\1{2,}/gu, '$1'))
    .map((word) => SPELLED_OUT.get(word) ?? word)
    .join(' ')
}

/** What a picture says that stands alone, or with nothing but words of courtesy. */
export function pictureIn(text: string): 'stop' | 'insult' | undefined {
  if (/[\u{1F6D1}\u{26D4}\u{1F6AB}\u{1F515}]/u.test(text)) return 'stop'
  return /\u{1F595}/u.test(text) ? 'insult' : undefined
}
