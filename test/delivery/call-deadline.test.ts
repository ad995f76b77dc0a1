import { expect, test } from 'vitest'
import { callDeadline } from '../../src/delivery/call-deadline.ts'

function clocks() {
  const now = { monotonic: 100, real: 1_800_000_000_000 }
  return { now, deadline: callDeadline({ monotonicMs: () => now.monotonic, realNow: () => now.real }, 20_000) }
}

test('time passes on both clocks', () => {
  const { now, deadline } = clocks()
  expect(deadline.remainingMs()).toBe(20_000)
  now.monotonic += 5_000
  now.real += 5_000
  expect(deadline.remainingMs()).toBe(15_000)
})

test('a machine that slept while its monotonic clock stood still is too late', () => {
  const { now, deadline } = clocks()
  now.real += 3_600_000
  expect(deadline.remainingMs()).toBeLessThan(0)
})

test('a clock that is set back gives no time back', () => {
  const { now, deadline } = clocks()
  now.monotonic += 19_000
  now.real -= 3_600_000
  expect(deadline.remainingMs()).toBe(1_000)
})
