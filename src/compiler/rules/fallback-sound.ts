import { report } from '../../diagnostics/report.ts'
import type { JourneyRule } from './rule.ts'

/** A fallback is another way to the same person: the same channel would fail the same way. */
export const fallbackSound: JourneyRule = ({ source, journey }) =>
  journey.steps.flatMap(({ actions, fallback, fallbackWithin }) => {
    const [action] = actions
    const second = fallback?.actions.length === 1 ? fallback.actions[0] : undefined
    if (fallback === undefined && fallbackWithin !== undefined) {
      const at = fallbackWithin.node
      return [
        report(source, 'SEG319', {
          message: 'fallback_within without a fallback',
          at,
          help: 'add a fallback or remove it',
        }),
      ]
    }
    if (action === undefined || second === undefined || actions.length > 1 || action.channel !== second.channel)
      return []
    return [
      report(source, 'SEG313', {
        message: `the fallback of this ${action.channel} is the same channel`,
        at: second.key,
        help: `an address that cannot get the first ${action.channel} cannot get the second`,
        related: [{ message: `${action.channel} is here`, at: action.key }],
      }),
    ]
  })
