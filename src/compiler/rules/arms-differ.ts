import { report } from '../../diagnostics/report.ts'
import { messagesOf, type JourneyRule } from './rule.ts'

/** Two arms with one text can only measure chance. */
export const armsDiffer: JourneyRule = ({ source, journey }) =>
  messagesOf(journey).flatMap(({ action: { subject } }) => {
    if (subject === undefined || !('experiment' in subject)) return []
    return subject.arms.flatMap((arm, index) => {
      const twin = subject.arms.slice(0, index).find((earlier) => earlier.text.value === arm.text.value)
      if (twin === undefined) return []
      return [
        report(source, 'SEG317', {
          message: `the arms ${JSON.stringify(twin.name)} and ${JSON.stringify(arm.name)} say the same`,
          at: arm.text.node,
          related: [{ message: 'the same text is here', at: twin.text.node }],
        }),
      ]
    })
  })
