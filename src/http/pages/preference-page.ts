import { type PreferenceView, pageVersion, type Switch, type Topic } from '../../consent/preferences/view.ts'
import type { Policy } from '../../core/workspace.ts'
import { choice, hidden, idOf, notice, select } from './form-parts.ts'
import { type Fragment, html, type Html } from './html.ts'
import type { Document } from './page.ts'
import { languageNames, wordsFor } from './words/languages.ts'
import type { PreferenceWords, Words } from './words/words.ts'

/** What was just done, as the address of the page says after the redirect. Whoever makes one up fools only themselves. */
export const DONE = ['saved', 'paused', 'resumed', 'stopped', 'email', 'sms', 'later', 'outdated'] as const
export type Done = (typeof DONE)[number]

/** Names of the fields; what the form sends and what its reader reads. */
export const FIELD = {
  button: 'do',
  on: 'on',
  shownOn: 'shown',
  fewer: 'fewer',
  shownFewer: 'shown_fewer',
  language: 'language',
  shownLanguage: 'shown_language',
  shownAt: 'at',
  version: 'version',
} as const

/**
 * The preference centre as a document: three forms, each with a button of its own, so that Enter presses the one that is near. What is
 * shown is sent along, so that only what somebody touched counts.
 */
export function preferencePage(view: PreferenceView, done: readonly Done[], zone: string, now: number): Document {
  const all = wordsFor(view.language)
  const words = all.preferences
  const { policy } = view
  return {
    title: words.title,
    brand: policy.brand,
    language: view.language,
    wide: true,
    body: html`<p>${introduction(view, all)}</p>
      ${done.map((one) => notices(one, words))}
      <form class="card" method="post" action="?">
        <h2>${words.topics}</h2>
        <div class="topics">${view.topics.map((topic) => topicPart(topic, words))}</div>
        <div class="pair">
          <fieldset aria-describedby="fewer-hint">
            <legend><h2>${words.howOften}</h2></legend>
            <p class="small" id="fewer-hint">${words.howOftenHint}</p>
            ${(['none', 'week', 'month'] as const).map((value) =>
              choice({
                type: 'radio',
                name: FIELD.fewer,
                value,
                label: words.fewer[value],
                checked: view.fewer === value,
              }),
            )}
          </fieldset>
          ${select({ name: FIELD.language, label: words.language, options: languageNames(), value: view.language })}
        </div>
        ${shown(view, now)}
        <div class="actions"><button type="submit" name="${FIELD.button}" value="save">${words.save}</button></div>
      </form>
      <div class="cards">
        ${pausePart(view, all, zone)}
        <section class="card" aria-labelledby="stop">
          <h2 id="stop">${words.stopTitle}</h2>
          <p>${words.stopText}</p>
          <form method="post" action="?">
            <button class="no" type="submit" name="${FIELD.button}" value="stop">${words.stop}</button>
          </form>
        </section>
      </div>
      ${alwaysPart(view, words)}`,
    foot: footOf(policy, all, words.needsNoScript),
  }
}

function introduction(view: PreferenceView, words: Words): string {
  const named = view.addresses.map(({ channel, masked }) =>
    channel === 'email' ? masked : words.numberEndingIn(masked),
  )
  const [first, second] = named
  if (first === undefined) return words.preferences.noAddress
  return words.preferences.about(second === undefined ? first : words.both(first, second))
}

function notices(done: Done, words: PreferenceWords): Html {
  switch (done) {
    case 'saved':
      return notice(words.saved)
    case 'paused':
      return notice(words.paused)
    case 'resumed':
      return notice(words.resumed)
    case 'stopped':
      return notice(words.stoppedAll)
    case 'email':
    case 'sms':
      return notice(words.asked[done])
    case 'later':
      return notice(words.later, 'warn')
    case 'outdated':
      return notice(words.outdated, 'warn')
    default:
      return done satisfies never
  }
}

function topicPart({ purpose, title, description, switches }: Topic, words: PreferenceWords): Html {
  const id = idOf(`topic ${purpose}`)
  return html`<fieldset class="topic" aria-describedby="${id}">
    <legend>${title}</legend>
    <p id="${id}">${description}</p>
    ${switches.map((one) => switchPart(purpose, one, words))}
  </fieldset> `
}

function switchPart(purpose: string, one: Switch, words: PreferenceWords): Html {
  const { channel, on, turnOn } = one
  return choice({
    type: 'switch',
    name: FIELD.on,
    value: `${purpose}:${channel}`,
    label: words.channels[channel],
    hint: on ? undefined : hintOf(one, words),
    checked: on,
    disabled: !on && turnOn.kind === 'not_here',
  })
}

/** What turning it on means, in full and beside the control, before it is turned on (47 CFR 64.1200(f)(9): clear and conspicuous). */
function hintOf({ channel, turnOn, disclosure }: Switch, words: PreferenceWords): Fragment {
  if (turnOn.kind === 'not_here') return words.obstacles[turnOn.why]
  const first = turnOn.kind === 'after_confirmation' && ` ${words.confirmsFirst[channel]}`
  return html`<b>${words.byTurningOn}</b> ${disclosure.text}${first}`
}

/** What the page showed, to be sent back with what was made of it. */
function shown(view: PreferenceView, now: number): Html {
  const on = view.topics.flatMap(({ purpose, switches }) =>
    switches.flatMap((one) => (one.on ? [hidden(FIELD.shownOn, `${purpose}:${one.channel}`)] : [])),
  )
  return html`${on}${hidden(FIELD.shownFewer, view.fewer)}${hidden(FIELD.shownLanguage, view.language)}${hidden(FIELD.shownAt, now)}${hidden(FIELD.version, pageVersion(view))}`
}

function pausePart({ pausedUntil }: PreferenceView, words: Words, zone: string): Html {
  const { preferences } = words
  const paused = pausedUntil !== undefined
  return html`<section class="card" aria-labelledby="pause">
    <h2 id="pause">${paused ? preferences.pausedTitle : preferences.pauseTitle}</h2>
    <p>${paused ? preferences.pausedUntil(words.day(pausedUntil, zone)) : preferences.pauseText}</p>
    <form method="post" action="?">
      <button class="quiet" type="submit" name="${FIELD.button}" value="${paused ? 'resume' : 'pause'}">
        ${paused ? preferences.resume : preferences.pause}
      </button>
    </form>
  </section>`
}

function alwaysPart({ always }: PreferenceView, words: PreferenceWords): Html | undefined {
  if (always.length === 0) return undefined
  return html`<section class="card plain" aria-labelledby="always">
    <h2 id="always">${words.alwaysTitle}</h2>
    <p>${words.alwaysText}</p>
    <ul>
      ${always.map(({ title, description }) => html`<li><b>${title}</b>: <span class="soft">${description}</span></li>`)}
    </ul>
  </section>`
}

/** Who is behind the page (CAN-SPAM and CASL ask for the postal address), and where their terms are. */
export function footOf({ brand, postalAddress, links }: Policy, words: Words, last?: Fragment): Fragment {
  const link = (url: string | undefined, label: string): Fragment =>
    url !== undefined && /^https?:\/\//.test(url) && html` · <a href="${url}">${label}</a>`
  return html`${brand},
  ${postalAddress}${link(links?.terms, words.terms)}${link(links?.privacy, words.privacy)}${last !== undefined && html`<div>${last}</div>`}`
}
