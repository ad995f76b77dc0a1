import type { ASTNode } from '@marcbachmann/cel-js'
import type { FieldSchema } from '../core/field-schema.ts'
import { suggest } from '../diagnostics/suggestion.ts'
import { CONDITION_FUNCTIONS, conditionFunction, QUANTIFIERS } from './functions.ts'
import { parseDuration, parseInstant } from './instants.ts'
import type { ExpressionCode, ExpressionProblem } from './problem.ts'
import type { Scope } from './scope.ts'
import { isInstantField, isRoot, ROOTS } from './scope.ts'

/** A fact, and what the schema says of it. `undefined` in its place: a computed value, left to the type check. */
interface Fact {
  readonly path: string
  readonly schema: FieldSchema
}

/**
 * Resolves every name in a program: facts against the schemas, functions against the allow-list, steps against the journey.
 *
 * The CEL type check alone is not enough: `has(contact.frst_name)` passes it with any name, and so does `matches()`, a JavaScript
 * RegExp that a short text keeps busy for seconds.
 */
export class References {
  readonly problems: ExpressionProblem[] = []
  readonly warnings: ExpressionProblem[] = []
  readonly reads = new Set<string>()
  readonly #source: string
  readonly #scope: Scope
  readonly #variables = new Map<string, Fact | undefined>()

  constructor(source: string, scope: Scope) {
    this.#source = source
    this.#scope = scope
  }

  /** Visits a node and all below it. Returns the fact that it is, if it is one. */
  visit(node: ASTNode): Fact | undefined {
    switch (node.op) {
      case 'value':
        if (node.args === null) this.#add('SEG404', 'null is not compared; ask has(…) whether a fact is there', node)
        else if (typeof node.args === 'object')
          this.#add('SEG403', 'bytes and unsigned numbers are not used in conditions', node)
        return undefined
      case 'id':
      case '.':
      case '[]': {
        const fact = this.#select(node)
        if (fact !== undefined) this.reads.add(fact.path)
        return fact
      }
      case '.?':
      case '[?]':
      case 'map':
        this.#add('SEG403', 'this form is not used in conditions', node)
        return undefined
      case 'call':
        this.#call(node, node.args[0], node.args[1])
        return undefined
      case 'rcall':
        return this.#method(node, node.args[0], node.args[1], node.args[2])
      case 'list':
      case '?:':
        for (const part of node.args) this.visit(part)
        return undefined
      case '!_':
      case '-_':
        this.visit(node.args)
        return undefined
      default:
        this.#binary(node.op, node.args[0], node.args[1])
        return undefined
    }
  }

