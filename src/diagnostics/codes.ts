/** How bad a finding is. Only errors keep a journey from being deployed. */
export type Severity = 'error' | 'warning' | 'info'

interface CodeEntry {
  readonly severity: Severity
  /** What is wrong, for headings and lists. */
  readonly title: string
}

/**
 * Every code that a diagnostic can carry. Severity lives here and nowhere else. Codes are public: they are never renamed
 * or given a second meaning. Families: 1 syntax, 2 shape, 3 meaning, 4 expressions, 5 compliance and deliverability.
 */
export const CODES = {
  SEG101: { severity: 'error', title: 'Invalid YAML' },
  SEG102: { severity: 'error', title: 'File too large' },
  SEG103: { severity: 'error', title: 'More than one document' },
  SEG104: { severity: 'error', title: 'YAML tag: a negation would be lost' },
  SEG105: { severity: 'error', title: 'Text cut off at #' },
  SEG106: { severity: 'error', title: 'Anchors, aliases and merge keys' },
  SEG107: { severity: 'error', title: 'Key written twice' },
  SEG108: { severity: 'error', title: 'Indentation that is not spaces' },
  SEG109: { severity: 'error', title: 'Value needs quotes' },
  SEG110: { severity: 'error', title: 'Empty value' },

  SEG201: { severity: 'error', title: 'Unknown key' },
  SEG202: { severity: 'error', title: 'Missing key' },
  SEG203: { severity: 'error', title: 'Wrong type of value' },
  SEG204: { severity: 'error', title: 'Value in the wrong form' },
  SEG205: { severity: 'error', title: 'Duration without a unit' },
  SEG206: { severity: 'error', title: 'Not one of the allowed values' },
  SEG207: { severity: 'error', title: 'Too few or too many' },
  SEG208: { severity: 'error', title: 'Name in the wrong form' },
  SEG209: { severity: 'error', title: 'Number where text is meant' },
  SEG210: { severity: 'error', title: 'Unsupported language version' },
  SEG211: { severity: 'error', title: 'Exactly one of several keys' },

  SEG301: { severity: 'error', title: 'Unknown purpose' },
  SEG302: { severity: 'error', title: 'Unknown policy' },
  SEG303: { severity: 'error', title: 'Unknown event' },
  SEG304: { severity: 'error', title: 'Unknown template' },
  SEG305: { severity: 'error', title: 'Unknown offer' },
  SEG306: { severity: 'error', title: 'Unknown code pool' },
  SEG307: { severity: 'error', title: 'Unknown anchor' },
  SEG308: { severity: 'error', title: 'Unknown sender' },
  SEG309: { severity: 'error', title: 'Name differs from the file name' },
  SEG310: { severity: 'info', title: 'The goal already ends this journey' },
  SEG311: { severity: 'error', title: 'Reserved name' },
  SEG312: { severity: 'error', title: 'Steps that wait for each other' },
  SEG313: { severity: 'error', title: 'Fallback on the same channel' },
  SEG314: { severity: 'error', title: 'Range written backwards' },
  SEG315: { severity: 'error', title: 'Limit looser than the policy' },
  SEG316: { severity: 'error', title: 'Channel without a sender' },
  SEG317: { severity: 'warning', title: 'Arms that say the same' },
  SEG318: { severity: 'warning', title: 'Offer may expire before its last message' },
  SEG319: { severity: 'error', title: 'fallback_within without a fallback' },
  SEG320: { severity: 'error', title: 'converted without a goal' },
  SEG321: { severity: 'warning', title: 'File that is not read' },
  SEG322: { severity: 'error', title: 'Due before its anchor' },
  SEG323: { severity: 'error', title: 'Time scale outside dev' },
  SEG324: { severity: 'warning', title: 'Offer that no message uses' },
  SEG325: { severity: 'error', title: 'Unknown time zone' },
  SEG326: { severity: 'error', title: 'Workspace without segue.yaml' },
  SEG327: { severity: 'warning', title: 'Condition that is always the same' },
  SEG328: { severity: 'error', title: 'Name declared twice' },
  SEG329: { severity: 'error', title: 'Fact that the message cannot have' },
  SEG330: { severity: 'error', title: 'Code without an offer' },
  SEG331: { severity: 'error', title: 'Required field that is not declared' },
  SEG332: { severity: 'error', title: 'Keyword that means something already' },
  SEG333: { severity: 'error', title: 'Keyword of two purposes' },
  SEG334: { severity: 'error', title: 'Keyword without a title or a frequency' },
  SEG335: { severity: 'error', title: 'Unknown journey' },
  SEG336: { severity: 'error', title: 'Address that is not https' },
  SEG337: { severity: 'error', title: 'Pause below its warning' },
  SEG338: { severity: 'error', title: 'Sender that contradicts itself' },
  SEG339: { severity: 'warning', title: 'Picture that phones may not show' },

  SEG351: { severity: 'error', title: 'Front matter that cannot be read' },
  SEG352: { severity: 'error', title: 'Liquid that cannot be read' },
  SEG353: { severity: 'error', title: 'MJML that cannot be read' },
  SEG354: { severity: 'error', title: 'Included file that is not there' },
  SEG355: { severity: 'error', title: 'Liquid that MJML would drop' },
  SEG356: { severity: 'error', title: 'Variable that messages do not have' },
  SEG357: { severity: 'error', title: 'Tag or filter that messages may not use' },
  SEG358: { severity: 'warning', title: 'Email that Gmail would clip' },
  SEG359: { severity: 'error', title: 'File that is no template' },
  SEG360: { severity: 'error', title: 'Link or picture that leads nowhere' },
  SEG370: { severity: 'error', title: 'Fixture with a value that its field cannot have' },
  SEG371: { severity: 'error', title: 'Fixture with a field that no schema declares' },
  SEG372: { severity: 'error', title: 'Fixture without a required field' },

  SEG401: { severity: 'error', title: 'Condition that cannot be read' },
  SEG402: { severity: 'error', title: 'Unknown fact' },
  SEG403: { severity: 'error', title: 'Unknown function' },
  SEG404: { severity: 'error', title: 'Types that do not go together' },
  SEG405: { severity: 'error', title: 'Condition that is not true or false' },
  SEG406: { severity: 'error', title: 'Condition too large' },
  SEG407: { severity: 'error', title: 'Unknown step in a condition' },
  SEG408: { severity: 'error', title: 'Value that the fact can never have' },
  SEG409: { severity: 'warning', title: 'Opens are weak evidence' },

  SEG501: { severity: 'error', title: 'More than one text per abandoned cart' },
  SEG502: { severity: 'error', title: 'Cart text later than 48 hours' },
  SEG503: { severity: 'error', title: 'Code in a transactional message' },
  SEG504: { severity: 'error', title: 'Marketing email without an unsubscribe link' },
  SEG505: { severity: 'error', title: 'Marketing email without a postal address' },
  SEG506: { severity: 'warning', title: 'Text without opt-out words' },
  SEG507: { severity: 'error', title: 'Secret in a file' },
  SEG508: { severity: 'error', title: 'Personal data in a journey' },
  SEG509: { severity: 'warning', title: 'Cart text may be held beyond 48 hours' },
  SEG510: { severity: 'error', title: 'Purpose that the number is not registered for' },
  SEG511: { severity: 'warning', title: 'Cart text without double opt-in' },
} as const satisfies Readonly<Record<string, CodeEntry>>

export type DiagnosticCode = keyof typeof CODES

export function isDiagnosticCode(code: string): code is DiagnosticCode {
  return Object.hasOwn(CODES, code)
}

/** The page that explains a code, relative to the repository. */
export function docsOf(code: DiagnosticCode): string {
  return `docs/diagnostics/${code}.md`
}
