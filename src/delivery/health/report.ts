import type { Finding } from './judge.ts'

/** A finding in a line, with figures only. */
function findingInWords({ what, level, count, of, limit }: Finding): string {
  const noun = what === 'undelivered texts' ? 'texts' : 'emails'
  return `${what}: ${count} of ${of} ${noun}, ${percent(count / of)} (${level === 'stop' ? 'stops' : 'warns'} at ${percent(limit)})`
}

/** The reason of the switch, for whoever finds the journey paused. */
export function reasonInWords(findings: readonly Finding[]): string {
  return findings.map(findingInWords).join('; ')
}

/** The mail to operators, as Markdown. It names no person. */
export function healthReport(
  journey: string,
  level: Finding['level'],
  findings: readonly Finding[],
): { readonly subject: string; readonly markdown: string } {
  const figures = findings.map((finding) => `- ${findingInWords(finding)}`).join('\n')
  const stopped = level === 'stop'
  const opening = stopped
    ? `Segue has paused the journey \`${journey}\`. Its runs wait; nobody is dropped before the journey's give-up time.`
    : `The journey \`${journey}\` still sends, but its figures of the last day are bad.`
  const next = stopped
    ? `Find out whom it wrote to and why they did not want it. Then: \`segue resume journey:${journey}\`. Only messages that leave after that count again.`
    : 'Find out whom it writes to and why they do not want it, before mailbox providers and carriers do.'
  return {
    subject: stopped ? `Paused: ${journey}` : `Warning: ${journey}`,
    markdown: `${opening}\n\n${figures}\n\n${next}\n`,
  }
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`
}
