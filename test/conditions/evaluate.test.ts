import { Environment } from '@marcbachmann/cel-js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkExpression } from '../../src/conditions/check.ts'
import type { ConditionFacts } from '../../src/conditions/evaluate.ts'
import { evaluate, evaluateKey } from '../../src/conditions/evaluate.ts'
import { ProgramCache } from '../../src/conditions/program.ts'
import { CART_SCOPE, FACTS, NOW } from './scope.ts'

const expression = (source: string) => ({ source, reads: [] })
const answer = (source: string, facts: ConditionFacts = FACTS) => evaluate(expression(source), facts).kind
const withContact = (contact: Record<string, unknown>): ConditionFacts => ({ ...FACTS, contact })
const missing = (source: string, facts: ConditionFacts) => {
  const result = evaluate(expression(source), facts)
  return result.kind === 'unknown' ? result.missing : result.kind
}

describe('answers', () => {
  it.each([
    ['trigger.cart.total >= 30', 'true'],
    ['event.cart_id == trigger.cart.id', 'true'],
    ['contact.age == 18', 'true'],
    ['18 != contact.age', 'false'],
    ['contact.age in [17, 18]', 'true'],
    ['contact.visits * 2 + 1 == 9', 'true'],
    ['contact.visits / 3 > 1', 'true'],
    ['7 / 2 == 3', 'true'],
    ['7 % 2 == 1', 'true'],
    ['-contact.age < 0', 'true'],
    ['"vip" in contact.tags && !("x" in contact.tags)', 'true'],
    ['contact.first_name.lowerAscii() == "ada"', 'true'],
    ['contact.first_name.trim().startsWith("A") && contact.first_name.endsWith("a")', 'true'],
    ['contact.first_name.contains("x")', 'false'],
    ['days_since(contact.last_order_at) == 4', 'true'],
    ['days_since(trigger.starts_at) < 0', 'true'],
    ['contact.last_order_at < timestamp("2026-11-20T13:00:00+00:30")', 'true'],
    ['trigger.starts_at == timestamp("2026-11-25T10:00:00Z")', 'true'],
    ['trigger.starts_at - contact.last_order_at > duration("48h")', 'true'],
    ['contact.last_order_at + duration("24h") == timestamp("2026-11-21T12:00:00Z")', 'true'],
    ['trigger.cart.items.exists(i, i.price > 20)', 'true'],
    ['trigger.cart.items.all(i, i.price > 20)', 'false'],
    ['trigger.cart.items.exists_one(i, i.price > 20)', 'true'],
    ['trigger.cart.items.filter(i, i.price > 20).size() == 1', 'true'],
    ['trigger.cart.items[1].name == "Lamp"', 'true'],
    ['size(contact.tags) == 2', 'true'],
    ['contact.address.city == "Boston" ? contact.vip : false', 'true'],
    ['sent("first-email") && delivered("first-email") && !clicked("first-email")', 'true'],
    ['clicked("sms-code")', 'true'],
    ['sent("final-email") || undelivered("sms-code") || opened("first-email")', 'false'],
  ])('%s is %s', (source, kind) => {
    expect(answer(source)).toBe(kind)
    expect(checkExpression(source, CART_SCOPE).kind).toBe('ok')
  })
})

