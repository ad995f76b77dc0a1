import { ENGLISH } from './english.ts'
import { keywordsOf, SPANISH_KEYWORDS } from './keywords.ts'
import { clausesOf, pictureIn } from './plain-words.ts'
import type { Hint, Meaning, Rule, StopScope } from './rule.ts'
import { SPANISH } from './spanish.ts'
import { isTypoOf } from './typo.ts'

export interface Classification {
  readonly meaning: Meaning
  /** Only of a revocation, and only where the words themselves say how far it goes. */
  readonly scope?: StopScope
  readonly hints: readonly Hint[]
  /** In which it was understood, and is answered; English where the words do not say. */
  readonly language: 'en' | 'es'
  /** The rule that decided; `none` where no rule did. Stored, shown to operators, never renamed. */
  readonly rule: string
}

type Decided = Omit<Classification, 'scope' | 'language'>

const RULES: readonly Rule[] = [...ENGLISH, ...SPANISH]

/** Said with any of these, a keyword is still that keyword. */
const COURTESY: ReadonlySet<string> = new Set(
  'please thanks thank you now ok okay already immediately por favor gracias ya porfis kindly sir maam danke bitte merci obrigado grazie'.split(
    ' ',
  ),
)
/** Words of refusal that are recognised although mistyped; the others have too many neighbours that mean something. */
const TYPED_BADLY: readonly string[] = ['stop', 'cancel', 'unsubscribe', 'optout', 'cancelar', 'parar']
/** Slips of short words, one by one: most of their other neighbours are words. */
const SLIPS: ReadonlyMap<string, string> = new Map([
  ['quitt', 'quit'],
  ['endd', 'end'],
  ['st0p', 'stop'],
  ['bja', 'baja'],
  ['altoo', 'alto'],
  ['op out', 'opt out'],
  ['optt out', 'opt out'],
])

/**
 * What a text from a person asks for, by rules alone: the same answer for ever, and a reason that can be read out in court.
 *
 * In favour of "no": a block is mended with one word, an unwanted text is not. The law counts any way that a reasonable person would
 * understand (47 CFR 64.1200(a)(10)), while carriers act on exact keywords only.
 *
 * @param about `country` (ISO 3166) adds the keywords of that country; absent, those of the United States.
 */
export function classify(text: string, about: { readonly country?: string } = {}): Classification {
  const clauses = clausesOf(text)
  const whole = clauses.join(' ')
  const picture = withoutCourtesy(whole) === '' ? pictureIn(text) : undefined
  if (picture !== undefined) {
    const meaning = picture === 'stop' ? 'revoke' : 'ambiguous'
    return { meaning, hints: [], language: languageOf(whole, ''), rule: `picture.${picture}` }
  }
  const said = phrase(clauses, whole)
  const decided = keyword(whole, clauses, about.country) ?? said
  if (decided === undefined) return { meaning: 'reply', hints: [], language: 'en', rule: 'none' }
  const hints = new Set([...decided.hints, ...(said?.hints ?? [])])
  if (decided.meaning === 'revoke') {
    if (/\b(?:e ?mail(?:s|ing|ed)?|correos?)\b/.test(whole)) hints.add('email')
    if (/\b(?:texts?|texting|mensajes? de texto|textos?)\b/.test(whole)) hints.add('texts')
  }
  const scope = decided.meaning === 'revoke' ? scopeOf(whole, hints) : undefined
  const language = languageOf(whole, decided.rule)
  return { ...decided, ...(scope === undefined ? {} : { scope }), hints: [...hints], language }
}

