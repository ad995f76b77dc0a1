import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SCOPES } from '../../src/administration/api-key.ts'
import { readPage, ROOT, section } from './pages.ts'

const table = section(await readPage('docs/security.md'), '## Threats')
const threats = [...table.matchAll(/^\| (.+) \| (.+) \| (.+) \| \[([^\]]+)\]\(\.\.\/([^)]+)\) "(.+)" \|$/gm)].map(
  ([, asset = '', threat = '', stops = '', file = '', linked = '', name = '']) => ({
    asset,
    threat,
    stops,
    file,
    linked,
    name,
  }),
)

describe('each threat of docs/security.md', () => {
  it('is one of many, and each row of the table is read', () => {
    expect(threats.length).toBeGreaterThan(25)
    expect(threats.length).toBe(table.split('\n').filter((line) => line.startsWith('| ')).length - 2)
  })

  it.each(threats)('$asset: $threat is tried by a test that there is', ({ stops, file, linked, name }) => {
    expect(stops).not.toBe('')
    expect(linked).toBe(file)
    expect(existsSync(`${ROOT}${file}`)).toBe(true)
    expect(readFileSync(`${ROOT}${file}`, 'utf8').replaceAll("\\'", "'")).toContain(name)
  })
})

describe('docs/doctor.md', () => {
  it('lists exactly the checks that there are', async () => {
    const page = await readPage('docs/doctor.md')
    const rows = [...page.text.matchAll(/^\| (`[^|]+`) \|/gm)].flatMap(([, cell = '']) => cell.split(', '))
    const written = rows.map((one) => one.replaceAll('`', ''))
    const sources = [
      'dkim',
      'dmarc',
      'engine',
      'numbers',
      'public-url',
      'reply-address',
      'secrets',
      'spf',
      'store',
      'time-zones',
    ]
      .map((file) => readFileSync(`${ROOT}src/doctor/${file}.ts`, 'utf8'))
      .concat(readFileSync(`${ROOT}src/cli/doctor.ts`, 'utf8'))
      .join('\n')
    const made = new Set(
      [
        ...sources.matchAll(
          /'((?:clock|codes|dns|engine|environment|numbers|public-url|secrets|store|webhooks|workspace)\.[a-z-]+)'/g,
        ),
      ].map(([, check = '']) => check),
    )
    expect(written.toSorted()).toEqual([...made].toSorted())
  })
})

it('docs/security.md has every scope of keys', async () => {
  const rows = [...section(await readPage('docs/security.md'), '## Who may do what').matchAll(/^\| (\w+) \| /gm)]
  expect(rows.map(([, scope]) => scope).slice(1)).toEqual([...SCOPES])
})
