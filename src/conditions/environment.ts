import { Environment } from '@marcbachmann/cel-js'
import type { FieldSchema, ObjectSchema } from '../core/field-schema.ts'
import { CONDITION_FUNCTIONS } from './functions.ts'
import { CEL_OPTIONS } from './program.ts'
import type { Scope } from './scope.ts'
import { isInstantField, ROOTS } from './scope.ts'

const environments = new WeakMap<Scope, Environment>()

/** The CEL environment in which expressions of a scope are type-checked. Never evaluated in: see evaluation.ts. */
export function environmentOf(scope: Scope): Environment {
  const known = environments.get(scope)
  if (known !== undefined) return known
  const environment = new Environment(CEL_OPTIONS)
  for (const one of CONDITION_FUNCTIONS) {
    if (!one.builtIn) environment.registerFunction(one.signature, () => false, { async: false })
  }
  mixNumbers(environment)
  for (const root of ROOTS) {
    const schema = scope[root]
    if (schema === undefined) continue
    registerObject(environment, `${root}.data`, schema)
    environment.registerVariable(root, `${root}.data`)
  }
  environments.set(scope, environment)
  return environment
}

/**
 * JSON has one kind of number and CEL has two: facts are `double`, and what is written in an expression is `int`. CEL compares them
 * with `>` but neither with `==` nor in sums, which no author would expect.
 */
function mixNumbers(environment: Environment): void {
  environment.registerOperator('double == int', () => false)
  for (const operator of ['+', '-', '*', '/']) {
    environment.registerOperator(`double ${operator} int: double`, () => 0)
    environment.registerOperator(`int ${operator} double: double`, () => 0)
  }
  environment.registerOperator('double in list<int>: bool', () => false)
  environment.registerOperator('int in list<double>: bool', () => false)
}

/** Types are registered from the inside out: a type that names a later one crashes the registration. */
function registerObject(environment: Environment, name: string, schema: ObjectSchema): string {
  const fields: Record<string, string> = Object.create(null)
  for (const [field, fieldSchema] of Object.entries(schema.properties)) {
    fields[field] = typeName(environment, `${name}.${field}`, fieldSchema)
  }
  environment.registerType(name, { fields })
  return name
}

function typeName(environment: Environment, name: string, schema: FieldSchema): string {
  switch (schema.type) {
    case 'string':
      return isInstantField(schema) ? 'google.protobuf.Timestamp' : 'string'
    case 'number':
    case 'integer':
      return 'double'
    case 'boolean':
      return 'bool'
    case 'array':
      return `list<${typeName(environment, `${name}.element`, schema.items)}>`
    case 'object':
      return registerObject(environment, name, schema)
    default:
      return schema satisfies never
  }
}

/** A CEL type in the words of the documentation. */
export function typeInWords(type: string): string {
  switch (type) {
    case 'string':
      return 'a text'
    case 'double':
    case 'int':
      return 'a number'
    case 'bool':
      return 'true or false'
    case 'google.protobuf.Timestamp':
      return 'an instant'
    case 'google.protobuf.Duration':
      return 'a length of time'
    default:
      return type.startsWith('list') ? 'a list' : type.includes('.') ? 'an object with fields' : type
  }
}
