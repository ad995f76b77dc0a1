import { expect, it } from 'vitest'
import { FAULT_WORDS } from '../../src/consent/chain.ts'
import { CONSENT_SOURCES } from '../../src/consent/ledger.ts'
import { RETENTION_RULES, SHORTEST_YEARS } from '../../src/consent/retention-rules.ts'
import { readPage, section } from './pages.ts'

const page = await readPage('docs/compliance.md')
const ledger = section(page, '## The ledger')
const retention = section(page, '## Retention')

it('docs/compliance.md names every source of a consent, in order', () => {
  const cell = /^\| `source` \| (.*) \|$/m.exec(ledger)?.[1] ?? ''
  expect([...cell.matchAll(/`(\w+)`/g)].map(([, source]) => source)).toEqual([...CONSENT_SOURCES])
})

it('docs/compliance.md explains everything that can be wrong with the ledger', () => {
  for (const words of Object.values(FAULT_WORDS)) expect(ledger).toContain(`| ${words} |`)
})

it('docs/compliance.md says what the retention rules say', () => {
  for (const { years } of RETENTION_RULES) expect(retention).toContain(`${years} years`)
  expect(retention).toContain(`at least ${SHORTEST_YEARS} years`)
  for (const source of ['16 CFR 310.5', '47 CFR 64.1200(d)(6)', 'SB 1339']) {
    expect(retention).toContain(source)
    expect(
      RETENTION_RULES.some(
        (rule) => rule.source.includes(source) || rule.source.replace(' (2025)', '').includes(source),
      ),
    ).toBe(true)
  }
})
