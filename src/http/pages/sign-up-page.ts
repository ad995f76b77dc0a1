import type { Language } from '../../consent/preferences/language.ts'
import { type Disclosure, disclosureOf, titleOf } from '../../consent/preferences/disclosure.ts'
import { type Channel, CHANNELS } from '../../core/compiled-journey.ts'
import type { CompiledWorkspace, Policy, Purpose } from '../../core/workspace.ts'
import { choice, errorSummary, hidden, type Mistake, textField, trap } from './form-parts.ts'
import { html, type Html } from './html.ts'
import type { Document } from './page.ts'
import { footOf } from './preference-page.ts'
import { languageNames, wordsFor } from './words/languages.ts'
import type { Words } from './words/words.ts'

/** A purpose that people may sign up for, and how. */
export interface Offered {
  readonly name: string
  readonly purpose: Purpose
  readonly workspace: CompiledWorkspace
  /** In whose name it is asked for, on each channel that has a sender. At least one. */
  readonly voices: readonly { readonly channel: Channel; readonly policy: Policy }[]
}

export function channelsOf({ voices }: Offered): readonly Channel[] {
  return voices.map(({ channel }) => channel)
}

export function brandOf({ voices }: Offered): string {
  return voices[0]?.policy.brand ?? ''
}

export const SIGN_UP_FIELD = {
  box: 'agree',
  email: 'email',
  sms: 'phone',
  trap: 'website',
  version: 'version',
} as const

/** What was entered, to be shown again. */
export interface Entered {
  readonly email: string
  readonly sms: string
  readonly boxes: readonly Channel[]
}

export const NOTHING_ENTERED: Entered = { email: '', sms: '', boxes: [] }

export function disclosuresOf(offered: Offered, language: Language): Partial<Readonly<Record<Channel, Disclosure>>> {
  const { name, purpose, voices } = offered
  return Object.fromEntries(
    voices.map(({ channel, policy }) => [channel, disclosureOf({ name, purpose, policy }, channel, language)]),
  )
}

/** Changes when any of the words do that are agreed to. */
export function signUpVersion(offered: Offered, language: Language): string {
  const shown = disclosuresOf(offered, language)
  return CHANNELS.map((channel) => shown[channel]?.hash.slice(0, 12) ?? '').join('.')
}

/** The sign-up form. No box is ticked by us; what was entered before a mistake is kept. */
export function signUpPage(
  offered: Offered,
  language: Language,
  entered: Entered,
  mistakes: readonly Mistake[],
): Document {
  const all = wordsFor(language)
  const words = all.signUp
  const { purpose, name, voices } = offered
  const channels = channelsOf(offered)
  const title = words.title(titleOf(name, purpose))
  const shown = disclosuresOf(offered, language)
  const own = purpose.disclosure !== undefined
  return {
    title: mistakes.length === 0 ? title : `${words.mistakes}: ${title}`,
    heading: title,
    brand: brandOf(offered),
    language,
    wide: true,
    body: html`<p>${purpose.description}</p>
      ${mistakes.length > 0 && errorSummary(words.mistakes, mistakes)}
      <form class="card" method="post" action="?lang=${language}" novalidate>
        <h2>${words.how}</h2>
        <p>${words.howHint}</p>
        ${own && html`<blockquote>${purpose.disclosure?.text}</blockquote>`}
        ${channels.map(
          (channel) =>
            html`<fieldset class="consent">
              <legend class="away">${all.preferences.channels[channel]}</legend>
              ${box(channel, own ? undefined : shown[channel], entered, words)}
              ${addressField(channel, entered, mistakes, all)}
            </fieldset> `,
        )}
        ${trap(SIGN_UP_FIELD.trap, words.trap)}${hidden(SIGN_UP_FIELD.version, signUpVersion(offered, language))}
        <div class="actions"><button type="submit">${words.button}</button></div>
      </form>`,
    foot: voices[0] && footOf(voices[0].policy, all, languageLinks(language, all)),
  }
}

function addressField(channel: Channel, entered: Entered, mistakes: readonly Mistake[], words: Words): Html {
  const field = SIGN_UP_FIELD[channel]
  const wrong = mistakes.find((mistake) => mistake.field === field)?.words
  const { emailLabel, phoneLabel, phoneHint } = words.signUp
  return textField({
    ...(channel === 'email'
      ? { type: 'email', label: emailLabel, autocomplete: 'email' }
      : { type: 'tel', label: phoneLabel, hint: phoneHint, autocomplete: 'tel' }),
    name: field,
    value: entered[channel],
    ...(wrong === undefined ? {} : { wrong }),
  })
}

function box(channel: Channel, shown: Disclosure | undefined, entered: Entered, words: Words['signUp']): Html {
  return choice({
    type: 'checkbox',
    name: SIGN_UP_FIELD.box,
    value: channel,
    label: html`<b>${words.box[channel]}</b>`,
    hint: shown?.text,
    checked: entered.boxes.includes(channel),
  })
}

/** Another language is another page: following a link sends nothing that was entered. */
function languageLinks(language: Language, words: Words): Html {
  return html`<nav class="langs" aria-label="${words.preferences.language}">
    ${languageNames().map(({ value, label }) =>
      value === language
        ? html`<a href="?lang=${value}" lang="${value}" aria-current="true">${label}</a>`
        : html`<a href="?lang=${value}" lang="${value}" hreflang="${value}">${label}</a>`,
    )}
  </nav>`
}
