import type { JourneyRule } from './rule.ts'
import { unknownName } from './unknown-name.ts'

/** Without a declared purpose there is no consent to ask for. */
export const purposeKnown: JourneyRule = ({ source, journey, names, purpose }) => {
  if (names.segue === undefined || purpose !== undefined) return []
  const known = names.segue.document.purposes.keys()
  const declaredIn = 'purposes: of segue.yaml'
  return [unknownName(source, journey.purpose, { code: 'SEG301', noun: 'purpose', known, declaredIn })]
}
