/** Light and dark follow the reader's system. One accent; colour never says anything that a word does not. */
export const inboxStyle = `
:root { color-scheme: light dark;
  --bg: #f4f2ed; --panel: #fffefb; --sunken: #eae7df; --ink: #211f1b; --muted: #6a665d; --line: #dedad0;
  --accent: #1f6f5c; --accent-soft: #dcebe4; --on-accent: #fff; --good: #1d6a4b; --bad: #a8321f; --open: #7a5a10;
  --phone: #211f1b; --theirs: #ebe8e1; --shadow: 0 1px 2px #0000000d, 0 12px 32px #3a35261a; }
@media (prefers-color-scheme: dark) { :root {
  --bg: #151513; --panel: #1e1e1b; --sunken: #2a2a26; --ink: #eeebe3; --muted: #a39f94; --line: #33322d;
  --accent: #6cc3a8; --accent-soft: #23382f; --on-accent: #0d1f18; --good: #7cc9a2; --bad: #f0917d; --open: #d9b866;
  --phone: #000; --theirs: #2e2e2a; --shadow: 0 1px 2px #0006, 0 12px 32px #0006; } }
* { box-sizing: border-box; margin: 0 }
html, body { height: 100% }
body { display: flex; flex-direction: column; background: var(--bg); color: var(--ink);
  font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; -webkit-font-smoothing: antialiased }
a { color: inherit; text-decoration: none } ol { list-style: none; padding: 0 }
button, input { font: inherit; color: inherit } button { cursor: pointer }
time, .clock, .who { font-variant-numeric: tabular-nums }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }
.tone-good { color: var(--good) } .tone-bad { color: var(--bad) } .tone-open { color: var(--open) }

.bar { display: flex; align-items: center; gap: 20px; padding: 12px 20px; border-bottom: 1px solid var(--line); background: var(--panel) }
.bar h1 { font-size: 16px; font-weight: 650; letter-spacing: -.01em; white-space: nowrap }
.filters, .toolbar nav { display: flex; gap: 2px; padding: 3px; border-radius: 10px; background: var(--sunken) }
.filters a, .toolbar nav a { padding: 4px 13px; border-radius: 7px; color: var(--muted); font-size: 14px }
.filters a[aria-current], .toolbar nav a[aria-current] { background: var(--panel); color: var(--ink); font-weight: 550; box-shadow: 0 1px 2px #0000001f }
.search { position: relative; flex: 0 1 280px; color: var(--muted) }
.search svg { position: absolute; left: 10px; top: 9px; width: 16px; height: 16px }
.search input { width: 100%; padding: 6px 10px 6px 33px; border: 1px solid var(--line); border-radius: 10px; background: var(--bg); color: var(--ink) }
.clock { margin-left: auto; font-size: 13px; color: var(--muted); white-space: nowrap } .clock time { color: var(--ink) }

main { flex: 1; min-height: 0; display: grid; grid-template-columns: minmax(300px, 380px) 1fr }
.list { overflow-y: auto; border-right: 1px solid var(--line); background: var(--panel); padding: 0 10px 24px }
.count { position: sticky; top: 0; z-index: 1; padding: 12px 12px 8px; background: var(--panel); color: var(--muted); font-size: 13px }
.list li + li { margin-top: 2px }
.list li a { display: grid; grid-template: "icon who time" "icon preview status" / 34px 1fr auto; gap: 1px 10px; padding: 10px 12px; border-radius: 12px }
.list li a:hover { background: var(--bg) } .list li a[aria-current] { background: var(--accent-soft) }
.kind { grid-area: icon; align-self: center; display: grid; place-items: center; width: 34px; height: 34px; border-radius: 50%; background: var(--sunken); color: var(--muted) }
.kind-phone { color: var(--accent); background: var(--accent-soft) } [aria-current] .kind { background: var(--panel) }
.who { grid-area: who; font-weight: 550; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.list time { grid-area: time; text-align: right; font-size: 12.5px; color: var(--muted); padding-top: 1px }
.preview { grid-area: preview; color: var(--muted); font-size: 14px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
.status { grid-area: status; text-align: right; font-size: 12.5px; font-weight: 500 }
.none, .missing { padding: 32px 16px; text-align: center; color: var(--muted) }

.pane { min-width: 0; min-height: 0; overflow: auto; display: flex; flex-direction: column }
.back { display: none; align-items: center; gap: 4px; padding: 12px 14px; color: var(--accent); font-weight: 550 }
.nothing { margin: auto; padding: 40px; text-align: center; color: var(--muted) } .nothing svg { margin-bottom: 14px; opacity: .55 }
.avatar { display: grid; place-items: center; flex: none; width: 40px; height: 40px; border-radius: 50%; background: var(--accent); color: var(--on-accent); font-weight: 600 }

.phone-stage { flex: 1; min-height: 0; display: flex; justify-content: center; align-items: center; gap: 44px; padding: 28px }
.phone { display: flex; flex-direction: column; flex: 0 1 372px; width: 100%; height: min(760px, 100%); min-height: 480px; padding: 0 0 14px; overflow: hidden;
  border: 10px solid var(--phone); border-radius: 46px; background: var(--panel); box-shadow: 0 0 0 1.5px var(--line), var(--shadow) }
.phone-head { position: relative; padding: 38px 16px 12px; text-align: center; border-bottom: 1px solid var(--line); background: var(--bg) }
.phone-head::before { content: ""; position: absolute; top: 9px; left: 50%; width: 92px; height: 22px; margin-left: -46px; border-radius: 12px; background: var(--phone) }
.phone-head .avatar { margin: 0 auto 5px } .phone-head .avatar svg { width: 21px; height: 21px } .phone-head h2 { font-size: 14px; font-weight: 600 } .phone-head p { font-size: 12px; color: var(--muted) }
.thread { flex: 1; min-height: 0; overflow-y: auto; padding: 14px 14px 8px; display: flex; flex-direction: column; gap: 3px }
.thread::before { content: ""; margin-top: auto }
.day { align-self: center; padding: 10px 0 6px; font-size: 12px; font-weight: 550; color: var(--muted) }
.bubble { max-width: 82%; align-self: flex-start } .bubble.mine { align-self: flex-end; text-align: right }
.bubble p { padding: 8px 13px; border-radius: 19px; background: var(--theirs); white-space: pre-wrap; overflow-wrap: anywhere; text-align: left }
.bubble.theirs p { border-bottom-left-radius: 6px } .bubble.mine p { background: var(--accent); color: var(--on-accent); border-bottom-right-radius: 6px; display: inline-block }
.bubble.lost p { background: none; border: 1.5px dashed var(--line); color: var(--muted) }
.bubble small { display: block; padding: 2px 8px 6px; font-size: 11.5px; color: var(--muted) }
.bubble a { text-decoration: underline; text-underline-offset: 2px }
.composer { display: flex; gap: 8px; padding: 8px 14px 0 } .composer input:not([type=hidden]) { flex: 1; min-width: 0; padding: 8px 15px; border: 1px solid var(--line); border-radius: 20px; background: var(--panel) }
.composer button { display: grid; place-items: center; width: 38px; height: 38px; border: 0; border-radius: 50%; background: var(--accent); color: var(--on-accent) }
.quick { display: flex; justify-content: center; gap: 6px; padding: 9px 14px 0 }
.quick button, .actions button { padding: 3px 12px; border: 1px solid var(--line); border-radius: 14px; background: none; font-size: 12.5px; color: var(--muted) }
.quick button:hover, .actions button:hover { color: var(--ink); border-color: var(--muted) }

.facts { flex: 0 1 316px; align-self: center; min-width: 0; font-size: 13.5px } .facts h3 { font-size: 13px; font-weight: 600; margin-bottom: 12px }
.steps li { position: relative; padding: 0 0 14px 22px } .steps b { display: block; font-weight: 600 } .steps li:not(:last-child) { color: var(--muted) } .steps time { color: var(--muted); font-size: 12.5px }
.steps li::before { content: ""; position: absolute; left: 2px; top: 5px; width: 9px; height: 9px; border-radius: 50%; background: currentColor }
.steps li:not(:last-child)::after { content: ""; position: absolute; left: 6px; top: 18px; bottom: -1px; border-left: 1.5px solid var(--line) }
.facts dl { margin-top: 6px; padding-top: 14px; border-top: 1px solid var(--line) } .facts dl div { margin-bottom: 9px }
dt { color: var(--muted); font-size: 12.5px } dd { margin: 0; overflow-wrap: anywhere }

.mail-stage { flex: 1; min-height: 0; display: flex; gap: 28px; padding: 24px }
.mail { flex: 1 1 640px; min-width: 0; display: flex; flex-direction: column; border: 1px solid var(--line); border-radius: 16px; background: var(--panel); box-shadow: var(--shadow); overflow: hidden }
.mail-head { padding: 20px 24px 14px; border-bottom: 1px solid var(--line) }
.mail-head h2 { font-size: 21px; line-height: 1.25; font-weight: 650; letter-spacing: -.015em; margin-bottom: 14px; overflow-wrap: anywhere; text-wrap: balance }
.sender { display: flex; gap: 12px; align-items: center } .sender p { min-width: 0; overflow-wrap: anywhere; line-height: 1.35 } .sender time { margin-left: auto; font-size: 13px; color: var(--muted); text-align: right }
.address { color: var(--muted); font-size: 13.5px } .list-unsubscribe { margin-top: 10px; font-size: 13px; color: var(--muted) }
.toolbar { display: flex; flex-wrap: wrap; gap: 10px; justify-content: space-between; align-items: center; margin-top: 16px } .actions { display: flex; flex-wrap: wrap; gap: 6px }
.part { flex: 1; min-height: 320px; display: flex; background: var(--panel) } .part > * { flex: 1; min-width: 0 }
.part iframe { border: 0; background: #fff } .part pre { padding: 22px 24px; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; font: 13.5px/1.6 ui-monospace, "SF Mono", Menlo, Consolas, monospace }
.headers { padding: 20px 24px; overflow: auto } .headers div { margin-bottom: 12px }
.mail-stage .facts { align-self: flex-start; flex: 0 0 240px; padding-top: 8px }

@media (max-width: 1180px) {
  .phone-stage, .mail-stage { flex-direction: column; min-height: auto; flex: none } .phone-stage { justify-content: flex-start }
  .phone { height: 640px; flex: none; max-width: 372px } .part { min-height: 560px } .facts, .mail-stage .facts { flex: none; width: 100%; max-width: 372px }
  .mail-stage .facts { max-width: none } }
@media (max-width: 760px) {
  body { height: auto; min-height: 100% } .bar { flex-wrap: wrap; gap: 10px 12px; padding: 10px 14px } .clock { font-size: 12px } .clock span { display: none } .filters { order: 4 } .search { order: 5; flex: 1 1 120px }
  main { grid-template-columns: 1fr } .list { border: 0 } .reading .list, .listing .pane, .reading .filters, .reading .search { display: none } .back { display: flex }
  .list { overflow: visible } .pane { overflow: visible } .phone-stage, .mail-stage { padding: 4px 14px 24px } .phone { border-width: 7px; border-radius: 38px; height: calc(100dvh - 120px); max-width: none }
  .mail-head { padding: 16px } .sender time { display: none } .facts { max-width: none } }
@media (prefers-reduced-motion: no-preference) { .list li a, button { transition: background-color .12s, color .12s, border-color .12s } }
`
