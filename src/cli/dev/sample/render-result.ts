import Table from 'cli-table3'
import pc from 'picocolors'
import type { Result } from './result.ts'

export interface ResultView {
  readonly color: boolean
  readonly api: string
  /** For the command that is shown; a development key, which is no secret. */
  readonly writeKey: string
  /** True when everything goes on running until Ctrl-C. */
  readonly running: boolean
}

const PLAIN = { head: [], border: [] }

/** The result as a reader in a terminal wants it: what happened per journey, whether it is right, where to look, what to type next. */
export function renderResult(result: Result, { color, api, writeKey, running }: ResultView): string {
  const colors = pc.createColors(color)
  const table = new Table({
    head: ['journey', 'started', 'email', 'sms', 'held', 'refused', 'held out', 'converted', 'finished'].map((word) =>
      colors.bold(word),
    ),
    style: PLAIN,
    colAligns: ['left', 'right', 'right', 'right', 'right', 'left', 'right', 'right', 'right'],
  })
  for (const [id, counts] of Object.entries(result.journeys)) {
    table.push([
      colors.cyan(id),
      counts.entered,
      counts.sent.email,
      counts.sent.sms,
      counts.held,
      Object.entries(counts.refused)
        .map(([reason, n]) => `${n} ${reason}`)
        .join('\n') || '0',
      counts.ghost,
      counts.converted,
      counts.finished,
    ])
  }
  const { total, distinct } = result.handoffs
  return [
    table.toString(),
    distinct === total
      ? `${total} messages handed over, none of them twice.`
      : `${total} messages handed over, but only ${distinct} different ones.`,
    ...(result.ok
      ? [colors.green('Every expectation holds.')]
      : [colors.red('These expectations do not hold:'), ...result.failures.map((failure) => `  - ${failure}`)]),
    '',
    'Where to look',
    `  ${colors.bold('runs')}      ${result.ui}`,
    `  ${colors.bold('messages')}  ${result.inbox}`,
    `  ${colors.bold('API')}       ${api}`,
    '',
    ...nextSteps(api, writeKey, running),
  ].join('\n')
}

function nextSteps(api: string, writeKey: string, running: boolean): readonly string[] {
  if (!running) {
    return [
      'Next',
      '  npm start                                        the same, and it stays to be looked at',
      '  npx segue check                                  change a journey in journeys/ and see what the compiler says',
    ]
  }
  const properties = '{"cart":{"id":"mine","total":80}}'
  return [
    'Next: leave a cart of your own, and see its run and its messages come',
    `  curl ${api}/v1/track -u ${writeKey}: -H 'content-type: application/json' \\`,
    `    -d '{"userId":"person-01","event":"cart.abandoned","properties":${properties}}'`,
    'Ctrl-C stops everything; npm start goes on from there.',
  ]
}
