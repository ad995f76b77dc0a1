import { formatDuration } from '../compiler/document/scalar-grammar.ts'
import { ENTRY, type Step } from '../core/compiled-journey.ts'

/** When a step is due, in words: `1h after entry`, `1d after hello, spread over 0m to 1h`. */
export function whenOf({ from, offsetMs, local, spread }: Step): string {
  const anchor = from === ENTRY ? 'entry' : from
  const base =
    local === undefined
      ? offsetMs === 0
        ? `at ${anchor}`
        : `${formatDuration(Math.abs(offsetMs))} ${offsetMs < 0 ? 'before' : 'after'} ${anchor}`
      : `${dayWords(local.days)} ${anchor}, ${clock(local.minute)} local time`
  if (spread === undefined) return base
  return `${base}, then ${spread.minMs === 0 ? 'up to ' : `${formatDuration(spread.minMs)} to `}${formatDuration(spread.maxMs)} later`
}

function dayWords(days: number): string {
  if (days === 0) return 'the day of'
  const count = Math.abs(days)
  return `${count} ${count === 1 ? 'day' : 'days'} ${days < 0 ? 'before' : 'after'}`
}

function clock(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`
}

/** The conditions that a step is sent under, as written. */
export function conditionsOf(step: Step): readonly string[] {
  return [
    ...(step.if === undefined ? [] : [`if ${step.if.source}`]),
    ...(step.unless === undefined ? [] : [`unless ${step.unless.source}`]),
    ...(step.arm === undefined ? [] : [`arm ${step.arm.experiment}.${step.arm.arm}`]),
  ]
}
