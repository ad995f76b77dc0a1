import type { Severity } from './codes.ts'
import type { Diagnostic } from './diagnostic.ts'

/** How many findings there are of each severity. */
export function countBySeverity(diagnostics: readonly Diagnostic[]): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, info: 0 }
  for (const { severity } of diagnostics) counts[severity] += 1
  return counts
}

/**
 * The machine form: every finding, never shortened. `format` follows Terraform's rule: a new minor only adds members, a new
 * major may change them, and a reader refuses a major that it does not know.
 */
export function renderJson(diagnostics: readonly Diagnostic[]): string {
  return `${JSON.stringify({ format: '1.0', counts: countBySeverity(diagnostics), diagnostics }, null, 2)}\n`
}
