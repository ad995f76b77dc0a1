import { report } from '../../diagnostics/report.ts'
import type { JourneyRule } from './rule.ts'

/** A range reads from its smaller end to its larger one. */
export const spreadOrdered: JourneyRule = ({ source, journey }) =>
  journey.steps.flatMap(({ spread }) => {
    if (spread === undefined || spread.value.minMs <= spread.value.maxMs) return []
    const turned = String(spread.node.value).split('-').toReversed().join('-')
    return [
      report(source, 'SEG314', {
        message: `the range ${spread.node.source} is written backwards`,
        at: spread.node,
        help: `write ${turned}`,
        fix: { at: spread.node, text: turned, applicability: 'safe' },
      }),
    ]
  })
