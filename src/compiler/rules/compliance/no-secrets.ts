import type { Diagnostic } from '../../../diagnostics/diagnostic.ts'
import { report } from '../../../diagnostics/report.ts'
import type { SourceText } from '../../../diagnostics/source-text.ts'

/** Shapes of credentials that providers document or that scanners of git hosts look for. */
const SECRETS: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  { what: 'a SendGrid key', pattern: /\bSG\.[\w-]{16,99}\.[\w-]{16,99}/g },
  { what: 'a Twilio key', pattern: /\b(?:AC|SK)[0-9a-f]{32}\b/g },
  { what: 'a payment key', pattern: /\b[sr]k_(?:live|test)_\w{16,}/g },
  { what: 'a cloud key', pattern: /\bAKIA[0-9A-Z]{16}\b/g },
  {
    what: 'an access token',
    pattern: /\b(?:gh[pousr]_\w{30,}|xox[abprs]-[\w-]{10,}|eyJ[\w-]{10,999}\.[\w-]{10,999}\.[\w-]+)/g,
  },
  { what: 'a private key', pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/g },
]

/** Keys come from the process environment; one that was committed has to be replaced. The finding does not repeat it. */
export function secretDiagnostics(source: SourceText): readonly Diagnostic[] {
  return SECRETS.flatMap(({ what, pattern }) =>
    [...source.text.matchAll(pattern)].map((match) =>
      report(source, 'SEG507', {
        message: `this looks like ${what}`,
        at: { start: match.index, end: match.index + match[0].length },
        help: 'keys come from the environment; revoke this one, since git never forgets',
      }),
    ),
  )
}
