import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../../src/core/database.ts'
import { mailReport } from '../../../src/delivery/service-message/mail-report.ts'
import { aWorkspace, NOON, Scene } from '../../gate/scene.ts'
import { pgliteStore } from '../stores.ts'

let database: Database
beforeAll(async () => {
  database = await pgliteStore().open()
})
afterAll(() => database.close())

const mail = () =>
  database.transaction((statements) =>
    mailReport(statements, {
      key: 'consent-audit:1',
      subject: 'All in order',
      markdown: '# Audit\n\n| a | b |\n| --- | --- |\n| 1 | 2 |',
      at: NOON,
    }),
  )
const written = () =>
  database.query<{ address: string; html: string }>(
    'select kind, address, sender, subject, html from service_message order by address',
  )

test('a report goes to nobody as long as the workspace names nobody', async () => {
  expect(await mail()).toBe(0)
  await new Scene(database).deploy(aWorkspace())
  expect(await mail()).toBe(0)
  expect(await written()).toEqual([])
})

test('a report is mailed once to each whom the live workspace names, as text and as HTML', async () => {
  const reports = { to: ['Legal@example.com', 'growth@example.com', 'no address'], sender: 'shop-email' }
  await new Scene(database).deploy(aWorkspace({}, { reports }))
  expect(await mail()).toBe(2)
  await mail()
  const rows = await written()
  expect(rows).toMatchObject([
    { kind: 'report', address: 'growth@example.com', sender: 'shop-email', subject: 'All in order' },
    { kind: 'report', address: 'legal@example.com', sender: 'shop-email', subject: 'All in order' },
  ])
  expect(rows[0]?.html).toMatch(/<h1>Audit<\/h1>[^]*<td>1<\/td>/)
})
