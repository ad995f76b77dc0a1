import { actionOf, type Action, type CompiledJourney } from '../../src/core/compiled-journey.ts'
import type { Effect, Outcome, State, StepState } from '../../src/core/enrollment.ts'
import type { JourneyInput, JourneyResult } from '../protocol.ts'

/**
 * What an operator reads in the Temporal UI: plain words, instants in the workspace's zone, no personal data.
 * Summaries stay under about 100 characters (the server's limit is 400 bytes of payload).
 */
type Wait = Extract<Effect, { kind: 'wait' }>
type Deliver = Extract<Effect, { kind: 'deliver' }>

/** "sms-code due Tue 14:03 New York". */
export function describeWait(input: Pick<JourneyInput, 'zone'>, wait: Wait): string {
  const instant = describeInstant(wait.until, input.zone)
  switch (wait.why) {
    case 'due':
      return `${wait.step} due ${instant}`
    case 'held':
      return `${wait.step} held until ${instant}`
    case 'receipt':
      return `${wait.step} sent, receipt awaited until ${instant}`
    case 'anchor':
      return `${wait.step} waits for its anchor until ${instant}`
  }
}

/** "email cart/reminder (first-email)". */
export function describeDelivery(journey: CompiledJourney, { step, branch }: Deliver): string {
  const found = journey.steps.find(({ id }) => id === step)
  const action = found && actionOf(found, branch)
  const label = branch === 'fallback' ? `${step}, fallback` : step
  return action === undefined ? label : `${describeAction(action)} (${label})`
}

function describeAction(action: Action): string {
  switch (action.kind) {
    case 'message':
      return `${action.channel} ${action.template}`
    case 'webhook':
      return 'webhook'
    case 'update':
      return 'update of the contact'
    case 'enroll':
      return `enroll ${action.journey}`
  }
}

/** Markdown: what happens next and when, then every step's state. */
export function describeEffect(input: Pick<JourneyInput, 'journey' | 'zone'>, state: State, effect: Effect): string {
  const next =
    effect.kind === 'wait'
      ? `**Next:** ${describeWait(input, effect)}`
      : effect.kind === 'deliver'
        ? `**Now:** deciding on ${describeDelivery(input.journey, effect)}`
        : `**Ended:** ${describeOutcome(effect.outcome)}`
  return `${next}\n\n${describeSteps(input, state)}`
}

/** Markdown of a run's timeline, also shown as static details from the start, while the run still sleeps. */
export function describeSteps(input: Pick<JourneyInput, 'journey' | 'zone'>, state: State): string {
  return input.journey.steps
    .map(({ id, from, action }) => {
      const step = state.steps[id] ?? { kind: 'waiting' }
      return `- \`${id}\` (${action.kind === 'message' ? action.channel : action.kind}): ${describeStep(step, from, input.zone)}`
    })
    .join('\n')
}

export function describeResult(journey: CompiledJourney, state: State, outcome: Outcome): JourneyResult {
  return {
    outcome: describeOutcome(outcome),
    steps: Object.fromEntries(
      journey.steps.map(({ id }) => {
        const step = state.steps[id]
        return [id, step?.kind === 'closed' ? step.reason : step?.kind === 'sent' ? 'sent' : 'not sent']
      }),
    ),
  }
}

function describeStep(step: StepState, from: string, zone: string): string {
  switch (step.kind) {
    case 'waiting':
      return `waits for ${from}`
    case 'due':
      return `due ${describeInstant(step.dueAt, zone)}${step.branch === 'fallback' ? ' (fallback)' : ''}`
    case 'held':
      return `held until ${describeInstant(step.until, zone)} (${words(step.reason)})`
    case 'delivering':
      return 'being decided'
    case 'sent':
      return `sent ${describeInstant(step.at, zone)}${step.branch === 'fallback' ? ' (fallback)' : ''}`
    case 'closed':
      return `not sent (${words(step.reason)})`
  }
}

function describeOutcome(outcome: Outcome): string {
  switch (outcome) {
    case 'completed':
      return 'all steps done'
    case 'goal':
      return 'goal reached'
    case 'exited':
      return 'exited'
  }
}

function words(reason: string): string {
  return reason.replaceAll('_', ' ')
}

/** "Tue 14:03 New York". The zone is always explicit: the sandbox's default zone and locale are the host's. */
function describeInstant(instant: number, zone: string): string {
  const time = formatIn(zone).format(instant)
  return `${time.replace(',', '')} ${zone.slice(zone.lastIndexOf('/') + 1).replaceAll('_', ' ')}`
}

// Making a format costs a hundred times as much as using it, and a run describes itself at every step.
const formats = new Map<string, Intl.DateTimeFormat>()

function formatIn(zone: string): Intl.DateTimeFormat {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      timeZone: zone,
    })
    formats.set(zone, format)
  }
  return format
}
