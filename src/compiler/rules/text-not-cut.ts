import { report } from '../../diagnostics/report.ts'
import type { Located } from '../document/located.ts'
import { commentAfter } from '../source/cut.ts'
import { quoted } from '../source/quoted.ts'
import { messagesOf, type JourneyRule } from './rule.ts'

/** `subject: Save 10% #today` is `Save 10%` for YAML. Behind an unquoted text no comment may stand, so that none is lost. */
export const textNotCut: JourneyRule = ({ source, journey }) => {
  const texts: (Located<string> | undefined)[] = [journey.description]
  for (const {
    action: { subject },
  } of messagesOf(journey)) {
    texts.push(...(subject !== undefined && 'experiment' in subject ? subject.arms.map((arm) => arm.text) : [subject]))
  }
  return texts.flatMap((text) => {
    const comment = text === undefined ? undefined : commentAfter(source, text.node)
    if (text === undefined || comment === undefined) return []
    const at = { start: text.node.start, end: comment.end }
    return [
      report(source, 'SEG105', {
        message: 'YAML cuts this text off at #',
        at: { ...at, path: text.node.path },
        help: 'quote the whole text, or move the comment to its own line',
        fix: { at, text: quoted(source.text.slice(at.start, at.end)), applicability: 'maybe' },
      }),
    ]
  })
}
