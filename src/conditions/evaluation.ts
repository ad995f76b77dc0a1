import type { ASTNode } from '@marcbachmann/cel-js'
import type { ConditionFacts } from './facts.ts'
import type { StepFact } from './functions.ts'
import { conditionFunction, QUANTIFIERS } from './functions.ts'
import { Duration, Instant, parseDuration, parseInstant } from './instants.ts'
import { binary, instantOf } from './values.ts'

/** No answer, and for want of what. */
export class Unknown {
  readonly missing: string
  constructor(missing: string) {
    this.missing = missing
  }
}

/** Nodes visited at most: a list of any length inside an event cannot keep the gate busy. */
const WORK_BOUND = 50_000
const MS_PER_DAY = 86_400_000

/** A value together with the path that it came from, if it is a fact and not a result. */
interface Located {
  readonly value: unknown
  readonly path?: string
}

/**
 * One walk over one program's tree. It reads own properties of plain data only, calls nothing that the allow-list does not name,
 * and notes every fact that it looked at.
 */
export class Evaluation {
  readonly read: Record<string, unknown> = {}
  readonly #source: string
  readonly #facts: ConditionFacts
  readonly #variables: Located[] = []
  readonly #names: string[] = []
  #work = 0

  constructor(source: string, facts: ConditionFacts) {
    this.#source = source
    this.#facts = facts
  }

  of(node: ASTNode): unknown {
    if (++this.#work > WORK_BOUND) return new Unknown('too much work')
    switch (node.op) {
      case 'value':
        return node.args === null || typeof node.args === 'object' ? this.#no(node) : node.args
      case 'id':
      case '.':
      case '[]':
        return this.#fact(node)
      case '&&':
        return this.#logical(node, node.args[0], node.args[1], false)
      case '||':
        return this.#logical(node, node.args[0], node.args[1], true)
      case '!_': {
        const value = this.of(node.args)
        return value instanceof Unknown ? value : typeof value === 'boolean' ? !value : this.#no(node.args)
      }
      case '-_': {
        const value = this.of(node.args)
        if (value instanceof Unknown) return value
        return typeof value === 'bigint' || typeof value === 'number' ? -value : this.#no(node.args)
      }
      case '?:': {
        const condition = this.of(node.args[0])
        if (condition instanceof Unknown) return condition
        return typeof condition === 'boolean' ? this.of(node.args[condition ? 1 : 2]) : this.#no(node.args[0])
      }
      case 'list':
        return this.#list(node.args)
      case 'call':
        return this.#call(node, node.args[0], node.args[1])
      case 'rcall':
        return this.#method(node, node.args[0], node.args[1], node.args[2])
      case '==':
      case '!=':
      case '<':
      case '<=':
      case '>':
      case '>=':
      case 'in':
      case '+':
      case '-':
      case '*':
      case '/':
      case '%':
        return this.#binary(node, node.op, node.args[0], node.args[1])
      case '.?':
      case '[?]':
      case 'map':
        return this.#no(node)
      default:
        return node satisfies never
    }
  }

  #no(node: ASTNode): Unknown {
    return new Unknown(this.#pathOf(node) ?? this.#source.slice(node.start, node.end))
  }

  /** Kleene: one operand that decides is enough, whatever the other one is. */
  #logical(node: ASTNode, left: ASTNode, right: ASTNode, deciding: boolean): unknown {
    const a = this.of(left)
    if (a === deciding) return deciding
    const b = this.of(right)
    if (b === deciding) return deciding
    if (a instanceof Unknown) return a
    if (b instanceof Unknown) return b
    return typeof a === 'boolean' && typeof b === 'boolean' ? !deciding : this.#no(node)
  }

