import { filters as builtIn, Liquid } from 'liquidjs'
import type { FilterImplOptions } from 'liquidjs'

/** What a template may name at its root. Everything else is a typing mistake. */
export const LIQUID_ROOTS: readonly string[] = [
  'contact',
  'trigger',
  'offer',
  'brand',
  'postal_address',
  'unsubscribe_url',
  'preferences_url',
]

/** The fields of `offer`. */
export const OFFER_FIELDS: readonly string[] = ['code', 'percent', 'amount', 'valid_until']

/** No tag that reads a file, none that hides other tags from review, none that writes Liquid into the message. */
const TAGS: ReadonlySet<string> = new Set('assign capture case comment if unless for break continue cycle #'.split(' '))

/** No `raw`, which would let a value write HTML; no `sample`, which is random; nothing that evaluates text as an expression. */
const FILTERS: readonly string[] = (
  'default upcase downcase capitalize strip lstrip rstrip strip_newlines squish truncate truncatewords append prepend ' +
  'remove replace replace_first replace_last split join first last size slice concat map where sort reverse uniq compact sum ' +
  'plus minus times divided_by modulo round ceil floor abs at_least at_most url_encode date'
).split(' ')

export type LiquidOutput = 'html' | 'text'

const engines = new Map<string, Liquid>()
const ENGINE_BOUND = 64

/**
 * The Liquid engine for one kind of output and one time zone.
 *
 * Strict: an unknown filter is an error when it is parsed, and a missing variable is an error when it is rendered, except under
 * `default` and in `if`, which ask for exactly that. Own properties only, no files, bounded work.
 */
export function liquidFor(output: LiquidOutput, zone: string): Liquid {
  const key = `${output} ${zone}`
  const known = engines.get(key)
  if (known !== undefined) return known
  if (engines.size >= ENGINE_BOUND) engines.clear()
  const liquid = new Liquid({
    strictFilters: true,
    strictVariables: true,
    lenientIf: true,
    ownPropertyOnly: true,
    dynamicPartials: false,
    templates: {},
    locale: 'en-US',
    timezoneOffset: zone,
    parseLimit: 1_000_000,
    memoryLimit: 5_000_000,
    outputEscape: output === 'html' ? escapedText : plainText,
  })
  for (const tag of Object.keys(liquid.tags)) if (!TAGS.has(tag)) delete liquid.tags[tag]
  const allowed = new Set(FILTERS)
  for (const filter of Object.keys(liquid.filters)) if (!allowed.has(filter)) delete liquid.filters[filter]
  liquid.registerFilter('date', strictDate)
  liquid.registerFilter('money', money)
  engines.set(key, liquid)
  return liquid
}

/** A value as it stands in a message. Control characters never do; an object or a list is a mistake and not a text. */
export function plainText(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return withoutControls(value)
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  throw new TypeError('a list or an object cannot be written into a message')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapedText(value: unknown): string {
  return plainText(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

/** Keeps line breaks; drops other controls and the characters that reverse the direction of what follows (they fake senders and links). */
function withoutControls(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\u202A-\u202E\u2066-\u2069]|\{(?=[{%])/gu, '')
}

const liquidDate: unknown = builtIn['date']

/** Liquid's `date` gives back what it cannot read, and knows "now": the one would be printed, the other cannot be explained later. */
const strictDate: FilterImplOptions = function (value: unknown, ...rest: unknown[]): unknown {
  const readable =
    typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' && /^\d{4}-\d\d/.test(value)
  if (!readable || (typeof value === 'string' && Number.isNaN(Date.parse(value)))) throw new TypeError('not a date')
  // Liquid counts seconds; instants here are milliseconds.
  const given = typeof value === 'number' ? value / 1000 : value
  return typeof liquidDate === 'function' ? Reflect.apply(liquidDate, this, [given, ...rest]) : undefined
}

/** An amount in a currency, such as `$42.00`. The currency is an ISO 4217 code. */
const money: FilterImplOptions = function (value: unknown, currency: unknown): string {
  const amount = typeof value === 'string' ? Number(value) : value
  if (typeof amount !== 'number' || !Number.isFinite(amount) || typeof currency !== 'string')
    throw new TypeError('not an amount')
  let format = currencies.get(currency)
  if (format === undefined) {
    format = new Intl.NumberFormat('en-US', { style: 'currency', currency })
    if (currencies.size < ENGINE_BOUND) currencies.set(currency, format)
  }
  return format.format(amount)
}

/** Making a format costs as much as filling a template. Bounded, because currencies come with events. */
const currencies = new Map<string, Intl.NumberFormat>()
