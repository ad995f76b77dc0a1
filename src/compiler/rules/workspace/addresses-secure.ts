import { report } from '../../../diagnostics/report.ts'
import type { WorkspaceRule } from './rule.ts'

/**
 * Replies are personal data on their way, and pages under which people consent must not be changed on theirs. (The schema lets no
 * name or password into an address: it would be a secret in git.)
 */
export const addressesSecure: WorkspaceRule = ({ policies }) =>
  [...policies.entries.values()].flatMap(({ source, document: { replies, links } }) =>
    [replies?.webhook, links?.terms, links?.privacy, links?.support].flatMap((address) => {
      if (address === undefined || isSecure(address.value)) return []
      const { value, node } = address
      const secure = value.replace(/^http:/, 'https:')
      const mendable = secure !== value && isSecure(secure)
      return [
        report(source, 'SEG336', {
          message: `${JSON.stringify(value)} is no https address`,
          at: node,
          expected: 'an address such as https://example.com/help',
          fix: mendable ? { at: node, text: JSON.stringify(secure), applicability: 'maybe' } : undefined,
        }),
      ]
    }),
  )

function isSecure(address: string): boolean {
  return URL.canParse(address) && new URL(address).protocol === 'https:'
}
