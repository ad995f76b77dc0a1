import { expect, it } from 'vitest'
import type { RejectionClass } from '../../src/delivery/message-provider.ts'
import type { SendState } from '../../src/delivery/send-state.ts'
import { HOLD_REASONS, REFUSAL_REASONS } from '../../src/gate/verdict.ts'
import { SUPPRESSION_REASONS } from '../../src/consent/suppression.ts'
import { firstCells, readPage, section } from './pages.ts'

const page = await readPage('docs/reasons.md')

const CLASSES = { opt_out: 1, bad_recipient: 1, content: 1, config: 1, throttled: 1 } satisfies Record<
  RejectionClass,
  1
>

/** Where a reader looks up each state of a send. `shadow` is written by nothing yet. */
const STATES = {
  reserved: 'elsewhere',
  attempting: 'elsewhere',
  accepted: 'after',
  delivered: 'after',
  undelivered: 'after',
  bounced: 'after',
  complained: 'after',
  rejected: 'elsewhere',
  unknown: 'elsewhere',
  refused: 'elsewhere',
  held_out: 'after',
  shadow: 'elsewhere',
} as const satisfies Record<SendState, 'after' | 'elsewhere'>

it('docs/reasons.md lists the reasons for holds, in the order in which they are checked', () => {
  expect(firstCells(section(page, '## Held'))).toEqual([...HOLD_REASONS])
})

it('docs/reasons.md lists the reasons for refusals, in the order in which they are checked', () => {
  expect(firstCells(section(page, '## Refused'))).toEqual([...REFUSAL_REASONS])
})

it('docs/reasons.md lists the classes of rejections', () => {
  expect(firstCells(section(page, '## Rejected by the carrier'))).toEqual(Object.keys(CLASSES))
})

it('docs/reasons.md lists the states after the hand-off', () => {
  const after = Object.entries(STATES).flatMap(([state, where]) => (where === 'after' ? [state] : []))
  expect(firstCells(section(page, '## After the hand-off'))).toEqual(after)
})

it('docs/reasons.md names every reason of a suppression', () => {
  const rows = page.text.match(/^\| `(?:suppressed|no_address)`.*$/gm)?.join() ?? ''
  expect(SUPPRESSION_REASONS.filter((reason) => !rows.includes(`\`${reason}\``))).toEqual([])
})
