import { createHash } from 'node:crypto'
import type { Channel } from '../../core/compiled-journey.ts'
import type { Policy, Purpose } from '../../core/workspace.ts'
import type { Language } from './language.ts'

/** What is shown beside a box, exactly; it goes into the ledger as it is. */
export interface Disclosure {
  readonly text: string
  /** Of the author's own wording, or of the built-in one. */
  readonly version: string
  /** SHA-256 of the text, in hex: two records with one hash were shown the same words. */
  readonly hash: string
}

/** Changes whenever the built-in wording below does: a record names the words that were shown. */
const BUILT_IN = 'built-in-1'

/**
 * The words of a call to action: who sends, what, how often, what it costs, how to get help and out, and that nothing depends on it.
 * The author's own, if the purpose has any; they stand for every channel, and the linter sees to what must be in them.
 *
 * 47 CFR 64.1200(f)(9) (clear disclosure, named seller, not a condition of purchase); CTIA Messaging Principles 5.1.1 (programme,
 * frequency, rates, HELP, STOP, terms, privacy); CASL section 10 (purpose, who asks, that it can be taken back).
 */
export function disclosureOf(
  asked: { readonly name: string; readonly purpose: Purpose; readonly policy: Policy },
  channel: Channel,
  language: Language,
): Disclosure {
  const { purpose } = asked
  const own = purpose.disclosure
  const text = own === undefined ? builtIn(asked, channel, language) : own.text
  const version = own?.version ?? `${BUILT_IN}-${language}`
  return { text, version, hash: createHash('sha256').update(text).digest('hex') }
}

/** What people call a purpose: its title, or its id in words. */
export function titleOf(name: string, purpose: Purpose): string {
  if (purpose.title !== undefined) return purpose.title
  const words = name.replaceAll(/[-_.]+/g, ' ')
  return words.slice(0, 1).toUpperCase() + words.slice(1)
}

function builtIn(
  { name, purpose, policy }: { readonly name: string; readonly purpose: Purpose; readonly policy: Policy },
  channel: Channel,
  language: Language,
): string {
  const { brand, postalAddress } = policy
  const title = titleOf(name, purpose)
  const often = purpose.frequency
  const texts: Readonly<Record<Language, Readonly<Record<Channel, string>>>> = {
    en: {
      email: `Yes, ${brand} may email me about: ${title}.${often === undefined ? '' : ` Frequency: ${often}.`} I can unsubscribe at any time with the link in every email. Sender: ${brand}, ${postalAddress}.`,
      sms: `Yes, I agree to receive recurring automated marketing text messages from ${brand} about: ${title}, at the number I give. Consent is not a condition of any purchase. ${often === undefined ? 'Message frequency varies.' : `Message frequency: ${often}.`} Message and data rates may apply. Reply HELP for help or STOP to cancel.`,
    },
    es: {
      email: `Sí, ${brand} puede escribirme por correo electrónico sobre: ${title}.${often === undefined ? '' : ` Frecuencia: ${often}.`} Puedo darme de baja en cualquier momento con el enlace de cada correo. Remitente: ${brand}, ${postalAddress}.`,
      sms: `Sí, acepto recibir mensajes de texto de marketing periódicos y automatizados de ${brand} sobre: ${title}, en el número que indico. El consentimiento no es condición para ninguna compra. ${often === undefined ? 'La frecuencia de los mensajes varía.' : `Frecuencia de los mensajes: ${often}.`} Pueden aplicarse tarifas de mensajes y datos. Responda HELP para recibir ayuda o STOP para cancelar.`,
    },
  }
  return texts[language][channel]
}
