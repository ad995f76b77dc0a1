import type { ShownJourney, Snapshot } from './live-workspace.ts'
import { bodiesOf, messagesOfStep, type PreviewedBody, type PreviewedMessage } from './previewed-message.ts'

/** How a message is named in addresses and on the command line. */
export interface MessageName {
  readonly journey: string
  readonly step: string
  /** Absent: the step's own message. */
  readonly branch?: string | undefined
  /** Of the template's experiment. Absent: the first. */
  readonly arm?: string | undefined
}

export interface FoundMessage {
  readonly shown: ShownJourney
  /** All of the step. */
  readonly messages: readonly [PreviewedMessage, ...PreviewedMessage[]]
  readonly message: PreviewedMessage
  readonly body: PreviewedBody
}

/** The message with this name, or undefined: names come from people. */
export function findMessage(
  { journeys }: Pick<Snapshot, 'journeys'>,
  { journey, step, branch = 'action', arm }: MessageName,
): FoundMessage | undefined {
  const shown = journeys.find((one) => one.journey.id === journey)
  const [first, ...rest] = shown?.journey.steps.filter((one) => one.id === step).flatMap(messagesOfStep) ?? []
  if (shown === undefined || first === undefined) return undefined
  const message = [first, ...rest].find((one) => one.branch === branch)
  const bodies = message === undefined ? [] : bodiesOf(message.action)
  const body = arm === undefined ? bodies[0] : bodies.find((one) => one.arm === arm)
  return message === undefined || body === undefined ? undefined : { shown, messages: [first, ...rest], message, body }
}
