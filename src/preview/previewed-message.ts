import type { Branch, MessageAction, Step } from '../core/compiled-journey.ts'
import { messageOf } from '../core/compiled-journey.ts'

/** One message that a step may send. */
export interface PreviewedMessage {
  readonly step: Step
  readonly branch: Branch
  readonly action: MessageAction
}

/** One body of a message, and the subjects that it may come under: each a name of an arm, or undefined for the only one. */
export interface PreviewedBody {
  /** The arm of the template's experiment. */
  readonly arm?: string
  readonly template: string
  readonly content: string
  readonly subjects: readonly (string | undefined)[]
}

export function messagesOf(steps: readonly Step[]): readonly PreviewedMessage[] {
  return steps.flatMap(messagesOfStep)
}

export function messagesOfStep(step: Step): readonly PreviewedMessage[] {
  return (['action', 'fallback'] as const).flatMap((branch) => {
    const action = messageOf(step, branch)
    return action === undefined ? [] : [{ step, branch, action }]
  })
}

/** Every body with every subject that a contact can get with it: where template and subject are one experiment, the arms go together. */
export function bodiesOf({ template, content, templates, subject }: MessageAction): readonly PreviewedBody[] {
  const subjects = typeof subject === 'object' ? subject.arms.map(({ name }) => name) : [undefined]
  if (templates === undefined) return [{ template, content, subjects }]
  const together = typeof subject === 'object' && subject.experiment === templates.experiment
  return templates.arms.map((arm) => ({
    arm: arm.name,
    template: arm.template,
    content: arm.content,
    subjects: together ? [arm.name] : subjects,
  }))
}
