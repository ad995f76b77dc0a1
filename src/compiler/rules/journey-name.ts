import { FORBIDDEN_JOURNEY_IDS } from '../../core/compiled-journey.ts'
import { report } from '../../diagnostics/report.ts'
import type { JourneyRule } from './rule.ts'

/** A journey is found by its id: in git, in Temporal, in every report. So the file is called like the journey. */
export const journeyName: JourneyRule = ({ source, journey: { id }, fileName }) => {
  if (FORBIDDEN_JOURNEY_IDS.includes(id.value)) {
    return [
      report(source, 'SEG311', {
        message: `a journey cannot be called ${JSON.stringify(id.value)}`,
        at: id.node,
        help: 'the durable engine uses this name itself',
      }),
    ]
  }
  if (id.value === fileName) return []
  return [
    report(source, 'SEG309', {
      message: `the journey is called ${JSON.stringify(id.value)}, its file ${JSON.stringify(`${fileName}.yaml`)}`,
      at: id.node,
      help: `rename the file to ${id.value}.yaml, or the journey`,
      fix: { at: id.node, text: fileName, applicability: 'maybe' },
    }),
  ]
}
