import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { checkOf, CHECKS, isReason } from '../../src/explain/checks.ts'
import type { SendEvidence } from '../../src/explain/evidence.ts'
import { explainMessage } from '../../src/explain/explain.ts'
import { renderExplanation } from '../../src/explain/render-text.ts'
import { instantIn, spanOf } from '../../src/explain/words.ts'
import { aDecision, aMessage, CASES, FACTS, NOON } from './evidence.ts'

const SEND: SendEvidence = {
  id: 's-1',
  state: 'complained',
  reason: null,
  provider: 'twilio',
  providerId: 'SM1',
  handedOffAt: NOON + 1_000,
  updatedAt: NOON + 9_000,
  feedback: [
    { event: 'delivered', code: null, machine: false, at: NOON + 3_000 },
    { event: 'link followed', code: null, machine: true, at: NOON + 4_000 },
  ],
}

function textOf(message: ReturnType<typeof aMessage>): string {
  return renderExplanation({
    format: '1.0',
    contact: message.contact,
    journey: message.run.journey,
    run: message.run.id,
    messages: [explainMessage(message)],
  })
}

describe('an explanation', () => {
  it.each(CASES)('of $name reads as the page that was read and approved', async ({ name, decision }) => {
    const golden = fileURLToPath(new URL(`golden/${name}.txt`, import.meta.url))
    const send = name === 'send-allowed' ? SEND : null
    await expect(textOf(aMessage({ decisions: [decision], send }))).toMatchFileSnapshot(golden)
  })

  it.each(CASES)('of $name says every fact that was read, with its source', ({ decision }) => {
    const [explained] = explainMessage(aMessage({ decisions: [decision] })).decisions
    const names = new Set(explained?.facts.map((fact) => fact.name))
    for (const name of Object.keys(decision.facts)) {
      const isEmpty = name === 'condition' || (name === 'caps' && JSON.stringify(decision.facts[name]) === '[]')
      if (!isEmpty) expect(names, name).toContain(name)
    }
    for (const fact of explained?.facts ?? []) {
      expect(fact.source.length).toBeGreaterThan(2)
      expect(fact.says).toMatch(/^\S.*[.]$/)
    }
    expect(explained?.says).not.toMatch(/undefined|null|\[object|NaN/)
  })

  it('names the check that answered, and those before it that were asked, in the order of the gate', () => {
    const [explained] = explainMessage(aMessage({ decisions: [aDecision('min_gap', 'hold')] })).decisions
    expect(explained?.answeredBy).toBe('gap')
    const order: readonly string[] = Object.values(CHECKS)
    const places = (explained?.passed ?? []).map((sentence) => order.indexOf(sentence))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(explained?.passed).toContain(CHECKS.window)
    expect(explained?.passed).not.toContain(CHECKS.cap)
    expect(explained?.passed).not.toContain(CHECKS.conditions)
  })

  it('lets a check answer for every reason', () => {
    for (const [reason, facts] of Object.entries(FACTS)) {
      if (reason === 'allowed' || reason === 'held_out') continue
      expect(isReason(reason)).toBe(true)
      if (isReason(reason)) expect(Object.keys(CHECKS)).toContain(checkOf(reason, facts))
    }
  })

  it('shows a fact and a reason that it has no words for as they are', () => {
    const decision = { ...aDecision('min_gap', 'hold'), reason: 'of_another_release', facts: { moon_phase: 'full' } }
    const text = textOf(aMessage({ decisions: [decision] }))
    expect(text).toContain('of_another_release')
    expect(text).toContain('moon phase: full.')
  })

  it('says what a run without a decision waits for', () => {
    expect(explainMessage(aMessage()).summary).toContain(
      'waits until it is due at Wed 15 Jul 2026 11:00:00 America/New_York',
    )
    const waiting = aMessage({ waits: { from: 'first-email', dueAt: null } })
    expect(explainMessage(waiting).summary).toBe(
      'It has not been decided about: it counts from first-email, which has not happened.',
    )
    const { run } = waiting
    const over = aMessage({ run: { ...run, state: 'ended', outcome: 'goal', endedAt: NOON } })
    expect(explainMessage(over).summary).toContain('the run ended at Wed 15 Jul 2026 12:00:00 America/New_York (goal)')
  })

  it('tells nothing of the evidence that names a person', () => {
    expect(textOf(aMessage({ decisions: [aDecision('allowed')] }))).not.toContain('192.0.2.1')
  })

  it('says instants and spans as people do, on both sides of a change of the clocks', () => {
    expect(instantIn('America/New_York', Date.UTC(2026, 2, 8, 6, 59, 59))).toBe(
      'Sun 8 Mar 2026 01:59:59 America/New_York',
    )
    expect(instantIn('America/New_York', Date.UTC(2026, 2, 8, 7))).toBe('Sun 8 Mar 2026 03:00:00 America/New_York')
    expect([spanOf(0), spanOf(90_000), spanOf(86_400_000 * 7 + 1)]).toEqual([
      'no time',
      '1 minute 30 seconds',
      '7 days',
    ])
  })
})
