import type { Form } from './twilio-form.ts'
import type { MessageResource } from './twilio-resource.ts'

const dayMs = 86_400_000
const startOfDay = (at: number): number => Math.floor(at / dayMs) * dayMs

/** Twilio filters by the GMT day for a plain date, and by the instant for a date and time (save for equality). */
const sentMatches = (sentAt: number | null, filter: Form): boolean => {
  const bounds = [
    ['DateSent', (sent: number, wanted: number) => startOfDay(sent) === startOfDay(wanted)],
    ['DateSent<', (sent: number, wanted: number, isDay: boolean) => sent <= (isDay ? wanted + dayMs - 1 : wanted)],
    ['DateSent>', (sent: number, wanted: number) => sent >= wanted],
  ] as const
  return bounds.every(([name, holds]) => {
    const value = filter.get(name)
    if (value === null) return true
    return sentAt !== null && holds(sentAt, Date.parse(value), /^\d{4}-\d{2}-\d{2}$/.test(value))
  })
}

const natural = (value: string | null, fallback: number): number =>
  value !== null && /^\d+$/.test(value) ? Number(value) : fallback

/** One page of the account's messages, newest first, in the shape of Twilio's list answer. */
export const listPage = (messages: readonly MessageResource[], filter: Form, path: string): object => {
  const found = messages
    .filter((message) => (filter.get('To') ?? message.to) === message.to)
    .filter((message) => (filter.get('From') ?? message.from) === message.from)
    .filter((message) => sentMatches(message.sentAt, filter))
    .toSorted((a, b) => b.createdAt - a.createdAt)
  const size = Math.min(1_000, Math.max(1, natural(filter.get('PageSize'), 50)))
  const page = natural(filter.get('Page'), 0)
  const shown = found.slice(page * size, (page + 1) * size)
  const uri = (number: number): string => {
    const query = new URLSearchParams()
    for (const name of ['To', 'From', 'DateSent', 'DateSent<', 'DateSent>']) {
      const value = filter.get(name)
      if (value !== null) query.set(name, value)
    }
    query.set('PageSize', String(size))
    query.set('Page', String(number))
    return `${path}?${query.toString()}`
  }
  return {
    messages: shown.map((message) => message.json()),
    uri: uri(page),
    first_page_uri: uri(0),
    next_page_uri: found.length > (page + 1) * size ? uri(page + 1) : null,
    previous_page_uri: page > 0 ? uri(page - 1) : null,
    page,
    page_size: size,
    start: page * size,
    end: page * size + Math.max(0, shown.length - 1),
  }
}
