import type { Event } from './enrollment.ts'
import { isInstant } from './timing.ts'

/** Signals and activity results are decoded JSON: their shape is a promise, not a fact. What is not sound changes nothing. */
export function isSound(event: Event): boolean {
  if (!isObject(event) || !isInstant(event.at)) return false
  if ('due' in event && !hasInstants(event.due, false)) return false
  switch (event.kind) {
    case 'resume':
      return isInstant(event.withinMs) && event.withinMs >= 0
    case 'undelivered':
      return typeof event.step === 'string'
    case 'anchored':
      return typeof event.anchor === 'string' && isInstant(event.instant)
    case 'retimed':
      return isObject(event.anchors) && hasInstants(event.anchors, true)
    case 'migrate':
      return (
        isObject(event.journey) &&
        Array.isArray(event.journey.steps) &&
        (event.late === 'send' || event.late === 'skip') &&
        hasInstants(event.anchors, false) &&
        hasTexts(event.renamed) &&
        hasTexts(event.arms)
      )
    case 'decided':
      return hasSoundVerdict(event)
    case 'woke':
    case 'goal':
    case 'exit':
      return true
    default:
      // Kinds of a newer sender are ignored where they are applied.
      event satisfies never
      return true
  }
}

function hasSoundVerdict({ verdict }: Extract<Event, { kind: 'decided' }>): boolean {
  if (!isObject(verdict)) return false
  if (verdict.kind === 'held') return isInstant(verdict.until)
  if (verdict.kind === 'failed') return verdict.handedOffAt === undefined || isInstant(verdict.handedOffAt)
  return (verdict.kind !== 'sent' && verdict.kind !== 'held_out') || isInstant(verdict.at)
}

function hasInstants(value: unknown, orNull: boolean): boolean {
  if (value === undefined) return true
  return isObject(value) && Object.values(value).every((one) => isInstant(one) || (orNull && one === null))
}

function hasTexts(value: unknown): boolean {
  return value === undefined || (isObject(value) && Object.values(value).every((one) => typeof one === 'string'))
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
