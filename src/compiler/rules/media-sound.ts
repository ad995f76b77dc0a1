import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { report } from '../../diagnostics/report.ts'
import type { Located } from '../document/located.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import { messagesOf, type JourneyRule } from './rule.ts'

/**
 * Files that carriers pass on as they are; others they convert, shrink or drop.
 * Source: https://www.twilio.com/docs/messaging/guides/accepted-mime-types
 */
const PICTURE = /\.(?:jpe?g|png|gif)$/i

/**
 * Pictures of a text are fetched by the carrier from an https address. The same for everybody: an address with something personal in it
 * would end up in the carrier's log. (The schema lets no Liquid and no password into one.)
 */
export const mediaSound: JourneyRule = ({ source, journey }) =>
  messagesOf(journey).flatMap(({ action }) => action.media.flatMap((address) => ofAddress(source, address)))

function ofAddress(source: SourceText, { value, node }: Located<string>): readonly Diagnostic[] {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url?.protocol !== 'https:') {
    const secure = value.replace(/^http:/, 'https:')
    const mendable = secure !== value && URL.canParse(secure)
    return [
      report(source, 'SEG336', {
        message: `${JSON.stringify(value)} is no https address`,
        at: node,
        expected: 'an address such as https://shop.example.com/mug.jpg',
        fix: mendable ? { at: node, text: JSON.stringify(secure), applicability: 'maybe' } : undefined,
      }),
    ]
  }
  if (PICTURE.test(url.pathname)) return []
  const help = 'carriers pass on .jpg, .png and .gif files, best below 500 kB'
  return [report(source, 'SEG339', { message: 'phones may not show this file', at: node, help })]
}
