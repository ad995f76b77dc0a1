import type { Diagnostic } from '../../../diagnostics/diagnostic.ts'
import { report } from '../../../diagnostics/report.ts'
import type { SourceText } from '../../../diagnostics/source-text.ts'
import { numberKind } from '../../bind/number-kind.ts'
import type { NumberKind, SenderDocument } from '../../document/sender.ts'
import type { WorkspaceRule } from './rule.ts'

const REGISTERED_AS = { '10dlc': 'long_code', toll_free: 'toll_free', short_code: 'short_code' } as const

const IN_WORDS: Readonly<Record<NumberKind, string>> = {
  long_code: 'a long code',
  toll_free: 'a toll-free number',
  short_code: 'a short code',
  alphanumeric: 'a name',
}

/** The kind of a number decides how fast it may send; a wrong one sends faster than its carrier takes, or is never registered. */
export const sendersAgree: WorkspaceRule = ({ segue }) =>
  segue === undefined ? [] : segue.document.senders.flatMap((sender) => contradictions(segue.source, sender))

function contradictions(source: SourceText, sender: SenderDocument): readonly Diagnostic[] {
  const { name, email, number, kind, registration, numberKeys } = sender
  if (number === undefined) {
    if (email === undefined) return []
    return numberKeys.map((key) =>
      report(source, 'SEG338', {
        message: `${key.source} says something about a number, and the sender ${JSON.stringify(name)} has none`,
        at: key,
      }),
    )
  }
  const looks = numberKind(number.value)
  if (kind === undefined && looks === 'alphanumeric') {
    return [
      report(source, 'SEG338', {
        message: `${JSON.stringify(number.value)} is a name, not a number`,
        at: number.node,
        expected: 'a number such as "+12025550123"',
        help: 'for a sender that cannot be answered add kind: alphanumeric',
      }),
    ]
  }
  if (kind !== undefined && !agrees(kind.value, looks)) {
    return [
      report(source, 'SEG338', {
        message: `${JSON.stringify(number.value)} is ${IN_WORDS[looks]}, not ${IN_WORDS[kind.value]}`,
        at: kind.node,
        expected: looks,
        fix: { at: kind.node, text: looks, applicability: 'maybe' },
      }),
    ]
  }
  const actual = kind?.value ?? looks
  if (registration === undefined || REGISTERED_AS[registration.programme.value] === actual) return []
  const programme = Object.entries(REGISTERED_AS).find(([, registered]) => registered === actual)?.[0]
  return [
    report(source, 'SEG338', {
      message: `${IN_WORDS[actual]} cannot be registered as ${registration.programme.value}`,
      at: registration.programme.node,
      expected: programme ?? 'no registration',
      fix:
        programme === undefined
          ? undefined
          : { at: registration.programme.node, text: programme, applicability: 'maybe' },
    }),
  ]
}

/** Toll-free numbers outside North America look like long codes. */
function agrees(said: NumberKind, looks: NumberKind): boolean {
  return said === looks || (said === 'toll_free' && looks === 'long_code')
}
