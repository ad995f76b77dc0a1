import { expect, it } from 'vitest'
import { readAnswer } from '../../../src/consent/opt-in/answer.ts'
import type { Purpose } from '../../../src/core/workspace.ts'

const marketing = { class: 'marketing', description: 'news' } as const
const purposes: Readonly<Record<string, Purpose>> = {
  newsletter: { ...marketing, keywords: ['FERNWAY', 'NEWS'] },
  'cart-reminders': { ...marketing, keywords: ['CART'] },
  surveys: marketing,
}

it.each(['Y', 'y', ' Y. ', 'YES', 'yes!', 'Sí'])('"%s" is a yes', (text) => {
  expect(readAnswer(text, purposes)).toEqual({ kind: 'yes' })
})

it.each([
  ['FERNWAY', 'FERNWAY', 'newsletter'],
  ['"news"', 'NEWS', 'newsletter'],
  ['Join cart', 'CART', 'cart-reminders'],
])('"%s" is the keyword %s of %s', (text, keyword, purpose) => {
  expect(readAnswer(text, purposes)).toEqual({ kind: 'keyword', keyword, purpose })
})

it.each([
  'STOP',
  'yes but stop texting me',
  'no',
  'ok',
  'cart is empty',
  'JOIN',
  'JOIN surveys',
  '',
  '👍',
  'Y'.repeat(1_000),
])('"%s" says nothing about opting in', (text) => {
  expect(readAnswer(text, purposes)).toBeUndefined()
})

it('JOIN alone is a keyword where there is one thing to join', () => {
  const one = { newsletter: { ...marketing, keywords: ['FERNWAY'] }, surveys: marketing }
  expect(readAnswer('join', one)).toEqual({ kind: 'keyword', keyword: 'JOIN', purpose: 'newsletter' })
  expect(readAnswer('join', { surveys: marketing })).toBeUndefined()
})
