import { report } from '../../../diagnostics/report.ts'
import type { JourneyRule } from '../rule.ts'
import { secretDiagnostics } from './no-secrets.ts'

/** A token's start is where the search begins: a long word without @ must not be read again from each of its letters. */
export const EMAIL = /(?<![\w.+-])[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}/g
export const PHONE = /(?<![\w.+])(?:\+\d[\d ().-]{6,16}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?![\w])/g

/**
 * Git never forgets and erasure cannot reach it, so journeys hold nobody's address, and no keys: comments and annotations count.
 */
export const noPersonalData: JourneyRule = ({ source }) => {
  const found = (pattern: RegExp, what: string) =>
    [...source.text.matchAll(pattern)].map((match) =>
      report(source, 'SEG508', {
        message: `${what} in a journey`,
        at: { start: match.index, end: match.index + match[0].length },
        help: 'git never forgets: name a team, a sender or a trait instead',
      }),
    )
  return [...found(EMAIL, 'an email address'), ...found(PHONE, 'a phone number'), ...secretDiagnostics(source)]
}
