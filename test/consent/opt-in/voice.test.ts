import { expect, it } from 'vitest'
import { voiceOf } from '../../../src/consent/opt-in/voice.ts'
import type { CompiledWorkspace, Policy, Sender } from '../../../src/core/workspace.ts'
import { workspace } from '../../ingestion/shop.ts'

const policy = (name: string, sms: string | undefined): Policy => ({
  ...(workspace.policies['us-retail'] as Policy),
  name,
  brand: name,
  senders: sms === undefined ? {} : { sms },
})
const sender = (purposes?: readonly string[]): Sender => ({
  channel: 'sms',
  provider: 'twilio',
  number: '+12025550100',
  ...(purposes && { registration: { programme: '10dlc', id: 'C1', purposes, verified: '2026-01-01' } }),
})
const withPolicies = (...policies: readonly Policy[]): CompiledWorkspace => ({
  ...workspace,
  policies: Object.fromEntries(policies.map((one) => [one.name, one])),
  senders: { plain: sender(), carts: sender(['cart-reminders']), receipts: sender(['receipts']) },
})

it('is the sender that is registered for the purpose, then one that is registered for nothing else, by name', () => {
  const all = withPolicies(policy('c', 'carts'), policy('b', 'plain'), policy('a', 'receipts'))
  expect(voiceOf(all, 'sms', 'cart-reminders')).toMatchObject({ sender: 'carts', policy: { name: 'c' } })
  expect(voiceOf(all, 'sms', 'newsletter')).toMatchObject({ sender: 'plain' })
  expect(voiceOf(all, 'sms', undefined)).toMatchObject({ sender: 'plain' })
  expect(voiceOf(withPolicies(policy('a', 'receipts')), 'sms', 'newsletter')).toMatchObject({ sender: 'receipts' })
})

it('is nobody without a sender on the channel', () => {
  expect(voiceOf(withPolicies(policy('a', undefined)), 'sms', 'newsletter')).toBeUndefined()
  expect(voiceOf(withPolicies(policy('a', 'gone')), 'sms', 'newsletter')).toBeUndefined()
  expect(voiceOf(withPolicies(policy('b', 'plain')), 'email', 'newsletter')).toBeUndefined()
})
