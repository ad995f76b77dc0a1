import { createHash } from 'node:crypto'

/**
 * One style for every page that people outside see. No fonts, images or scripts are fetched: the content security policy lets in
 * nothing but this text, by its hash. Contrast is at least 4.5 to 1 for text and 3 to 1 for the edges of controls, in both schemes
 * (WCAG 2.2, 1.4.3 and 1.4.11); targets are at least 24 pixels high (2.5.8); sizes are in rem, so that they follow the reader.
 */
const STYLE = `
:root { color-scheme: light dark;
  --ink: #17211b; --soft: #54615a; --paper: #ffffff; --ground: #f3f5f2; --line: #dfe4de; --edge: #78867e;
  --act: #17613f; --act-ink: #ffffff; --wash: #e9f3ed; --warn: #8a2c0d; --warn-wash: #fdf0ea; --switch: #ffffff }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e9eeea; --soft: #a6b3ab; --paper: #19201c; --ground: #0f1411; --line: #2f3933; --edge: #84938a;
    --act: #7fd0a5; --act-ink: #0b1f14; --wash: #1d2f26; --warn: #ffb59b; --warn-wash: #38211a; --switch: #101512 }
}
*, *::before, *::after { box-sizing: border-box }
html { font-size: 100%; -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; padding: 2.5rem 1.25rem;
  background: var(--ground); color: var(--ink); font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
.sheet { width: 100%; max-width: 30rem; margin: auto; padding: 2.25rem; background: var(--paper);
  border: 1px solid var(--line); border-radius: 1rem }
.sheet.wide { max-width: 42rem; margin-top: 0; padding: 0; background: none; border: 0 }
.wide > h1 { font-size: 2rem; letter-spacing: -.02em }
.wide > p:not(.brand) { font-size: 1.0625rem; max-width: 36rem }
.card { margin-top: 1.25rem; padding: 1.75rem 2rem; background: var(--paper); border: 1px solid var(--line); border-radius: 1rem }
.card.plain { background: none }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 2rem; align-items: start }
.cards { display: grid; grid-template-columns: 1fr 1fr; gap: 0 1.25rem }
.cards > .card { display: flex; flex-direction: column; align-items: flex-start }
.cards form { margin-top: auto; width: 100% }
h1, h2, h3, legend { line-height: 1.25; letter-spacing: -0.01em; text-wrap: balance }
h1 { margin: 0 0 .75rem; font-size: 1.625rem; font-weight: 680 }
h2 { margin: 0 0 .25rem; font-size: 1.125rem; font-weight: 650 }
h3, legend { margin: 0; padding: 0; font-size: 1rem; font-weight: 620 }
p, ul { margin: 0 0 1rem }
p, .soft { color: var(--soft) }
p:last-child, ul:last-child { margin-bottom: 0 }
a { color: var(--act); text-underline-offset: .18em }
form { margin: 0 }
fieldset { min-width: 0; margin: 0; padding: 0; border: 0 }
.brand { display: flex; align-items: center; gap: .5rem; margin: 0 0 1.5rem; font-size: .9375rem; font-weight: 620; color: var(--ink) }
.brand::before { content: ""; width: .625rem; height: .625rem; border-radius: 50%; background: var(--act) }
.small { font-size: .875rem; line-height: 1.5 }
button { display: inline-flex; justify-content: center; min-height: 2.875rem; padding: .6875rem 1.375rem; border: 1px solid transparent;
  border-radius: .625rem; background: var(--act); color: var(--act-ink); font: inherit; font-weight: 620; cursor: pointer }
button:hover { filter: brightness(1.08) }
button.quiet { background: transparent; border-color: var(--edge); color: var(--ink) }
button.no { background: transparent; border-color: var(--warn); color: var(--warn) }
.full form, .full button { width: 100% }
.full { margin-bottom: 1.5rem }
.langs { margin-top: .5rem }
.langs a { display: inline-block; padding: .25rem .5rem }
.langs a[aria-current] { color: inherit; text-decoration: none; font-weight: 620 }
:focus-visible { outline: 3px solid var(--act); outline-offset: 3px; border-radius: .375rem }
button:focus-visible { border-radius: .625rem }
.note { margin: 0 0 1.5rem; padding: .875rem 1.125rem; border-left: 4px solid var(--act); border-radius: .5rem;
  background: var(--wash); color: var(--ink) }
.note p, .note a { color: inherit }
.note p { margin: 0 }
.note.warn { border-color: var(--warn); background: var(--warn-wash) }
.note ul { margin: .375rem 0 0; padding-left: 1.25rem }
.topic { padding: 0 0 .875rem; border-top: 1px solid var(--line) }
.topic > legend { float: left; width: 100%; padding-top: 1.125rem; font-size: 1.0625rem }
.topic > p { clear: both; margin: 0 0 .375rem; font-size: .9375rem }
.topics { margin: 1.125rem 0 0; padding-bottom: .5rem; border-bottom: 1px solid var(--line) }
.topics + .pair { margin-top: 1.5rem }
.pair > .field > label { font-size: 1.125rem; font-weight: 650; line-height: 1.25; letter-spacing: -0.01em }
.choice { display: grid; grid-template-columns: auto 1fr; column-gap: .75rem; align-items: start; padding: .4375rem 0 }
.choice > input { margin: .1875rem 0 0 }
.choice > label { cursor: pointer }
.choice > .hint { grid-column: 2; margin: 0; font-size: .875rem; line-height: 1.45; color: var(--soft) }
.choice.side { grid-template-columns: 1fr auto; column-gap: 1.25rem }
.choice.side > label { grid-column: 1; grid-row: 1 }
.choice.side > input { grid-column: 2; grid-row: 1 }
.choice.side > .hint { grid-column: 1; grid-row: 2; margin-top: .125rem; padding-bottom: .25rem }
input[type=checkbox], input[type=radio] { appearance: none; flex: none; width: 1.25rem; height: 1.25rem; border: 2px solid var(--edge);
  background: var(--paper); border-radius: .3125rem; cursor: pointer }
input[type=radio] { border-radius: 50% }
input[type=checkbox]:checked { border-color: var(--act); background: var(--act) }
input[type=checkbox]:checked::after { content: ""; display: block; width: .3125rem; height: .625rem; margin: 0 auto;
  border: solid var(--act-ink); border-width: 0 2px 2px 0; transform: translateY(.0625rem) rotate(42deg) }
input[type=radio]:checked { border: .375rem solid var(--act) }
input.switch { width: 2.5rem; height: 1.5rem; margin-top: 0; padding: .125rem; border-radius: .75rem }
input.switch::after { content: ""; display: block; width: 1rem; height: 1rem; margin: 0; border: 0; border-radius: 50%;
  background: var(--edge); transition: transform .15s }
input.switch:checked { background: var(--act) }
input.switch:checked::after { width: 1rem; height: 1rem; margin: 0; border: 0; background: var(--switch); transform: translateX(1rem) }
input:disabled { opacity: .55; cursor: not-allowed }
.field { margin: 0 0 1.25rem }
.field > label { display: block; margin-bottom: .375rem; font-weight: 620 }
.field > .hint { margin: .375rem 0 0; font-size: .875rem }
.field > .wrong { margin: 0 0 .375rem; color: var(--warn); font-size: .9375rem; font-weight: 600 }
input[type=email], input[type=tel], input[type=text], input[type=password], select { width: 100%; min-height: 2.875rem; padding: .625rem .875rem;
  border: 1px solid var(--edge); border-radius: .625rem; background: var(--paper); color: var(--ink); font: inherit }
select { width: auto; min-width: 12rem; max-width: 100% }
[aria-invalid=true] { border: 2px solid var(--warn) }
.consent { margin: 0 0 1rem; padding: 1.125rem 1.25rem; border: 1px solid var(--line); border-radius: .75rem }
.consent .choice { padding: 0 }
.consent .choice > .hint { margin-top: .25rem }
.consent .field { margin: 1rem 0 0 2rem }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem 1rem; margin-top: 1.25rem }
.away { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.foot { width: 100%; max-width: 42rem; margin: 1.5rem auto 0; text-align: center; font-size: .8125rem; line-height: 1.5; color: var(--soft) }
blockquote { margin: .5rem 0 1rem; padding: .625rem 1rem; border-left: 3px solid var(--line); color: var(--ink) }
.menu { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 1.5rem }
.menu a { padding: .25rem 0 } .menu [aria-current] { color: var(--ink); font-weight: 620; text-decoration: none }
.rows { margin: 0 0 1.5rem; overflow-x: auto; background: var(--paper); border: 1px solid var(--line); border-radius: .75rem }
.rows table { width: 100%; border-collapse: collapse; font-size: .875rem }
.rows caption { padding: .75rem 1rem; text-align: left; font-weight: 620 }
.rows th, .rows td { padding: .5rem 1rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); overflow-wrap: break-word }
.rows button { min-height: 2.25rem; padding: .375rem .875rem }
@media (max-width: 40rem) {
  .pair, .cards { grid-template-columns: 1fr }
  .pair > .field { margin-top: 1.25rem }
}
@media (max-width: 30rem) {
  body { padding: 1.5rem 1rem }
  .sheet { padding: 1.75rem 1.25rem }
  .sheet.wide > h1, .sheet.wide > p { padding: 0 .25rem }
  .wide > h1 { font-size: 1.75rem }
  .card { padding: 1.375rem 1.25rem }
  .consent { padding: 1rem }
  .consent .field { margin-left: 0 }
  button { width: 100% }
  select { width: 100% }
}
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { transition: none !important } }
@media (forced-colors: active) {
  input[type=checkbox], input[type=radio] { appearance: auto }
  input[type=checkbox]::after { content: none !important }
}
@media print {
  :root { --paper: #fff; --ground: #fff }
  body { padding: 0 }
  button { display: none }
}
`

/** The style of every page, to be written into its one style element. */
export const PAGE_STYLE: string = STYLE

/** The only style that the content security policy of these pages lets in. They have no scripts, images or fonts. */
export const PAGE_STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`
