import { report } from '../../diagnostics/report.ts'
import type { StepDocument } from '../document/journey.ts'
import type { JourneyRule } from './rule.ts'

/** Steps that wait for each other are never due: nothing of such a circle would ever be sent. One finding for each circle. */
export const anchorsAcyclic: JourneyRule = ({ source, journey }) => {
  const byId = new Map(journey.steps.map((step) => [step.id, step]))
  const settled = new Set<string>()
  return journey.steps.flatMap((start) => {
    const walked: StepDocument[] = []
    let step: StepDocument | undefined = start
    while (step !== undefined && !settled.has(step.id)) {
      settled.add(step.id)
      walked.push(step)
      step = step.from === undefined ? undefined : byId.get(step.from.value)
    }
    const circle = step === undefined ? [] : walked.slice(walked.findIndex(({ id }) => id === step.id))
    const [first, ...others] = step === undefined || !walked.includes(step) ? [] : circle
    if (first?.from === undefined) return []
    const names = [...circle.map(({ id }) => id), first.id].join(' → ')
    return [
      report(source, 'SEG312', {
        message:
          others.length === 0
            ? `the step ${JSON.stringify(first.id)} waits for itself`
            : `these steps wait for each other: ${names}`,
        at: first.from.node,
        help: 'none of them would ever be due',
        related: others.flatMap(({ id, from }) =>
          from === undefined ? [] : [{ message: `${id} waits here`, at: from.node }],
        ),
      }),
    ]
  })
}
