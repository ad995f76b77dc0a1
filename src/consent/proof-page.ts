import { FAULT_WORDS } from './chain.ts'
import type { ProofDocument, ProofEntry, ProofSend } from './proof.ts'

// Ink on paper: it is read on a screen once and printed for the file. Nothing is loaded from anywhere.
const STYLE = `
:root { color-scheme: light }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1.5rem; color: #16202c; background: #fff; font: 15px/1.5 system-ui, sans-serif }
h1 { margin: 0 0 .25rem; font-size: 1.6rem } h2 { margin: 2rem 0 .5rem; font-size: 1.15rem } h3 { margin: 1.25rem 0 .4rem; font-size: 1rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0 } dt { color: #4a5766 } dd { margin: 0; overflow-wrap: anywhere }
table { width: 100%; border-collapse: collapse } th, td { padding: .3rem .6rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #cfd6de }
td, h3 { overflow-wrap: anywhere }
@media (max-width: 40rem) { body { padding: 1.25rem 1rem } table { font-size: .8rem } dl { grid-template-columns: 1fr } dd { margin-bottom: .4rem } }
caption { text-align: left; color: #4a5766; padding-bottom: .3rem } code { font: .85em ui-monospace, monospace; overflow-wrap: anywhere }
blockquote { margin: 0; padding-left: .8rem; border-left: 3px solid #cfd6de; white-space: pre-wrap }
.good, .bad { padding: .6rem .9rem; border: 2px solid } .good { border-color: #1d6b3a } .bad { border-color: #a31621 }
article { border-top: 1px solid #cfd6de }
@media print { body { max-width: none; padding: 0; font-size: 10pt } article, tr { break-inside: avoid } h2, h3 { break-after: avoid } }
@page { margin: 18mm }`

/** The proof as a page to read and to print. Works without scripts; whatever people or forms wrote is shown as text, never as markup. */
export function renderProofPage(proof: ProofDocument): string {
  const { contact, verification, standing, entries, suppressions } = proof
  const who = contact.externalId ?? contact.id
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Proof of consent: ${text(who)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Proof of consent</h1>
<dl>
${row('Person', who)}${row('Contact id', contact.id)}${row('Email', contact.email)}${row('Phone', contact.phone)}${row('Made at', proof.generatedAt)}
</dl>
<h2>Is the record whole?</h2>
${verdict(verification)}
<h2>What holds</h2>
${table(
  'Per channel and purpose, at the time this was made',
  ['Channel', 'Purpose', 'State', 'Since', 'Until'],
  standing.map((one) => [one.channel, purpose(one.purpose), one.state, one.since, one.expiresAt ?? 'no end']),
)}
<h2>What was said</h2>
${entries.length === 0 ? '<p>Nothing was ever recorded.</p>' : entries.map(entrySection).join('\n')}
<h2>Messages that nothing allowed</h2>
${proof.withoutConsent.length === 0 ? '<p>None.</p>' : sendTable('They are not covered by any entry', proof.withoutConsent)}
<h2>Blocks of the person's addresses</h2>
${table(
  'In the order in which they came',
  ['Channel', 'Reason', 'Said by', 'Since', 'Lifted'],
  suppressions.map((one) => [one.channel, one.reason, one.source, one.at, one.liftedAt ?? 'no']),
)}
</main>
</body>
</html>
`
}

function verdict({ holds, problems }: ProofDocument['verification']): string {
  if (holds) {
    return '<p class="good">Yes. Every entry follows from the one before it, no entry is missing or changed, and the state that is acted on is what was said.</p>'
  }
  const list = problems.map(({ channel, purpose: about, seq, fault }) => {
    const where = seq === 0 ? 'the chain' : `entry ${seq}`
    return `<li>${text(`${channel}, ${purpose(about)}, ${where}: ${FAULT_WORDS[fault]}`)}</li>`
  })
  return `<div class="bad"><p>No. What follows must not be relied on before these are explained:</p><ul>${list.join('')}</ul></div>`
}

function entrySection(entry: ProofEntry): string {
  const { evidence, chain } = entry
  const said = `${entry.state}: ${purpose(entry.purpose)} by ${entry.channel}`
  const wording =
    evidence.wording === undefined
      ? ''
      : `<dt>Wording shown</dt><dd><blockquote>${text(evidence.wording)}</blockquote></dd>`
  return `<article>
<h3>${text(`${entry.at}, ${said}`)}</h3>
<dl>
${row('Recorded', entry.recordedAt)}${row('Counts until', entry.expiresAt)}${row('How', entry.source)}${row('Address', entry.address)}
${wording}${row('Wording version', evidence.wordingVersion)}${row('Language', evidence.language)}${row('Page', evidence.page)}${row('Keyword', evidence.keyword)}
${row('IP address', evidence.ip)}${row('User agent', evidence.userAgent)}${row('Jurisdiction', evidence.jurisdiction)}${row('Message', evidence.messageId)}${row('Confirmed by', evidence.confirmedBy)}
${entry.removed === null ? row('Evidence', chain.proof) : row('Evidence', `removed at ${entry.removed.at} (${entry.removed.because})`)}
${row('Entry', `${chain.seq} of its chain`)}${code('Hash', chain.hash)}${code('Hash before', chain.prevHash)}${code('Commitment', chain.commitment)}${code('Salt', chain.salt)}
</dl>
${entry.reliedOnBy.length === 0 ? '' : sendTable('Messages that relied on it', entry.reliedOnBy)}
</article>`
}

function sendTable(caption: string, sends: readonly ProofSend[]): string {
  return table(
    caption,
    ['Handed over', 'Journey and step', 'Version', 'Commit', 'Send', 'State'],
    sends.map((send) => [
      send.at,
      `${send.journey} / ${send.step}`,
      send.version.slice(0, 12),
      send.commit ?? 'not known',
      send.send,
      send.state,
    ]),
  )
}

function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '<p>None.</p>'
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`)
  const columns = head.map((name) => `<th scope="col">${text(name)}</th>`).join('')
  return `<table><caption>${text(caption)}</caption><thead><tr>${columns}</tr></thead><tbody>${body.join('')}</tbody></table>`
}

function row(name: string, value: string | null | undefined): string {
  return value === null || value === undefined ? '' : `<dt>${text(name)}</dt><dd>${text(value)}</dd>`
}

function code(name: string, value: string | null): string {
  return value === null ? '' : `<dt>${text(name)}</dt><dd><code>${text(value)}</code></dd>`
}

function purpose(name: string): string {
  return name === '*' ? 'every purpose' : name
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function text(raw: string): string {
  return raw.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character)
}
