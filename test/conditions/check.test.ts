import { describe, expect, it } from 'vitest'
import { checkExpression } from '../../src/conditions/check.ts'
import type { ExpressionProblem, Scope } from '../../src/conditions/check.ts'
import { CART_SCOPE } from './scope.ts'

function problemsOf(
  source: string,
  expect: 'bool' | 'key' = 'bool',
  scope: Scope = CART_SCOPE,
): readonly ExpressionProblem[] {
  const result = checkExpression(source, scope, expect)
  return result.kind === 'ok' ? [] : result.problems
}

function only(source: string, expectType: 'bool' | 'key' = 'bool'): ExpressionProblem & { readonly text: string } {
  const problems = problemsOf(source, expectType)
  const [problem] = problems
  if (problem === undefined || problems.length !== 1)
    throw new Error(`expected one problem: ${JSON.stringify(problems)}`)
  return { ...problem, text: source.slice(problem.start, problem.end) }
}

describe('valid conditions', () => {
  it.each([
    'trigger.cart.total >= 30',
    'event.cart_id == trigger.cart.id',
    'clicked("sms-code") || undelivered("first-email")',
    'contact.age == 18',
    'contact.age != 18 && 18 == contact.age',
    'contact.age in [18, 21]',
    'contact.visits * 2 + 1 > 3',
    'contact.country in ["US", "CA"]',
    '!("vip" in contact.tags)',
    'has(contact.first_name) && contact.first_name.lowerAscii().startsWith("a")',
    'days_since(contact.last_order_at) > 30',
    'days_since(contact.birthday) > 6570',
    'contact.last_order_at < timestamp("2026-01-01T00:00:00Z")',
    'trigger.starts_at - contact.last_order_at > duration("48h")',
    'trigger.cart.items.exists(i, i.price > 20 && i.name.contains("Lamp"))',
    'trigger.cart.items.filter(i, i.price > 20).size() >= 1',
    'size(trigger.cart.items) == 2',
    'trigger.cart.items[0].price > 1',
    'contact["first_name"] == "Ada"',
    'contact.address.city == "Boston" ? contact.vip : contact.age > 20',
    'contact.plan == "gold"',
  ])('accepts %s', (source) => {
    expect(problemsOf(source)).toEqual([])
  })

  it('names every fact that is read, sorted', () => {
    const result = checkExpression(
      'clicked("sms-code") || trigger.cart.items.exists(i, i.price > contact.age)',
      CART_SCOPE,
    )
    expect(result).toMatchObject({
      kind: 'ok',
      expression: {
        reads: ['contact.age', 'steps.sms-code.clicked', 'trigger.cart.items', 'trigger.cart.items[].price'],
      },
    })
  })

  it('accepts text and numbers, and nothing else, as a key', () => {
    expect(problemsOf('trigger.cart.id', 'key')).toEqual([])
    expect(problemsOf('string(contact.age) + trigger.cart.id', 'key')).toEqual([])
    expect(problemsOf('trigger.cart.total', 'key')).toEqual([])
    expect(only('contact.vip', 'key')).toMatchObject({
      code: 'SEG405',
      message: 'a key must be a text or a number, this is true or false',
    })
    expect(only('trigger.cart', 'key').code).toBe('SEG405')
  })

  it('warns that opens are weak evidence, and offers clicks', () => {
    const result = checkExpression('!opened("first-email")', CART_SCOPE)
    expect(result).toMatchObject({
      kind: 'ok',
      warnings: [{ code: 'SEG409', start: 1, suggestion: 'clicked("first-email")' }],
    })
  })
})

describe('holes of the CEL library that are closed', () => {
  it('refuses matches(), which is a JavaScript RegExp and runs for seconds on a short text', () => {
    expect(only('contact.first_name.matches("^(a+)+$")')).toMatchObject({ code: 'SEG403', text: 'matches' })
  })

  it('refuses every function that the table does not name', () => {
    for (const source of [
      'dyn(contact.vip)',
      'cel.bind(x, contact.vip, x)',
      'type(contact.age) == type(1)',
      'bytes("a") == b"a"',
    ]) {
      expect(problemsOf(source).map((problem) => problem.code)).toContain('SEG403')
    }
    expect(only('contact.tags.map(t, t).size() > 1')).toMatchObject({ code: 'SEG403', text: 'map' })
  })

  it('resolves the path inside has()', () => {
    expect(only('has(contact.frst_name)')).toMatchObject({
      code: 'SEG402',
      text: 'frst_name',
      suggestion: 'first_name',
    })
  })

  it('refuses optional access, which would hide a misspelt name', () => {
    expect(only('contact.?frst_name == "x"').code).toBe('SEG401')
    expect(only('contact[?"frst_name"] == "x"').code).toBe('SEG401')
  })

  it('resolves an index with a literal like a field', () => {
    expect(only('contact["frst_name"] == "x"')).toMatchObject({ code: 'SEG402', suggestion: 'first_name' })
    expect(only('contact[trigger.cart.id] == "x"').code).toBe('SEG402')
  })

  it('finds no fact among the members of a prototype', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
      expect(problemsOf(`has(contact.${name})`).map((problem) => problem.code)).not.toEqual([])
      expect(problemsOf(`contact["${name}"] == "x"`).map((problem) => problem.code)).toEqual(['SEG402'])
    }
  })

  it('refuses null, which no field can be compared with', () => {
    expect(only('contact.first_name != null')).toMatchObject({ code: 'SEG404', text: 'null' })
  })

  it('knows date fields at any depth, where the library fails to register its own timestamp type', () => {
    const nested: Scope = {
      contact: {
        type: 'object',
        properties: {
          a: {
            type: 'object',
            properties: {
              b: {
                type: 'array',
                items: { type: 'object', properties: { at: { type: 'string', format: 'date-time' } } },
              },
            },
          },
        },
      },
      steps: [],
    }
    expect(problemsOf('contact.a.b.exists(x, days_since(x.at) > 1)', 'bool', nested)).toEqual([])
  })

  it('has no now()', () => {
    expect(only('now() > contact.last_order_at')).toMatchObject({ code: 'SEG403', suggestion: 'days_since' })
  })

  it('bounds length, nodes and depth', () => {
    expect(only(`contact.age in [${'1, '.repeat(101)}1]`).code).toBe('SEG406')
    expect(only(`1 ${'+ 1 '.repeat(200)}> 2`).code).toBe('SEG406')
    expect(only(`${'('.repeat(40)}contact.vip${')'.repeat(40)}`).code).toBe('SEG406')
    expect(only(`contact.first_name == "${'x'.repeat(3_000)}"`).code).toBe('SEG406')
    expect(only('{"a": 1}.size() > 0').code).toBe('SEG406')
  })
})

