import { type Fragment, html, type Html } from './html.ts'

/**
 * Parts of forms. Everything is a native control with a label, so that it works by keyboard, by voice, with a screen reader and
 * without scripts. Ids are made from names, and names are unique on a page.
 */

export interface Choice {
  readonly type: 'checkbox' | 'radio' | 'switch'
  readonly name: string
  readonly value: string
  readonly label: Fragment
  readonly hint?: Fragment
  readonly checked?: boolean
  readonly disabled?: boolean
}

/** A box, a radio button or a box that looks like a switch. A switch stays a checkbox to everybody who does not look at it. */
export function choice({ type, name, value, label, hint, checked, disabled }: Choice): Html {
  const id = idOf(`${name} ${value}`)
  const hasHint = hint !== undefined && hint !== false
  return html`<div class="choice${type === 'switch' && ' side'}">
    <input
      type="${type === 'radio' ? 'radio' : 'checkbox'}"
      ${type === 'switch' && html` class="switch"`}
      id="${id}"
      name="${name}"
      value="${value}"
      ${checked === true && html` checked`}${disabled === true && html` disabled`}${hasHint && html` aria-describedby="${id}-hint"`}
    />
    <label for="${id}">${label}</label>${hasHint && html`<p class="hint" id="${id}-hint">${hint}</p>`}
  </div> `
}

export interface TextField {
  readonly type: 'email' | 'tel'
  readonly name: string
  readonly label: string
  readonly hint?: string
  readonly value?: string
  readonly autocomplete: string
  /** What is wrong with what was entered. */
  readonly wrong?: string
}

export function textField({ type, name, label, hint, value, autocomplete, wrong }: TextField): Html {
  const described = [wrong !== undefined && `${name}-wrong`, hint !== undefined && `${name}-hint`].filter(
    (id): id is string => id !== false,
  )
  return html`<div class="field">
    <label for="${name}">${label}</label>
    ${wrong !== undefined && html`<p class="wrong" id="${name}-wrong">${wrong}</p>`}
    <input
      type="${type}"
      id="${name}"
      name="${name}"
      value="${value ?? ''}"
      autocomplete="${autocomplete}"
      ${described.length > 0 && html` aria-describedby="${described.join(' ')}"`}${wrong !== undefined && html` aria-invalid="true"`}
    />
    ${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}
  </div> `
}

export interface Select {
  readonly name: string
  readonly label: string
  readonly options: readonly { readonly value: string; readonly label: string; readonly lang?: string }[]
  readonly value: string
}

export function select({ name, label, options, value }: Select): Html {
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <select id="${name}" name="${name}">
      ${options.map(
        (option) =>
          html`<option
            value="${option.value}"
            ${option.lang !== undefined && html` lang="${option.lang}"`}${option.value === value && html` selected`}
          >
            ${option.label}
          </option>`,
      )}
    </select>
  </div> `
}

export function hidden(name: string, value: string | number): Html {
  return html`<input type="hidden" name="${name}" value="${value}" />`
}

/**
 * A field that people neither see nor reach, and that programs fill in. Browsers are told to leave it alone.
 * Whoever fills it is answered as everybody is, and nothing happens.
 */
export function trap(name: string, label: string): Html {
  return html`<div class="away" aria-hidden="true">
    <label for="${name}">${label}</label
    ><input type="text" id="${name}" name="${name}" value="" tabindex="-1" autocomplete="off" />
  </div> `
}

export interface Mistake {
  /** Id of the field to go to. */
  readonly field: string
  readonly words: string
}

/** At the top of a form that came back: what is wrong, each line a link to its field (WCAG 2.2, 3.3.1). */
export function errorSummary(title: string, mistakes: readonly Mistake[]): Html {
  return html`<div class="note warn" role="alert" aria-labelledby="mistakes" tabindex="-1">
    <h2 id="mistakes">${title}</h2>
    <ul>
      ${mistakes.map(({ field, words }) => html`<li><a href="#${field}">${words}</a></li>`)}
    </ul>
  </div> `
}

/** What has just been done. */
export function notice(words: Fragment, kind: 'done' | 'warn' = 'done'): Html {
  return html`<div class="note${kind === 'warn' && ' warn'}" role="status"><p>${words}</p></div> `
}

export function idOf(name: string): string {
  return name.replaceAll(/[^\w-]+/g, '-')
}
