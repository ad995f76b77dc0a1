import { report } from '../../../diagnostics/report.ts'
import type { WorkspaceRule } from './rule.ts'

/**
 * Who joins by keyword gets a confirmation at once, and it must say to what and how often (CTIA Messaging Principles 5.1.1). Nothing
 * else than these two words can say it.
 */
export const keywordsExplained: WorkspaceRule = ({ segue }) => {
  if (segue === undefined) return []
  return [...segue.document.purposes].flatMap(([name, { purpose, keywordsKey }]) => {
    const missing = (['title', 'frequency'] as const).filter((key) => purpose[key] === undefined)
    if (keywordsKey === undefined || missing.length === 0) return []
    return [
      report(segue.source, 'SEG334', {
        message: `the purpose ${JSON.stringify(name)} has keywords, but no ${missing.join(' and no ')}`,
        at: keywordsKey,
        help: `add ${missing.join(' and ')}; carriers want it in the first text after a keyword`,
      }),
    ]
  })
}
