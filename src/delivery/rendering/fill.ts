import type { Template } from 'liquidjs'
import type { LiquidOutput } from '../../compiler/templates/liquid.ts'
import { liquidFor } from '../../compiler/templates/liquid.ts'
import { Unrenderable } from './links.ts'

const PARSED_BOUND = 1_000
const parsed = new Map<string, Template[]>()

/** Fills one piece of Liquid. Throws {@link Unrenderable} for whatever keeps it from being complete. */
export function fill(text: string, output: LiquidOutput, zone: string, variables: object): string {
  const filled = rendered(text, output, zone, variables)
  // What is left over is seen by the recipient, or evaluated by the next program that handles it.
  if (filled.includes('{{') || filled.includes('{%')) throw new Unrenderable('Liquid is left in the message')
  return filled
}

function rendered(text: string, output: LiquidOutput, zone: string, variables: object): string {
  const liquid = liquidFor(output, zone)
  try {
    const key = `${output} ${zone} ${text}`
    let template = parsed.get(key)
    if (template === undefined) {
      if (parsed.size >= PARSED_BOUND) parsed.clear()
      template = liquid.parse(text)
      parsed.set(key, template)
    }
    return String(liquid.renderSync(template, variables))
  } catch (error) {
    // Only the name of the variable: other messages of Liquid may quote values.
    const missing = error instanceof Error ? /undefined variable: ([\w.[\]'"-]+)/.exec(error.message)?.[1] : undefined
    throw new Unrenderable(missing === undefined ? 'the template cannot be filled' : `missing ${missing}`)
  }
}
