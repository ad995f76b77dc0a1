import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { readInstant } from './instant.ts'

export type SchemaFinding =
  | { readonly kind: 'valid' }
  | { readonly kind: 'unknown_event'; readonly detail: string }
  | { readonly kind: 'schema'; readonly detail: string }

/** The workspace's schemas, compiled once per deployment. */
export interface EventSchemas {
  checkEvent(name: string, properties: unknown): SchemaFinding
  /** What is wrong with a trait, or undefined. Traits without a schema may be anything. */
  checkTrait(name: string, value: unknown): string | undefined
}

const MAX_FINDINGS = 3

export function compileEventSchemas(workspace: CompiledWorkspace): EventSchemas {
  // Values are checked as they came and never coerced: a total of "30" would compare differently in a condition.
  const ajv = new Ajv({ allErrors: true, strict: false, coerceTypes: false })
  ajv.addFormat('date-time', (text: string) => readInstant(text) !== undefined)
  ajv.addFormat('date', /^\d{4}-\d{2}-\d{2}$/)
  ajv.addFormat('email', /^[^\s@]+@[^\s@]+$/)
  ajv.addFormat('uri', /^[a-z][a-z0-9+.-]*:\S+$/i)
  const events = compileEach(ajv, workspace.events)
  const traits = compileEach(ajv, workspace.contact.properties)

  return {
    checkEvent(name, properties) {
      const validate = events.get(name)
      if (validate === undefined) {
        return { kind: 'unknown_event', detail: `no schema in events/ is named ${JSON.stringify(name)}` }
      }
      return validate(withoutNulls(properties))
        ? { kind: 'valid' }
        : { kind: 'schema', detail: explain(name, validate.errors) }
    },
    checkTrait(name, value) {
      const validate = traits.get(name)
      return validate === undefined || validate(value) ? undefined : explain(name, validate.errors)
    },
  }
}

/** Clients write null for what they do not know; it is the same as not saying it, and conditions read it so too. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const known = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(known.map(([name, member]) => [name, withoutNulls(member)]))
}

function compileEach(ajv: Ajv, schemas: Readonly<Record<string, object>>): ReadonlyMap<string, ValidateFunction> {
  return new Map(Object.entries(schemas).map(([name, schema]) => [name, ajv.compile(schema)]))
}

function explain(name: string, errors: readonly ErrorObject[] | null | undefined): string {
  return (errors ?? [])
    .slice(0, MAX_FINDINGS)
    .map((error) => `${name}${error.instancePath.replaceAll('/', '.')} ${error.message ?? 'is not valid'}`)
    .join('; ')
}
