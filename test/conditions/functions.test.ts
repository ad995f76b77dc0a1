import { expect, it } from 'vitest'
import { checkExpression } from '../../src/conditions/check.ts'
import { evaluate } from '../../src/conditions/evaluate.ts'
import { CONDITION_FUNCTIONS } from '../../src/conditions/functions.ts'
import { CART_SCOPE, FACTS } from './scope.ts'

/** One use of every documented function. A function without one is documented but not proven to work. */
const USES: Readonly<Record<string, string>> = {
  sent: 'sent("first-email")',
  delivered: 'delivered("first-email")',
  undelivered: 'undelivered("first-email") == false',
  clicked: 'clicked("sms-code")',
  opened: 'opened("first-email") == false',
  days_since: 'days_since(contact.last_order_at) == 4',
  has: 'has(contact.first_name)',
  size: 'size(contact.tags) == 2 && contact.first_name.size() == 3',
  contains: 'contact.first_name.contains("d")',
  startsWith: 'contact.first_name.startsWith("A")',
  endsWith: 'contact.first_name.endsWith("a")',
  lowerAscii: 'contact.first_name.lowerAscii() == "ada"',
  trim: 'contact.first_name.trim() == "Ada"',
  string: 'string(contact.age) == "18"',
  timestamp: 'contact.last_order_at == timestamp("2026-11-20T12:00:00Z")',
  duration: 'trigger.starts_at - contact.last_order_at > duration("24h")',
  exists: 'contact.tags.exists(t, t == "vip")',
  exists_one: 'contact.tags.exists_one(t, t == "vip")',
  all: 'contact.tags.all(t, t != "x")',
  filter: 'contact.tags.filter(t, t == "vip").size() == 1',
}

it.each(CONDITION_FUNCTIONS.map(({ name }) => name))(
  '%s() is accepted by the checker and answered by the evaluator',
  (name) => {
    const source = USES[name] ?? ''
    expect(checkExpression(source, CART_SCOPE).kind).toBe('ok')
    expect(evaluate({ source, reads: [] }, FACTS).kind).toBe('true')
  },
)

it('every function is described in a sentence', () => {
  for (const { sentence } of CONDITION_FUNCTIONS) expect(sentence).toMatch(/^[A-Z].*\.$/)
})