function keyword(whole: string, clauses: readonly string[], country: string | undefined): Decided | undefined {
  const known = keywordsOf(country)
  const bare = withoutCourtesy(whole)
  for (const words of new Set([whole, bare])) {
    if (known.revoke.includes(words))
      return { meaning: 'revoke', hints: [], rule: `keyword.${words.replaceAll(' ', '_')}` }
    if (known.start.includes(words)) return { meaning: 'start', hints: [], rule: 'keyword.start' }
    if (known.help.includes(words) || HELP.test(words)) return { meaning: 'help', hints: [], rule: 'keyword.help' }
  }
  // Nothing but keywords, and one of them a refusal: "STOP HELP", "STOP YES".
  const said = bare.split(' ')
  const isOther = (word: string): boolean => known.start.includes(word) || known.help.includes(word) || YES.has(word)
  if (said.some((word) => CLEAR.has(word)) && said.every((word) => CLEAR.has(word) || isOther(word)))
    return { meaning: 'revoke', hints: [], rule: 'keyword.mixed' }
  // A sentence that is one word of refusal, whatever the others say: "I did not order this. Stop."
  const alone = clauses.map(withoutCourtesy).find((clause) => known.revoke.includes(clause) && !TIMID.has(clause))
  if (alone !== undefined) return { meaning: 'revoke', hints: [], rule: 'keyword.sentence' }
  const meant = SLIPS.get(bare)
  const joined = bare.replaceAll(' ', '')
  const isTypo = bare !== '' && bare.split(' ').length <= 2 && isTypoOf(joined, TYPED_BADLY)
  return meant !== undefined || isTypo ? { meaning: 'revoke', hints: [], rule: 'typo' } : undefined
}

const HELP =
  /^(?:i need |need |can you |can someone |please )*(?:help|info)(?: me| please)*$|^more info(?:rmation)?$|^(?:necesito |me (?:puede[ns]? )?)?(?:ayuda|ayudar|ayudan|ayudame|ayudenme)$/

/** Words of refusal that are said of nothing else, whatever keyword stands beside them. */
const CLEAR: ReadonlySet<string> = new Set(['stop', 'stopall', 'unsubscribe', 'quit', 'optout', 'revoke'])
const YES: ReadonlySet<string> = new Set(['y', 'yes', 'si'])

/** Words of refusal that are also said of other things within a longer text. */
const TIMID: ReadonlySet<string> = new Set(
  'out end remove halt para fin fine uit ende salir terminar eliminar alto'.split(' '),
)

/** The first rule that matches a clause; a refusal anywhere outweighs a doubt anywhere else. */
function phrase(clauses: readonly string[], whole: string): Decided | undefined {
  const matched = RULES.filter((rule) => {
    // A bare "no" is one only if nothing else was said.
    const read = rule.id.endsWith('.no') ? [whole] : clauses
    return read.some((clause) => rule.pattern.test(clause) && rule.unless?.test(clause) !== true)
  })
  const decisive = matched.find(({ meaning }) => meaning === 'revoke') ?? matched[0]
  if (decisive === undefined) return undefined
  return {
    meaning: decisive.meaning,
    hints: [...new Set(matched.flatMap(({ hint }) => hint ?? []))],
    rule: decisive.id,
  }
}

/** How far a refusal goes by its own words; most do not say. */
function scopeOf(whole: string, hints: ReadonlySet<Hint>): StopScope | undefined {
  if (hints.has('wrong_number') || EVERYTHING.test(whole)) return 'everything'
  return MARKETING.test(whole) ? 'marketing' : undefined
}

const EVERYTHING =
  /\b(?:stop ?all|all (?:texts|messages|communications?|contact)|everything|never (?:text|contact|message)|do not (?:call|contact)|dont contact|cease and desist|(?:delete|remove|erase|lose|loose|forget|block) (?:me|my|this)|leave (?:me|us)(?: \w+){0,3} alone|consent|permission|todo|todos|nunca|jamas|borr\w+ mi|elimin\w+ mi|olvid\w+ mi|pierd\w+ mi|en paz|no me contacten|consentimiento)\b/
const MARKETING =
  /\b(?:promos?|promotions?|promotional|ads?|advertising|marketing|offers|publicidad|promociones|anuncios|ofertas)\b/

/** By the rule, or by the keyword itself. */
function languageOf(whole: string, rule: string): 'en' | 'es' {
  const word = rule === 'typo' ? '' : withoutCourtesy(whole)
  const isSpanish =
    rule.startsWith('es.') || SPANISH_KEYWORDS.has(word) || /\b(?:ayud\w+|por favor|gracias)\b/.test(whole)
  return isSpanish ? 'es' : 'en'
}

function withoutCourtesy(words: string): string {
  return words
    .split(' ')
    .filter((word) => !COURTESY.has(word))
    .join(' ')
}
