import { LANGUAGES, type Language } from '../../../consent/preferences/language.ts'
import { ENGLISH } from './english.ts'
import { SPANISH } from './spanish.ts'
import type { Words } from './words.ts'

const WORDS: Readonly<Record<Language, Words>> = { en: ENGLISH, es: SPANISH }

export function wordsFor(language: Language): Words {
  return WORDS[language]
}

/** Every language by its own name, for a choice. */
export function languageNames(): readonly {
  readonly value: Language
  readonly label: string
  readonly lang: Language
}[] {
  return LANGUAGES.map((language) => ({ value: language, label: WORDS[language].name, lang: language }))
}
