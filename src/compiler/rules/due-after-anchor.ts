import { ENTRY } from '../../core/compiled-journey.ts'
import { report } from '../../diagnostics/report.ts'
import type { JourneyRule } from './rule.ts'

/** Entry and hand-offs are only known once they have happened: nothing can be due before them. */
export const dueAfterAnchor: JourneyRule = ({ source, journey }) =>
  journey.steps
    .filter((step) => step.at.value < 0)
    .map((step) => {
      const anchor = step.from?.value ?? ENTRY
      const written = step.at.node.source.replace(/^(['"]?)-/, '$1')
      return report(source, 'SEG322', {
        message: `${JSON.stringify(step.id)} is due before ${anchor === ENTRY ? 'the contact enters' : `${JSON.stringify(anchor)} is sent`}`,
        at: step.at.node,
        help: `write ${written}`,
        fix: { at: step.at.node, text: written, applicability: 'maybe' },
      })
    })