  #binary(node: ASTNode, operator: string, left: ASTNode, right: ASTNode): unknown {
    const a = this.of(left)
    if (a instanceof Unknown) return a
    const b = this.of(right)
    if (b instanceof Unknown) return b
    const result = binary(operator, a, b)
    if (result !== undefined) return result
    const fact = this.#pathOf(left) ?? this.#pathOf(right)
    return fact === undefined ? this.#no(node) : new Unknown(fact)
  }

  #list(nodes: readonly ASTNode[]): unknown {
    const values: unknown[] = []
    for (const node of nodes) {
      const value = this.of(node)
      if (value instanceof Unknown) return value
      values.push(value)
    }
    return values
  }

  #fact(node: ASTNode): unknown {
    const { value, path } = this.#locate(node)
    if (value instanceof Unknown) return value
    const known = value !== undefined && value !== null
    if (path !== undefined && !path.includes('[]')) this.read[path] = known ? value : null
    if (!known) return new Unknown(path ?? this.#source.slice(node.start, node.end))
    return typeof value === 'number' && !Number.isFinite(value) ? new Unknown(path ?? 'number') : value
  }

  #locate(node: ASTNode): Located {
    if (node.op === 'id') return this.#root(node.args)
    if (node.op === '.') return member(this.#locate(node.args[0]), node.args[1])
    if (node.op !== '[]') return { value: this.of(node) }
    const base = this.#locate(node.args[0])
    const index = this.of(node.args[1])
    if (index instanceof Unknown) return { value: index }
    if (typeof index === 'string') return member(base, index)
    const element = Array.isArray(base.value) && typeof index === 'bigint' ? base.value.at(Number(index)) : undefined
    // CEL has no negative indexes; Array.at would count from the end.
    const value = typeof index === 'bigint' && index < 0n ? undefined : element
    return base.path === undefined ? { value } : { value, path: `${base.path}[]` }
  }

  #root(name: string): Located {
    const variable = this.#variables[this.#names.lastIndexOf(name)]
    if (variable !== undefined) return variable
    if (name === 'contact' || name === 'trigger' || name === 'event') return { value: this.#facts[name], path: name }
    return { value: undefined, path: name }
  }

  #pathOf(node: ASTNode): string | undefined {
    return node.op === '.' || node.op === 'id' || node.op === '[]' ? this.#locate(node).path : undefined
  }

  #call(node: ASTNode, name: string, args: readonly ASTNode[]): unknown {
    const known = conditionFunction(name)
    const [first] = args
    if (known === undefined || first === undefined || args.length !== 1) return this.#no(node)
    if (known.step !== undefined) return this.#step(name, known.step, first) ?? this.#no(node)
    if (name === 'has') return this.#has(first)
    const value = this.of(first)
    if (value instanceof Unknown) return value
    return convert(name, value, this.#facts.now) ?? this.#no(first)
  }

  /** Never unknown: that a fact, or what should contain it, is not there is the answer. */
  #has(node: ASTNode): boolean {
    const { value, path } = this.#locate(node)
    const known = value !== undefined && value !== null && !(value instanceof Unknown)
    if (path !== undefined && !path.includes('[]')) this.read[path] = known ? value : null
    return known
  }

  #step(name: string, fact: StepFact, argument: ASTNode): boolean | undefined {
    if (argument.op !== 'value' || typeof argument.args !== 'string') return undefined
    const id = argument.args
    const answer = Object.hasOwn(this.#facts.steps, id) && typeof this.#facts.steps[id]?.[fact] === 'number'
    this.read[`steps.${id}.${name}`] = answer
    return answer
  }

  #method(node: ASTNode, name: string, receiver: ASTNode, args: readonly ASTNode[]): unknown {
    if (conditionFunction(name) === undefined) return this.#no(node)
    const target = this.of(receiver)
    if (target instanceof Unknown) return target
    const [first, second] = args
    if (QUANTIFIERS.has(name)) {
      if (!Array.isArray(target) || first?.op !== 'id' || second === undefined) return this.#no(receiver)
      return this.#quantify(name, target, this.#pathOf(receiver), first.args, second)
    }
    if (name === 'size' && first === undefined) return convert('size', target, 0) ?? this.#no(receiver)
    if (typeof target !== 'string') return this.#no(receiver)
    if (first === undefined)
      return name === 'trim' ? target.trim() : name === 'lowerAscii' ? lower(target) : this.#no(node)
    const argument = this.of(first)
    if (argument instanceof Unknown) return argument
    if (typeof argument !== 'string') return this.#no(first)
    if (name === 'contains') return target.includes(argument)
    if (name === 'startsWith') return target.startsWith(argument)
    return name === 'endsWith' ? target.endsWith(argument) : this.#no(node)
  }

  #quantify(
    name: string,
    list: readonly unknown[],
    path: string | undefined,
    variable: string,
    body: ASTNode,
  ): unknown {
    const kept: unknown[] = []
    let unknown: Unknown | undefined
    for (const element of list) {
      this.#names.push(variable)
      this.#variables.push(path === undefined ? { value: element } : { value: element, path: `${path}[]` })
      const answer = this.of(body)
      this.#names.pop()
      this.#variables.pop()
      if (answer === true && name === 'exists') return true
      if (answer === false && name === 'all') return false
      if (answer === true) kept.push(element)
      else if (answer !== false) unknown ??= answer instanceof Unknown ? answer : this.#no(body)
      if (this.#work > WORK_BOUND) break
    }
    if (unknown !== undefined) return unknown
    switch (name) {
      case 'exists':
        return false
      case 'all':
        return true
      case 'exists_one':
        return kept.length === 1
      default:
        return kept
    }
  }
}

/** The own property of plain data; a prototype's members are no facts. */
function member(base: Located, name: string): Located {
  if (base.value instanceof Unknown) return base
  const object = base.value
  const inside = typeof object === 'object' && object !== null && !Array.isArray(object) && Object.hasOwn(object, name)
  const value: unknown = inside ? Reflect.get(object, name) : undefined
  return base.path === undefined ? { value } : { value, path: `${base.path}.${name}` }
}

function convert(name: string, value: unknown, now: number): unknown {
  switch (name) {
    case 'size':
      if (typeof value === 'string') return BigInt(Array.from(value).length)
      return Array.isArray(value) ? BigInt(value.length) : undefined
    case 'string':
      return typeof value === 'string' ||
        typeof value === 'boolean' ||
        typeof value === 'number' ||
        typeof value === 'bigint'
        ? String(value)
        : undefined
    case 'timestamp': {
      const ms = typeof value === 'string' ? parseInstant(value) : undefined
      return ms === undefined ? undefined : new Instant(ms)
    }
    case 'duration': {
      const ms = typeof value === 'string' ? parseDuration(value) : undefined
      return ms === undefined ? undefined : new Duration(ms)
    }
    case 'days_since': {
      const ms = instantOf(value)
      return ms === undefined ? undefined : (now - ms) / MS_PER_DAY
    }
    default:
      return undefined
  }
}

/** ASCII only, as the name says: the Turkish dotless i must not depend on where the process runs. */
function lower(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}