describe('what is not known', () => {
  it('names the missing fact', () => {
    expect(missing('contact.country == "US"', withContact({}))).toBe('contact.country')
    expect(missing('contact.address.city == "Boston"', withContact({}))).toBe('contact.address.city')
    expect(missing('trigger.cart.items.all(i, i.weight > 3)', FACTS)).toBe('trigger.cart.items[].weight')
    expect(missing('trigger.cart.items[5].price > 1', FACTS)).toBe('trigger.cart.items[].price')
  })

  it('treats null as missing', () => {
    expect(missing('contact.country != "US"', withContact({ country: null }))).toBe('contact.country')
    expect(answer('has(contact.country)', withContact({ country: null }))).toBe('false')
  })

  it.each([
    ['contact.country != "US"', { country: 7 }],
    ['contact.country != "US"', { country: ['DE'] }],
    ['contact.age != 18', { age: '18' }],
    ['!(contact.country in ["US"])', { country: 7 }],
    ['!("vip" in contact.tags)', { tags: [1, 2] }],
    ['!("vip" in contact.tags)', { tags: { news: true } }],
    ['!contact.vip', { vip: 'false' }],
    ['size(contact.tags) < 3', { tags: { a: 1 } }],
    ['contact.age < 18', { age: Number.NaN }],
    ['days_since(contact.last_order_at) > 3', { last_order_at: 'yesterday' }],
    ['contact.last_order_at < timestamp("2027-01-01T00:00:00Z")', { last_order_at: '2026-02-31T00:00:00Z' }],
  ])('%s is unknown when the fact has another type: %j', (source, contact) => {
    expect(answer(source, withContact(contact))).toBe('unknown')
    expect(checkExpression(source, CART_SCOPE).kind).toBe('ok')
  })

  it('decides without the missing fact where the other operand decides', () => {
    const facts = withContact({ age: 18 })
    expect(answer('contact.country == "US" || contact.age == 18', facts)).toBe('true')
    expect(answer('contact.country == "US" && contact.age == 17', facts)).toBe('false')
    expect(answer('contact.country == "US" && contact.age == 18', facts)).toBe('unknown')
    expect(answer('contact.country == "US" || contact.age == 17', facts)).toBe('unknown')
    expect(answer('has(contact.country) && contact.country == "US"', facts)).toBe('false')
  })

  it('knows that an empty list contains nothing', () => {
    expect(answer('"vip" in contact.tags', withContact({ tags: [] }))).toBe('false')
  })

  it('never divides by zero and never reads a prototype', () => {
    expect(answer('1 / 0 == 1')).toBe('unknown')
    expect(answer('contact.age / 0 > 1')).toBe('unknown')
    expect(answer('has(contact.constructor)')).toBe('false')
    expect(answer('contact["__proto__"] == "x"')).toBe('unknown')
    expect(answer('sent("constructor")')).toBe('false')
  })

  it('stops at a bound of work instead of walking any list', () => {
    const tags = Array.from({ length: 2_000 }, () => 'x')
    expect(missing('contact.tags.all(a, contact.tags.all(b, a == b))', withContact({ tags }))).toBe('too much work')
  })

  it('refuses stored expressions with functions that are not allowed', () => {
    expect(answer('contact.first_name.matches("^(a+)+$")')).toBe('unknown')
    expect(answer('now() > 3')).toBe('unknown')
    expect(answer('contact.age >')).toBe('unknown')
  })
})

describe('facts read', () => {
  it('are exactly those that were looked at', () => {
    const { read } = evaluate(expression('contact.country == "DE" || clicked("sms-code") || contact.age > 3'), FACTS)
    expect(read).toEqual({ 'contact.country': 'US', 'steps.sms-code.clicked': true })
  })

  it('show what was looked for in vain', () => {
    expect(evaluate(expression('has(contact.nick)'), withContact({})).read).toEqual({ 'contact.nick': null })
  })
})

describe('keys', () => {
  it('are text', () => {
    expect(evaluateKey(expression('trigger.cart.id'), FACTS)).toBe('c-1')
    expect(evaluateKey(expression('trigger.cart.total'), FACTS)).toBe('42')
    expect(evaluateKey(expression('trigger.cart.id + "-" + string(contact.age)'), FACTS)).toBe('c-1-18')
  })

  it('are undefined when unknown, empty or of another type', () => {
    expect(evaluateKey(expression('trigger.cart.nope'), FACTS)).toBeUndefined()
    expect(evaluateKey(expression('contact.vip'), FACTS)).toBeUndefined()
    expect(evaluateKey(expression('contact.first_name'), withContact({ first_name: '' }))).toBeUndefined()
  })
})

