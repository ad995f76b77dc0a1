import { FAULT_WORDS } from '../chain.ts'
import type { LedgerCheck } from '../verify-ledger.ts'
import type { LedgerDigest } from './ledger-digest.ts'
import type { SendMatch } from './match-sends.ts'
import type { StandingConsents } from './standing-consents.ts'
import type { Period } from './week.ts'

/** JSON-safe; instants are epoch milliseconds. Opaque ids only: it is mailed. */
export interface ConsentReport {
  readonly format: '1.0'
  readonly kind: 'segue.consent-audit'
  readonly period: Period
  readonly at: number
  readonly sends: SendMatch
  readonly ledger: LedgerCheck
  readonly digest: LedgerDigest
  /** Whether the ledger still is what the audit before wrote down; null before the first. */
  readonly lastDigest: { readonly weekFrom: number; readonly holds: boolean } | null
  readonly standing: readonly StandingConsents[]
}

/** What must be looked at: whatever was sent without consent, and whatever is wrong with the ledger. */
export function alarmsOf({ sends, ledger, lastDigest }: ConsentReport): number {
  const { counts } = sends
  const unlawful = counts.after_no + counts.lapsed + counts.no_consent
  return unlawful + ledger.problems.length + ledger.unlisted + (lastDigest?.holds === false ? 1 : 0)
}

/** Subject of the mail. */
export function reportTitle(report: ConsentReport): string {
  const alarms = alarmsOf(report)
  const result = alarms === 0 ? 'all in order' : `${counted(alarms)} to look at`
  return `Consent audit ${day(report.period.from)} to ${day(report.period.to - 1)}: ${result}`
}

/** The report as Markdown, for people. */
export function reportMarkdown(report: ConsentReport): string {
  const { sends, ledger, digest, standing } = report
  return [
    `# ${reportTitle(report)}`,
    `Made at ${new Date(report.at).toISOString()}.`,
    '## Messages and the consent that allowed them',
    table(
      ['', 'Messages'],
      [
        ['allowed by a consent in force', counted(sends.counts.matched)],
        ['handed over while the "no" arrived', counted(sends.counts.crossed)],
        ['after a "no"', counted(sends.counts.after_no)],
        ['under a consent that had lapsed', counted(sends.counts.lapsed)],
        ['without any consent', counted(sends.counts.no_consent)],
      ],
    ),
    ...(sends.named.length === 0 ? [] : [namedSends(report)]),
    '## The ledger',
    `${counted(ledger.entries)} entries in ${counted(ledger.chains)} chains. ${chainsInWords(report)}`,
    ...(ledger.problems.length === 0 ? [] : [problems(report)]),
    `Digest of all ${counted(digest.chains)} heads through entry ${digest.throughId}: \`${digest.digest}\``,
    '## Consents in force',
    standing.length === 0 ? 'There are none.' : consents(standing),
    '',
  ].join('\n\n')
}

function chainsInWords({ ledger, lastDigest }: ConsentReport): string {
  const count = ledger.problems.length + ledger.unlisted
  const chains = count === 0 ? 'Every chain is whole.' : `**${counted(count)} faults.**`
  if (lastDigest === null) return `${chains} This is the first audit.`
  return lastDigest.holds
    ? `${chains} Everything that the last audit saw is still there.`
    : `${chains} **What the audit of ${day(lastDigest.weekFrom)} saw is not what is there now: the ledger was rewritten.**`
}

function namedSends({ sends }: ConsentReport): string {
  const { crossed, after_no: afterNo, lapsed, no_consent: never } = sends.counts
  const unmatched = crossed + afterNo + lapsed + never
  const rows = sends.named.map((one) => [
    new Date(one.at).toISOString(),
    one.send,
    `${one.journey} / ${one.step}`,
    `${one.purpose}, ${one.channel}`,
    one.verdict.replaceAll('_', ' '),
  ])
  const list = table(['Handed over', 'Send', 'Journey', 'Purpose', 'Why'], rows)
  return unmatched > rows.length ? `${list}\n\nand ${counted(unmatched - rows.length)} more.` : list
}

function problems({ ledger }: ConsentReport): string {
  const rows = ledger.problems.map((one) => [
    one.contactId,
    `${one.purpose}, ${one.channel}`,
    one.seq === 0 ? 'the chain' : `entry ${one.seq}`,
    FAULT_WORDS[one.fault],
  ])
  const list = table(['Contact', 'Purpose', 'Where', 'What'], rows.slice(0, 100))
  const more = rows.length + ledger.unlisted - Math.min(rows.length, 100)
  return more > 0 ? `${list}\n\nand ${counted(more)} more.` : list
}

function consents(standing: readonly StandingConsents[]): string {
  return table(
    ['Purpose', 'In force', 'Lapse within 30 days', 'Stale', 'Without proof', 'Without wording'],
    standing.map((one) => [
      `${one.purpose}, ${one.channel}`,
      ...[one.inForce, one.expiring, one.stale, one.withoutProof, one.withoutWording].map(counted),
    ]),
  )
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Names of journeys and purposes are ours, but a bar in one would still break the table, and the mail is made from this. */
function cell(text: string): string {
  return text
    .replaceAll('|', String.raw`\|`)
    .replaceAll('<', '&lt;')
    .replaceAll('\n', ' ')
}

function counted(count: number): string {
  return count.toLocaleString('en-US')
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10)
}
