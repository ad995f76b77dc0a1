import { ENTRY } from '../../core/compiled-journey.ts'
import { report } from '../../diagnostics/report.ts'
import type { JourneyRule } from './rule.ts'
import { unknownName } from './unknown-name.ts'

/** Names that mean something else: the anchor of entry, and the members that every JavaScript object has. */
const RESERVED: ReadonlySet<string> = new Set([ENTRY, 'constructor'])

/** A step counts from entry or from another step; its own name must not hide one of those. */
export const anchorsKnown: JourneyRule = ({ source, journey }) => {
  const ids = journey.steps.map((step) => step.id)
  return journey.steps.flatMap((step) => {
    const { from } = step
    if (RESERVED.has(step.id)) {
      const message = `a step cannot be called ${JSON.stringify(step.id)}`
      return [report(source, 'SEG311', { message, at: step.key, help: 'the name has a meaning of its own' })]
    }
    if (from === undefined || from.value === ENTRY || ids.includes(from.value)) return []
    const known = [ENTRY, ...ids.filter((id) => id !== step.id)]
    return [unknownName(source, from, { code: 'SEG307', noun: 'step', known, declaredIn: 'steps: of this journey' })]
  })
}
