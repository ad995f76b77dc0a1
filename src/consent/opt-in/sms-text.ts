import type { Language } from '../preferences/language.ts'

/** What the messages around an opt-in name. */
export interface Programme {
  readonly brand: string
  /** What people call the purpose. */
  readonly title: string
  /** In the words of a call to action; absent: it varies. */
  readonly frequency?: string
  readonly language: Language
}

/** The words of one language. All of them are GSM-7 as they stand. */
interface Words {
  readonly request: (title: string) => string
  readonly welcome: (title: string) => string
  readonly varies: string
  /** Where the title has no letter that a text can carry. */
  readonly untitled: string
  /** Rates, HELP and STOP: the carriers' words, which stay as they are in every language. */
  readonly rest: string
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    request: (title) => `Reply Y to confirm that you want texts about ${title}.`,
    welcome: (title) => `You will now get texts about ${title}.`,
    varies: 'message frequency varies',
    untitled: 'news and offers',
    rest: 'Msg & data rates may apply. Reply HELP for help, STOP to opt out.',
  },
  es: {
    request: (title) => `Responda Y para confirmar que quiere mensajes sobre ${title}.`,
    welcome: (title) => `Desde ahora recibe mensajes sobre ${title}.`,
    varies: 'la frecuencia de mensajes varia',
    untitled: 'novedades y ofertas',
    rest: 'Pueden aplicarse tarifas de mensajes y datos. Responda HELP para ayuda, STOP para cancelar.',
  },
}

/**
 * Asks for the second half of a double opt-in. "Y", because YES is an opt-in word of Twilio's own, which lifts a block there and may
 * never reach us (https://help.twilio.com/articles/223134027).
 */
export function requestText(programme: Programme): string {
  return compose(programme, WORDS[programme.language].request)
}

/**
 * What everybody gets who has opted in, before anything else: programme and brand, frequency, rates, HELP and STOP.
 * CTIA Messaging Principles and Best Practices (2023) 5.1.1; Short Code Monitoring Handbook, "opt-in confirmation message".
 */
export function confirmationText(programme: Programme): string {
  return compose(programme, WORDS[programme.language].welcome)
}

// Together with the fixed words these stay within two segments of GSM-7, 306 septets.
const BRAND_MAX = 40
const TITLE_MAX = 56
const FREQUENCY_MAX = 44

function compose(programme: Programme, says: Words['request']): string {
  const { varies, untitled, rest } = WORDS[programme.language]
  const brand = clip(gsm(programme.brand), BRAND_MAX)
  const title = clip(withoutEnd(gsm(programme.title)) || untitled, TITLE_MAX)
  const frequency = clip(withoutEnd(gsm(programme.frequency ?? '')) || varies, FREQUENCY_MAX)
  const often = `${frequency.slice(0, 1).toUpperCase()}${frequency.slice(1)}`
  return `${brand}: ${says(title)} ${often}. ${rest}`
}

/** 3GPP TS 23.038 section 6.2.1, without the extension table: its characters take two places. */
const GSM_7 = new Set(
  `@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà`,
)
const SPELT_OUT: Readonly<Record<string, string>> = {
  '’': "'",
  '‘': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '€': 'EUR',
  '™': '',
}

/**
 * The words in GSM-7: one letter outside of it would halve what fits, and the carriers' words must all be there. A letter with a foreign
 * accent loses the accent; what has no likeness is left out.
 */
function gsm(words: string): string {
  const letters = Array.from(words.normalize('NFC').replaceAll(/\s+/g, ' '), (letter) => {
    if (GSM_7.has(letter)) return letter
    const plain = SPELT_OUT[letter] ?? letter.normalize('NFKD')
    return Array.from(plain)
      .filter((part) => GSM_7.has(part))
      .join('')
  })
  return letters.join('').replaceAll(/ {2,}/g, ' ').trim()
}

/** Cut at a word, if there is one to cut at. */
function clip(words: string, max: number): string {
  if (words.length <= max) return words
  const cut = words.slice(0, max - 3)
  const space = cut.lastIndexOf(' ')
  return `${(space > max / 2 ? cut.slice(0, space) : cut).trimEnd()}...`
}

function withoutEnd(words: string): string {
  return words.replace(/[.\s]+$/, '')
}
