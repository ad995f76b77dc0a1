/**
 * Every function that a condition may call, in one table: the checker registers it, the evaluator refuses what is not in it,
 * and the language reference prints it. What is missing here is missing on purpose: `matches()` is a JavaScript RegExp and can
 * be made to run for minutes, and `now()` would make a decision impossible to explain later.
 */
export interface ConditionFunction {
  readonly name: string
  /** In CEL's notation; a receiver before the dot makes it a method. `T` stands for any type. */
  readonly signature: string
  readonly sentence: string
  /** CEL knows it already; it is listed so that it may be used, and not registered again. */
  readonly builtIn: boolean
  /** Its first argument is the id of a step of the same journey, written as a literal. */
  readonly step?: StepFact
}

/** What is known about a step's message; each is a key of the facts by step. */
export type StepFact = 'sentAt' | 'deliveredAt' | 'undeliveredAt' | 'clickedAt' | 'openedAt'

export const CONDITION_FUNCTIONS: readonly ConditionFunction[] = [
  {
    name: 'sent',
    signature: 'sent(string): bool',
    sentence: 'Whether the message of the named step was handed over to its provider.',
    builtIn: false,
    step: 'sentAt',
  },
  {
    name: 'delivered',
    signature: 'delivered(string): bool',
    sentence: "Whether the carrier or mailbox provider confirmed delivery of the named step's message.",
    builtIn: false,
    step: 'deliveredAt',
  },
  {
    name: 'undelivered',
    signature: 'undelivered(string): bool',
    sentence: "Whether the named step's message is known not to have arrived.",
    builtIn: false,
    step: 'undeliveredAt',
  },
  {
    name: 'clicked',
    signature: 'clicked(string): bool',
    sentence: "Whether a person followed a link in the named step's message.",
    builtIn: false,
    step: 'clickedAt',
  },
  {
    name: 'opened',
    signature: 'opened(string): bool',
    sentence:
      "Whether a person opened the named step's email. Weak evidence: privacy proxies hide real opens, and opens by machines are not counted.",
    builtIn: false,
    step: 'openedAt',
  },
  {
    name: 'days_since',
    signature: 'days_since(google.protobuf.Timestamp): double',
    sentence: 'Days, with fractions, from the instant to the decision; negative for an instant still to come.',
    builtIn: false,
  },
  {
    name: 'has',
    signature: 'has(T): bool',
    sentence: 'Whether the fact is there at all. The only question about a missing fact that has an answer.',
    builtIn: true,
  },
  {
    name: 'size',
    signature: 'size(list | string): int',
    sentence: 'How many elements a list, or characters a text, has.',
    builtIn: true,
  },
  {
    name: 'contains',
    signature: 'string.contains(string): bool',
    sentence: 'Whether the text contains another.',
    builtIn: true,
  },
  {
    name: 'startsWith',
    signature: 'string.startsWith(string): bool',
    sentence: 'Whether the text begins with another.',
    builtIn: true,
  },
  {
    name: 'endsWith',
    signature: 'string.endsWith(string): bool',
    sentence: 'Whether the text ends with another.',
    builtIn: true,
  },
  {
    name: 'lowerAscii',
    signature: 'string.lowerAscii(): string',
    sentence: 'The text in lower case, to compare without regard to case.',
    builtIn: true,
  },
  { name: 'trim', signature: 'string.trim(): string', sentence: 'The text without outer white space.', builtIn: true },
  {
    name: 'string',
    signature: 'string(T): string',
    sentence: 'A number or truth value as text, to build a key.',
    builtIn: true,
  },
  {
    name: 'timestamp',
    signature: 'timestamp(string): google.protobuf.Timestamp',
    sentence: 'An instant written as a literal with its offset, such as timestamp("2026-12-24T18:00:00Z").',
    builtIn: true,
  },
  {
    name: 'duration',
    signature: 'duration(string): google.protobuf.Duration',
    sentence: 'A length of time written as a literal, such as duration("48h").',
    builtIn: true,
  },
  {
    name: 'exists',
    signature: 'list.exists(x, condition): bool',
    sentence: 'Whether the condition holds for at least one element x of the list.',
    builtIn: true,
  },
  {
    name: 'exists_one',
    signature: 'list.exists_one(x, condition): bool',
    sentence: 'Whether the condition holds for exactly one element.',
    builtIn: true,
  },
  {
    name: 'all',
    signature: 'list.all(x, condition): bool',
    sentence: 'Whether the condition holds for every element.',
    builtIn: true,
  },
  {
    name: 'filter',
    signature: 'list.filter(x, condition): list',
    sentence: 'The elements for which the condition holds.',
    builtIn: true,
  },
]

const BY_NAME: ReadonlyMap<string, ConditionFunction> = new Map(CONDITION_FUNCTIONS.map((one) => [one.name, one]))

export function conditionFunction(name: string): ConditionFunction | undefined {
  return BY_NAME.get(name)
}

/** Functions that bind a variable to each element of a list. */
export const QUANTIFIERS: ReadonlySet<string> = new Set(['exists', 'exists_one', 'all', 'filter'])
