import { expect, it } from 'vitest'
import { SERVICE_HOLDS, SERVICE_REFUSALS } from '../../src/delivery/service-message/decide.ts'
import { SERVICE_MESSAGE_KINDS } from '../../src/delivery/service-message/service-message.ts'
import { ASKED } from '../../src/ingestion/opt-in-request.ts'
import { readPage, section } from './pages.ts'

it('docs/reasons.md names every kind of service message and every reason why one waits or is refused', async () => {
  const text = section(await readPage('docs/reasons.md'), '## Service messages')
  const rows = text.split('\n').filter((line) => line.startsWith('| `'))
  const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name))
  expect(named).toEqual([...SERVICE_MESSAGE_KINDS, ...SERVICE_HOLDS, ...SERVICE_REFUSALS])
})

it('docs/api.md lists what may become of a request for a confirmation', async () => {
  const text = section(await readPage('docs/api.md'), '## Consents')
  for (const message of ASKED) expect(text).toContain(`| \`${message}\` |`)
})
