import { expect, test } from 'vitest'
import { DatabaseUnavailable } from '../../src/core/database.ts'
import { withoutPeople } from '../../workers/activities.ts'

test.each([
  ['a driver that quotes a value', Object.assign(new Error('invalid input: "Ada"'), { code: '22P02' }), 'Error 22P02'],
  ['an address', new TypeError('cannot write to ada@example.com now'), 'TypeError: cannot write to (…) now'],
  ['a number', new Error('no route to +1 (212) 555-0100'), 'Error: no route to (…)'],
  ['a quoted value', new RangeError("no such zone: 'Ada Example'"), 'RangeError: no such zone: (…)'],
  [
    'a mistake of ours',
    new Error('the provider sendgrid is not configured'),
    'Error: the provider sendgrid is not configured',
  ],
  ['something else', 'ada@example.com', 'something that is no error was thrown'],
])('%s leaves no person in the failure', (_name, error, message) => {
  const failed = withoutPeople(error)
  expect(failed.message).toBe(message)
  expect([failed.stack, JSON.stringify(failed), String(failed.cause)].join()).not.toMatch(/ada|Ada|555/)
})

test('a store that cannot be reached says so', () => {
  const error = new DatabaseUnavailable('the database cannot be reached (ECONNREFUSED)')
  expect(withoutPeople(error)).toBe(error)
})
