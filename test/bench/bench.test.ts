import { describe, expect, it } from 'vitest'
import { events } from './events.ts'

describe('the cost of a run, with the whole product behind it', () => {
  it(
    'is 33 history events for three messages, and at most 6 when the goal comes first',
    { timeout: 240_000 },
    async () => {
      const { figures } = await events.run(() => undefined)
      expect(figures).toEqual({ three_messages: 33, goal_first: expect.any(Number) })
      expect(figures['goal_first']).toBeLessThanOrEqual(6)
    },
  )
})