describe('mistakes', () => {
  it.each([
    ['contact.frist_name == "x"', 'SEG402', 'frist_name', 'first_name'],
    ['contcat.first_name == "x"', 'SEG402', 'contcat', 'contact'],
    ['trigger.cart.totl > 3', 'SEG402', 'totl', 'total'],
    ['trigger.cart.items.exists(i, i.prize > 3)', 'SEG402', 'prize', 'price'],
    ['clickd("sms-code")', 'SEG403', 'clickd', 'clicked'],
    ['contact.first_name.startWith("a")', 'SEG403', 'startWith', 'startsWith'],
    ['clicked("sms-cdoe")', 'SEG407', '"sms-cdoe"', '"sms-code"'],
    ['contact.plan == "glod"', 'SEG408', '"glod"', '"gold"'],
    ['contact.plan in ["free", "platinm"]', 'SEG408', '"platinm"', '"platinum"'],
  ])('%s: %s at %s, meant is %s', (source, code, text, suggestion) => {
    expect(only(source)).toMatchObject({ code, text, suggestion })
  })

  it.each([
    ['', 'SEG401', 'the condition is empty'],
    ['contact.age = 18', 'SEG401', 'to compare two values write =='],
    ['contact.age >', 'SEG401', 'the condition ends too early'],
    ['contact.vip and contact.vip', 'SEG401', 'unexpected "and"'],
    ['contact.age == "18"', 'SEG404', 'a number and a text do not go together with =='],
    ['contact.first_name > 3', 'SEG404', 'text has no order; compare numbers or instants'],
    ['contact.first_name && contact.vip', 'SEG404', '&& and || join conditions, this is a text'],
    ['!contact.age', 'SEG404', '! does not go together with a number'],
    [
      'days_since(contact.first_name) > 3',
      'SEG404',
      'days_since() takes an instant; the schema of "contact.first_name" has no date format',
    ],
    [
      'contact.last_order_at == timestamp("2026-02-31T00:00:00Z")',
      'SEG404',
      'expected an instant such as "2026-12-24T18:00:00Z"',
    ],
    ['contact.age', 'SEG405', 'a condition must be true or false, this is a number'],
    ['clicked(trigger.cart.id)', 'SEG407', 'clicked() takes the id of a step, in quotes'],
    ['contact.tags.size == 3', 'SEG402', undefined],
    ['contact.first_name.length > 3', 'SEG402', undefined],
    ['trigger.cart.items.price > 3', 'SEG402', undefined],
    ['has("x")', 'SEG404', undefined],
    ['contact.tags.exists(contact, contact == "x")', 'SEG402', undefined],
  ])('%s: %s', (source, code, message) => {
    expect(only(source)).toMatchObject(message === undefined ? { code } : { code, message })
  })

  it('says why the event is not known where none arrives', () => {
    const { event: _event, ...scope } = CART_SCOPE
    expect(problemsOf('event.cart_id == "x"', 'bool', scope)).toMatchObject([
      { code: 'SEG402', message: '"event" is not known: no event is at hand here' },
    ])
  })

  it('hints how to write an instant', () => {
    expect(only('contact.last_order_at > "2026-01-01T00:00:00Z"').code).toBe('SEG404')
    expect(only('contact.last_order_at == "2026-01-01T00:00:00Z"').message).toContain(
      'timestamp("2026-12-24T18:00:00Z")',
    )
  })

  it('reports each wrong name once', () => {
    expect(problemsOf('contact.frst_name == "x" && trigger.crt.total > 3').map((p) => p.suggestion)).toEqual([
      'first_name',
      'cart',
    ])
  })
})
