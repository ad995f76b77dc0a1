import { report, type Span } from '../../diagnostics/report.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import { impliedGoal } from '../bind/implied-goal.ts'
import { entryOf } from '../source/node.ts'
import type { JourneyRule } from './rule.ts'

/** `unless: converted` on a step: the goal says it once for the whole journey. */
export const goalImplied: JourneyRule = ({ source, journey }) =>
  journey.steps.flatMap((step) =>
    (['if', 'unless'] as const).flatMap((name) => {
      const entry = entryOf(step.map, name)
      const condition = step[name]
      if (entry === undefined || condition === undefined || impliedGoal(name, condition.value) === undefined) return []
      if (journey.goal === undefined) {
        return [
          report(source, 'SEG320', {
            message: 'this journey has no goal that a contact could have reached',
            at: condition.node,
            help: 'add goal: with the event that means it',
          }),
        ]
      }
      return [
        report(source, 'SEG310', {
          message: 'the goal already ends this journey',
          at: { start: entry.key.start, end: condition.node.end, path: condition.node.path },
          help: 'remove it; the goal is read again before each message',
          fix: { at: lineOf(source, entry.key.start, condition.node.end), text: '', applicability: 'safe' },
        }),
      ]
    }),
  )

/** The whole line if nothing else stands on it; otherwise the entry with its comma. */
function lineOf(source: SourceText, start: number, end: number): Span {
  const lineStart = source.offset(source.position(start).line, 1)
  const after = /^[^\n]*\n?/.exec(source.text.slice(end))?.[0] ?? ''
  const alone = source.text.slice(lineStart, start).trim() === '' && /^\s*(#.*)?$/.test(after.trimEnd())
  if (alone) return { start: lineStart, end: end + after.length }
  const commaBefore = /,\s*$/.exec(source.text.slice(0, start))
  if (commaBefore !== null) return { start: start - commaBefore[0].length, end }
  const commaAfter = /^\s*,\s*/.exec(source.text.slice(end))
  return { start, end: end + (commaAfter?.[0].length ?? 0) }
}
