import type { Scope } from '../../src/conditions/check.ts'
import type { ConditionFacts } from '../../src/conditions/evaluate.ts'

/** A cart-recovery journey's view of the world. */
export const CART_SCOPE: Scope = {
  contact: {
    type: 'object',
    properties: {
      first_name: { type: 'string' },
      country: { type: 'string' },
      plan: { type: 'string', enum: ['free', 'gold', 'platinum'] },
      age: { type: 'number' },
      visits: { type: 'integer' },
      vip: { type: 'boolean' },
      tags: { type: 'array', items: { type: 'string' } },
      last_order_at: { type: 'string', format: 'date-time' },
      birthday: { type: 'string', format: 'date' },
      address: { type: 'object', properties: { city: { type: 'string' } } },
    },
  },
  trigger: {
    type: 'object',
    properties: {
      starts_at: { type: 'string', format: 'date-time' },
      cart: {
        type: 'object',
        properties: {
          id: { type: 'string' },
          total: { type: 'number' },
          items: {
            type: 'array',
            items: { type: 'object', properties: { name: { type: 'string' }, price: { type: 'number' } } },
          },
        },
      },
    },
  },
  event: { type: 'object', properties: { cart_id: { type: 'string' }, keyword: { type: 'string' } } },
  steps: ['first-email', 'sms-code', 'final-email'],
}

export const NOW = Date.UTC(2026, 10, 24, 12)

export const FACTS: ConditionFacts = {
  contact: {
    first_name: 'Ada',
    country: 'US',
    plan: 'gold',
    age: 18,
    visits: 4,
    vip: true,
    tags: ['news', 'vip'],
    last_order_at: '2026-11-20T12:00:00Z',
    birthday: '1990-11-24',
    address: { city: 'Boston' },
  },
  trigger: {
    starts_at: '2026-11-25T12:00:00+02:00',
    cart: {
      id: 'c-1',
      total: 42,
      items: [
        { name: 'Mug', price: 12.5 },
        { name: 'Lamp', price: 29.5 },
      ],
    },
  },
  event: { cart_id: 'c-1', keyword: 'C' },
  steps: { 'first-email': { sentAt: 5, deliveredAt: 6 }, 'sms-code': { sentAt: 7, clickedAt: 9 } },
  now: NOW,
}