describe('properties', () => {
  const leaf = fc.constantFrom(
    'contact.country',
    'contact.age',
    'contact.vip',
    'contact.tags',
    'trigger.cart.items',
    'contact.nope',
    'event.cart_id',
    'contact.last_order_at',
    'true',
    'false',
    '1',
    '0',
    '"US"',
    '[1, 2]',
    '["US"]',
    'sent("first-email")',
    'has(contact.age)',
  )
  const source = fc.letrec<{ expr: string }>((tie) => ({
    expr: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      leaf,
      fc
        .tuple(tie('expr'), fc.constantFrom('&&', '||', '==', '!=', '<', '>=', 'in', '+', '-', '*', '/'), tie('expr'))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      tie('expr').map((a) => `!${a}`),
      tie('expr').map((a) => `days_since(${a})`),
      tie('expr').map((a) => `(${a}).exists(x, x == "US")`),
      fc.tuple(tie('expr'), tie('expr'), tie('expr')).map(([a, b, c]) => `(${a} ? ${b} : ${c})`),
    ),
  })).expr
  const anything = fc.oneof(fc.jsonValue(), fc.constantFrom('US', 18, true, ['US'], '2026-11-20T12:00:00Z'))
  const facts = fc
    .record(
      { country: anything, age: anything, vip: anything, tags: anything, last_order_at: anything },
      { requiredKeys: [] },
    )
    .map((contact): ConditionFacts => ({ ...FACTS, contact }))

  it('evaluate never throws, whatever the text and the facts', () => {
    fc.assert(
      fc.property(fc.oneof(source, fc.string()), facts, (text, some) => {
        expect(['true', 'false', 'unknown']).toContain(evaluate(expression(text), some).kind)
      }),
      { numRuns: 500 },
    )
  })

  it('an answer stays when a missing fact becomes known: unknown was never taken for a value', () => {
    fc.assert(
      fc.property(
        source.filter((text) => !text.includes('has(')),
        facts,
        anything,
        (text, some, value) => {
          const { country: _country, ...rest } = some.contact
          const before = answer(text, { ...some, contact: rest })
          if (before !== 'unknown') expect(answer(text, { ...some, contact: { ...rest, country: value } })).toBe(before)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('agrees with the CEL library wherever the types are right and the fact is there', () => {
    const cel = new Environment({ unlistedVariablesAreDyn: true })
    const typed = fc.record({
      country: fc.string(),
      age: fc.integer(),
      vip: fc.boolean(),
      tags: fc.array(fc.string(), { minLength: 1 }),
    })
    const question = fc.constantFrom(
      'contact.country == "US"',
      'contact.country != ""',
      'contact.age > 3',
      'contact.age <= 3.5',
      '!contact.vip',
      'contact.vip ? contact.age > 0 : contact.age < 0',
      '"a" in contact.tags',
      'contact.tags.exists(t, t == "a" || t == contact.country)',
      'contact.tags.all(t, t != "b")',
      'size(contact.tags) > 2',
      'contact.country.startsWith("a")',
      'contact.country.size() == 1',
      'contact.tags.filter(t, t.contains("a")).size() == 1',
    )
    const joined = fc.tuple(question, fc.constantFrom('&&', '||'), question).map(([a, op, b]) => `${a} ${op} ${b}`)
    fc.assert(
      fc.property(fc.oneof(question, joined), typed, (text, contact) => {
        expect(answer(text, withContact(contact))).toBe(String(cel.evaluate(text, { contact })))
      }),
      { numRuns: 500 },
    )
  })
})

describe('program cache', () => {
  it('keeps to its bound', () => {
    const cache = new ProgramCache(3)
    for (let i = 0; i < 10; i++) cache.get(`${i} == ${NOW}`)
    expect(cache.size).toBe(3)
  })
})