  #add(
    code: ExpressionCode,
    message: string,
    at: { readonly start: number; readonly end: number },
    suggestion?: string,
  ): void {
    const { start, end } = at
    this.problems.push({ code, message, start, end, ...(suggestion === undefined ? {} : { suggestion }) })
  }

  #select(node: ASTNode): Fact | undefined {
    if (node.op === 'id') return this.#root(node, node.args)
    if (node.op !== '.' && node.op !== '[]') return this.visit(node)
    const base = this.#select(node.args[0])
    if (node.op === '.') {
      const name = node.args[1]
      return base && this.#field(base, name, { start: node.end - name.length, end: node.end })
    }
    const index = node.args[1]
    if (index.op === 'value' && typeof index.args === 'string') return base && this.#field(base, index.args, index)
    this.visit(index)
    if (base === undefined) return undefined
    if (base.schema.type === 'array') return { path: `${base.path}[]`, schema: base.schema.items }
    this.#add('SEG402', `"${base.path}" is not a list`, node)
    return undefined
  }

  #root(node: ASTNode, name: string): Fact | undefined {
    if (this.#variables.has(name)) return this.#variables.get(name)
    const schema = isRoot(name) ? this.#scope[name] : undefined
    if (schema !== undefined) return { path: name, schema }
    if (isRoot(name)) {
      const why = name === 'event' ? 'no event is at hand here' : 'this journey is not entered by an event'
      this.#add('SEG402', `"${name}" is not known: ${why}`, node)
      return undefined
    }
    const known = [...ROOTS.filter((root) => this.#scope[root] !== undefined), ...this.#variables.keys()]
    const meant = suggest(name, known)
    this.#add('SEG402', `unknown name "${name}"; a fact begins with ${known.join(', ')}`, node, meant)
    return undefined
  }

  #field(base: Fact, name: string, at: { readonly start: number; readonly end: number }): Fact | undefined {
    const { path, schema } = base
    if (schema.type !== 'object') {
      const help =
        schema.type === 'array' ? ` it is a list; ask ${path}.exists(x, x.${name} …)` : ' it is a single value'
      this.#add('SEG402', `"${path}" has no field "${name}":${help}`, at)
      return undefined
    }
    // Own properties only: `contact.constructor` is no fact.
    const field = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
    if (field !== undefined) return { path: `${path}.${name}`, schema: field }
    const fields = Object.keys(schema.properties)
    const list =
      fields.length === 0
        ? 'it has no fields'
        : `it has ${fields.slice(0, 12).join(', ')}${fields.length > 12 ? ', …' : ''}`
    this.#add('SEG402', `unknown field "${name}" in ${path}; ${list}`, at, suggest(name, fields))
    return undefined
  }

  #call(node: ASTNode, name: string, args: readonly ASTNode[]): void {
    const at = { start: node.start, end: node.start + name.length }
    const known = conditionFunction(name)
    if (known === undefined) return this.#unknownFunction(name, at)
    const [first] = args
    if (known.step !== undefined) return this.#step(known.name, first, node)
    if (first === undefined || args.length !== 1) return this.#add('SEG404', `${name}() takes one value`, node)
    const fact = this.visit(first)
    if (name === 'has' && first.op !== '.')
      this.#add('SEG404', 'has() takes a fact, such as has(contact.first_name)', first)
    if (name === 'timestamp') this.#literal(first, parseInstant, 'an instant such as "2026-12-24T18:00:00Z"')
    if (name === 'duration') this.#literal(first, parseDuration, 'a length of time such as "48h" or "30m"')
    if (name === 'days_since' && fact !== undefined && !isInstantField(fact.schema)) {
      this.#add('SEG404', `days_since() takes an instant; the schema of "${fact.path}" has no date format`, first)
    }
  }

  #literal(node: ASTNode, parse: (text: string) => number | undefined, wanted: string): void {
    if (node.op === 'value' && typeof node.args === 'string' && parse(node.args) !== undefined) return
    this.#add('SEG404', `expected ${wanted}`, node)
  }

  #step(name: string, argument: ASTNode | undefined, call: ASTNode): void {
    if (argument?.op !== 'value' || typeof argument.args !== 'string') {
      return this.#add('SEG407', `${name}() takes the id of a step, in quotes`, argument ?? call)
    }
    const id = argument.args
    if (!this.#scope.steps.includes(id)) {
      const meant = suggest(id, this.#scope.steps)
      return this.#add('SEG407', `there is no step "${id}"`, argument, meant === undefined ? undefined : `"${meant}"`)
    }
    this.reads.add(`steps.${id}.${name}`)
    if (name !== 'opened') return
    const message =
      'opens are weak evidence: mail programs load images by themselves or not at all; ask clicked() instead'
    this.warnings.push({ code: 'SEG409', message, start: call.start, end: call.end, suggestion: `clicked("${id}")` })
  }

  #method(node: ASTNode, name: string, receiver: ASTNode, args: readonly ASTNode[]): Fact | undefined {
    const at = this.#methodName(name, receiver)
    const fact = receiver.op === 'id' && receiver.args === 'cel' ? undefined : this.visit(receiver)
    if (conditionFunction(name) === undefined) {
      this.#unknownFunction(name, at)
      return undefined
    }
    if (!QUANTIFIERS.has(name)) {
      for (const argument of args) this.visit(argument)
      return undefined
    }
    const [variable, body] = args
    if (variable?.op !== 'id' || body === undefined || args.length !== 2) {
      this.#add('SEG404', `${name}() takes a name and a condition, such as items.${name}(i, i.price > 10)`, node)
      return undefined
    }
    if (isRoot(variable.args) || this.#variables.has(variable.args)) {
      this.#add('SEG402', `"${variable.args}" already means something else here`, variable)
      return undefined
    }
    if (fact !== undefined && fact.schema.type !== 'array')
      this.#add('SEG404', `"${fact.path}" is not a list`, receiver)
    const element = fact?.schema.type === 'array' ? { path: `${fact.path}[]`, schema: fact.schema.items } : undefined
    this.#variables.set(variable.args, element)
    this.visit(body)
    this.#variables.delete(variable.args)
    return name === 'filter' ? fact : undefined
  }

  #methodName(name: string, receiver: ASTNode): { readonly start: number; readonly end: number } {
    const start = Math.max(this.#source.indexOf(name, receiver.end), receiver.start)
    return { start, end: start + name.length }
  }

  #unknownFunction(name: string, at: { readonly start: number; readonly end: number }): void {
    const names = CONDITION_FUNCTIONS.map((one) => one.name)
    if (name === 'matches')
      return this.#add('SEG403', 'matches() is not allowed; use contains, startsWith or endsWith', at)
    if (name === 'now') return this.#add('SEG403', 'now() is not allowed; use days_since(…)', at, 'days_since')
    this.#add('SEG403', `there is no function ${name}() in conditions`, at, suggest(name, names))
  }

  #binary(operator: string, left: ASTNode, right: ASTNode): void {
    const [a, b] = [this.visit(left), this.visit(right)]
    if (operator === '==' || operator === '!=' || operator === 'in') {
      this.#possible(a, right)
      if (operator !== 'in') this.#possible(b, left)
    } else if (['<', '<=', '>', '>='].includes(operator)) {
      for (const [fact, node] of [
        [a, left],
        [b, right],
      ] as const) {
        const text =
          fact === undefined ? node.op === 'value' && typeof node.args === 'string' : isPlainText(fact.schema)
        if (text) return this.#add('SEG404', 'text has no order; compare numbers or instants', node)
      }
    }
  }

  /** A literal that an enumerated fact can never have is a typing mistake, and the condition would never hold. */
  #possible(fact: Fact | undefined, node: ASTNode): void {
    if (fact?.schema.type !== 'string' || fact.schema.enum === undefined) return
    for (const literal of node.op === 'list' ? node.args : [node]) {
      if (literal.op !== 'value' || typeof literal.args !== 'string' || fact.schema.enum.includes(literal.args))
        continue
      const meant = suggest(literal.args, fact.schema.enum)
      const message = `"${fact.path}" is never "${literal.args}"; it is one of ${fact.schema.enum.join(', ')}`
      this.#add('SEG408', message, literal, meant === undefined ? undefined : `"${meant}"`)
    }
  }
}

function isPlainText(schema: FieldSchema): boolean {
  return schema.type === 'string' && !isInstantField(schema)
}
