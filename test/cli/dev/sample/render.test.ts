import { expect, test } from 'vitest'
import type { Progress } from '../../../../src/cli/dev/sample/progress.ts'
import { LiveBlock, renderProgress } from '../../../../src/cli/dev/sample/render-progress.ts'
import { renderResult } from '../../../../src/cli/dev/sample/render-result.ts'
import type { Result } from '../../../../src/cli/dev/sample/result.ts'

const ESCAPE = String.fromCodePoint(27)
const counts = {
  entered: 40,
  sent: { email: 30, sms: 20 },
  held: 5,
  refused: { no_consent: 3, suppressed: 2 },
  ghost: 4,
  converted: 6,
  finished: 10,
}
const progress: Progress = {
  ...counts,
  waiting: 30,
  journeys: { 'cart-recovery': counts, welcome: { ...counts, entered: 0 } },
}
const view = { now: Date.UTC(2026, 10, 10, 14, 5), zone: 'America/New_York', sample: { sent: 12, of: 75 } }

test('for a log it is one line without colour, with everything in it', () => {
  expect(renderProgress(progress, { ...view, tty: false, color: false })).toBe(
    'Tue, Nov 10, 09:05 New York · events 12/75 · started 40 · waiting 30 · sent 30 email 20 sms · held 5 · ' +
      'refused 5 (no_consent 3, suppressed 2) · held out 4 · converted 6 · finished 10',
  )
})

test('for a terminal it is a line for the clock and one per journey', () => {
  const lines = renderProgress(progress, { ...view, tty: true, color: false }).split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[1]).toContain('cart-recovery  ━━━━────────────  started 40')
  expect(lines.join('')).not.toContain(ESCAPE)
})

test('colours are there only when they are asked for', () => {
  expect(renderProgress(progress, { ...view, tty: true, color: true })).toContain(ESCAPE)
  expect(renderResult(result, { ...where, color: true, running: true })).toContain(ESCAPE)
})

test('a block is drawn over the one before, clears what that had more, and never wraps', () => {
  const written: string[] = []
  const block = new LiveBlock({ write: (text) => written.push(text), columns: 8 })
  block.draw('one\ntwo')
  block.draw(`${ESCAPE}[36m123456789${ESCAPE}[39m`)
  block.end()
  block.draw('new')
  const clear = `${ESCAPE}[2K`
  expect(written).toEqual([
    `${clear}one\n${clear}two\n`,
    `${ESCAPE}[2A${clear}${ESCAPE}[36m1234567${ESCAPE}[39m\n${clear}\n`,
    `${clear}new\n`,
  ])
})

const result: Result = {
  ok: true,
  journeys: { 'cart-recovery': counts },
  handoffs: { total: 50, distinct: 50 },
  ui: 'http://127.0.0.1:8233',
  inbox: 'http://127.0.0.1:4401/inbox',
  failures: [],
}
const where = { color: false, api: 'http://127.0.0.1:4400', writeKey: 'dev' }

test('the result shows each journey, where to look and what to type next', () => {
  const text = renderResult(result, { ...where, running: true })
  expect(text).toMatch(/│ cart-recovery │ +40 │ +30 │ +20 │ +5 │ 3 no_consent +│ +4 │ +6 │ +10 │/)
  expect(text).toContain('Every expectation holds.')
  for (const url of [result.ui, result.inbox, where.api]) expect(text).toContain(url)
  expect(text).toContain('curl http://127.0.0.1:4400/v1/track -u dev:')
  expect(text).not.toContain(ESCAPE)
})

test('a result that is not ok lists every sentence, and after the end there is nothing to curl', () => {
  const text = renderResult({ ...result, ok: false, failures: ['a thing is wrong'] }, { ...where, running: false })
  expect(text).toContain('  - a thing is wrong')
  expect(text).not.toContain('Every expectation holds.')
  expect(text).not.toContain('curl')
})
