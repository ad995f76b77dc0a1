import { marked } from 'marked'
import { normalizeAddress } from '../../consent/address.ts'
import type { Statements } from '../../core/database.ts'
import type { Reports } from '../../core/workspace.ts'
import { writeServiceMessage } from './service-message.ts'

export interface MailedReport {
  /** Names the report with opaque ids; the same report is mailed once. */
  readonly key: string
  readonly subject: string
  /** Without anything that people wrote: it is turned into HTML as it is. */
  readonly markdown: string
  /** Epoch milliseconds. */
  readonly at: number
}

/** A report that could not be handed over for so long is no news any more. It is in the store. */
const NEWS_MS = 3 * 86_400_000

/** Mails a report to everybody whom the live workspace names, in the caller's transaction. Returns how many; none if it names nobody. */
export async function mailReport(statements: Statements, report: MailedReport): Promise<number> {
  const [live] = await statements.query<{ reports: Reports | null }>(
    `select compiled -> 'reports' as reports from workspace where id = 1`,
  )
  const reports = live?.reports
  if (reports === null || reports === undefined) return 0
  const html = `<!doctype html><html lang="en"><body>${marked.parse(report.markdown, { async: false })}</body></html>`
  const addresses = reports.to.flatMap((to) => normalizeAddress('email', to) ?? [])
  for (const [index, address] of addresses.entries()) {
    await writeServiceMessage(statements, {
      kind: 'report',
      dedupeKey: `report:${report.key}:${index}`,
      contactId: null,
      channel: 'email',
      address,
      sender: reports.sender,
      subject: report.subject,
      text: report.markdown,
      html,
      validUntil: report.at + NEWS_MS,
      at: report.at,
    })
  }
  return addresses.length
}
