import { createHash } from 'node:crypto'

/**
 * The style of the preview's own pages. Nothing is fetched for it; the content security policy lets in this text by its hash. Contrast is at
 * least 4.5 to 1 for text and 3 to 1 for the edges of controls, in both schemes (WCAG 2.2, 1.4.3 and 1.4.11).
 */
export const PREVIEW_STYLE = `
:root { color-scheme: light dark;
  --ink: #17211b; --soft: #54615a; --paper: #ffffff; --ground: #f3f5f2; --line: #dfe4de; --edge: #78867e;
  --act: #17613f; --act-ink: #ffffff; --wash: #e9f3ed; --warn: #8a2c0d; --warn-wash: #fdf0ea; --bubble: #e6e9e6 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e9eeea; --soft: #a6b3ab; --paper: #19201c; --ground: #0f1411; --line: #2f3933; --edge: #84938a;
    --act: #7fd0a5; --act-ink: #0b1f14; --wash: #1d2f26; --warn: #ffb59b; --warn-wash: #38211a; --bubble: #2a342e }
}
*, *::before, *::after { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body { margin: 0; min-height: 100vh; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
#live { display: grid; grid-template-columns: 17rem minmax(0, 1fr); min-height: 100vh }
.side { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 1.5rem 1.25rem 2rem;
  border-right: 1px solid var(--line); background: var(--paper); min-height: 100vh }
.brand { margin: 0 0 1.5rem; font-weight: 680; font-size: 1.0625rem; letter-spacing: -.01em }
.brand a { color: inherit; text-decoration: none }
.brand small { display: block; font-size: .8125rem; font-weight: 400; color: var(--soft) }
.side h2 { margin: 1.25rem 0 .25rem; font-size: .875rem; font-weight: 650 }
.side h2 a { color: inherit; text-decoration: none }
.side ol { list-style: none; margin: 0; padding: 0 }
.side li a { display: flex; justify-content: space-between; gap: .5rem; padding: .3125rem .625rem; border-radius: .5rem;
  color: var(--soft); text-decoration: none; font-size: .875rem }
.side li a:hover { color: var(--ink) }
.side li a[aria-current] { background: var(--wash); color: var(--ink); font-weight: 600 }
main { padding: 2rem 1.75rem 4rem; max-width: 76rem; width: 100% }
h1, h2, h3 { line-height: 1.25; letter-spacing: -.01em; text-wrap: balance }
h1 { margin: 0 0 .25rem; font-size: 1.75rem; font-weight: 680 }
h2 { margin: 0; font-size: 1.1875rem; font-weight: 660 }
h3 { margin: 0 0 .5rem; font-size: .9375rem; font-weight: 640 }
p { margin: 0 0 .75rem }
.soft { color: var(--soft) }
a { color: var(--act); text-underline-offset: .18em }
code, pre { font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace }
pre { margin: 0; overflow-x: auto }
:focus-visible { outline: 3px solid var(--act); outline-offset: 2px; border-radius: .375rem }
.crumbs { margin: 0 0 .5rem; font-size: .875rem }
.meta { display: flex; flex-wrap: wrap; gap: .375rem; margin: .5rem 0 1.25rem; padding: 0; list-style: none }
.meta li, .chip { padding: .125rem .5625rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--paper);
  font-size: .8125rem; color: var(--soft) }
.chip { display: inline-block; white-space: nowrap }
.chip.warn { border-color: var(--warn); color: var(--warn); background: var(--warn-wash) }
.bar { display: flex; flex-wrap: wrap; gap: .5rem .75rem; align-items: center; margin: 0 0 1.5rem }
.bar p { margin: 0 }
label { font-weight: 600; font-size: .9375rem }
select { min-height: 2.5rem; max-width: 100%; padding: .375rem .625rem; border: 1px solid var(--edge); border-radius: .5rem;
  background: var(--paper); color: var(--ink); font: inherit; font-size: .9375rem }
button { min-height: 2.5rem; padding: .375rem 1rem; border: 0; border-radius: .625rem; background: var(--act); color: var(--act-ink);
  font: inherit; font-size: .9375rem; font-weight: 620; cursor: pointer }
button.quiet { border: 1px solid var(--edge); background: none; color: var(--ink) }
.card { margin: 0 0 1.5rem; padding: 1.375rem; background: var(--paper); border: 1px solid var(--line); border-radius: 1rem }
.card > h2 + p { margin-top: .25rem }
.part { margin-top: 1.5rem }
.findings { margin: 0 0 1.5rem; padding: 1rem 1.25rem; border-left: 4px solid var(--edge); border-radius: .5rem; background: var(--paper) }
.findings.broken { border-color: var(--warn); background: var(--warn-wash) }
.findings h2 { font-size: 1rem; margin-bottom: .5rem }
.findings pre { color: var(--ink) }
.notice { margin: 0 0 1.5rem; padding: .875rem 1.125rem; border-left: 4px solid var(--act); border-radius: .5rem; background: var(--wash) }
.notice.warn { border-color: var(--warn); background: var(--warn-wash) }
.notice p { margin: 0 }
.inbox { margin: 0; padding: 0; list-style: none; border: 1px solid var(--line); border-radius: .75rem; overflow: hidden }
.inbox li { display: grid; grid-template-columns: 9rem minmax(0, 1fr) auto; gap: 0 1rem; align-items: center; padding: .75rem 1rem }
.inbox li + li { border-top: 1px solid var(--line) }
.inbox .from { font-weight: 620; font-size: .9375rem }
.inbox .subject { font-weight: 620 }
.inbox .preheader { color: var(--soft); font-size: .875rem }
.inbox .line { min-width: 0; overflow-wrap: anywhere }
.inbox p { margin: 0 }
.frames { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start }
figure { margin: 0; max-width: 100% }
figcaption { margin-bottom: .375rem; font-size: .8125rem; color: var(--soft) }
.frame { border: 1px solid var(--edge); border-radius: .75rem; overflow: hidden; max-width: 100%; background: #fff }
.frame.dark { background: #121212 }
.frame.phone { border-width: .375rem; border-radius: 1.75rem }
.frame iframe { display: block; border: 0; height: 40rem; max-width: 100% }
.frame.desktop iframe { width: 640px }
.frame.phone iframe { width: 375px }
.texting { display: grid; grid-template-columns: 20rem minmax(0, 1fr); gap: 2rem; align-items: start }
.handset { border: .5rem solid var(--edge); border-radius: 2.25rem; background: var(--ground); padding: 1rem .875rem 2rem; min-height: 24rem }
.handset .who { margin: 0 0 1rem; padding-bottom: .625rem; border-bottom: 1px solid var(--line); text-align: center; font-size: .8125rem; color: var(--soft) }
.bubble { margin: 0; padding: .625rem .875rem; border-radius: 1.125rem 1.125rem 1.125rem .25rem; background: var(--bubble); color: var(--ink);
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: .9375rem; line-height: 1.4 }
.bubble + .bubble { margin-top: .5rem }
.rows { overflow-x: auto; border: 1px solid var(--line); border-radius: .75rem }
table { width: 100%; border-collapse: collapse; font-size: .875rem }
caption { padding: .625rem 1rem; text-align: left; font-weight: 620 }
th, td { padding: .4375rem 1rem; border-top: 1px solid var(--line); text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { font-weight: 600; white-space: nowrap }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
tr.worst td { color: var(--warn); font-weight: 600 }
details > summary { cursor: pointer; font-weight: 620; font-size: .9375rem }
.plain { padding: 1rem 1.125rem; border: 1px solid var(--line); border-radius: .75rem; white-space: pre-wrap; overflow-wrap: anywhere }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(19rem, 1fr)); gap: 1rem; margin: 0 0 2.5rem; padding: 0; list-style: none }
.cards li { position: relative; padding: 1.125rem 1.25rem; background: var(--paper); border: 1px solid var(--line); border-radius: .875rem }
.cards li.still { background: none; border-style: dashed }
.cards h3 { margin: 0 0 .25rem; font-size: 1rem }
.cards h3 a { color: inherit; text-decoration: none }
.cards h3 a::after { content: ""; position: absolute; inset: 0; border-radius: .875rem }
.cards h3 a:focus-visible { outline: 0 }
.cards h3 a:focus-visible::after { outline: 3px solid var(--act); outline-offset: 2px }
.cards .when { margin: 0 0 .75rem; font-size: .8125rem; color: var(--soft) }
.cards .says { margin: 0 0 .625rem; font-size: .9375rem; overflow-wrap: anywhere }
.overview > section { margin-top: 2rem }
.journey { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem .75rem; margin: 0 0 .875rem }
.journey p { margin: 0; width: 100%; color: var(--soft) }
.away { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.back { display: none }
@media (max-width: 56rem) {
  #live { grid-template-columns: minmax(0, 1fr) }
  .side { position: static; max-height: none; min-height: 0; border-right: 0; border-bottom: 1px solid var(--line); padding: 1rem 1.25rem }
  .side .brand { margin: 0 }
  .side nav { display: none }
  .back { display: block; margin: 0 0 .75rem; font-size: .875rem }
  main { padding: 1.5rem 1.25rem 3rem }
  .texting { grid-template-columns: minmax(0, 1fr); gap: 1.25rem }
  .handset { max-width: 20rem; min-height: 0 }
}
@media (max-width: 40rem) {
  .card { padding: 1.125rem }
  th, td { padding: .4375rem .625rem }
  .inbox li { grid-template-columns: minmax(0, 1fr); gap: .125rem }
  .inbox .chip { justify-self: start; margin-top: .25rem }
  .frame.desktop { overflow-x: auto }
  .frame.desktop iframe { max-width: none }
}
`

/** For the content security policy. */
export const PREVIEW_STYLE_HASH = `'sha256-${createHash('sha256').update(PREVIEW_STYLE).digest('base64')}'`
