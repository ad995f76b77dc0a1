import type { Diagnostic } from '../../../diagnostics/diagnostic.ts'
import { report } from '../../../diagnostics/report.ts'
import { messagesOf, type JourneyRule } from '../rule.ts'

/** Words by which a text tells how to stop it (CTIA Messaging Principles, section 5.1); "don't stop now" is no way out. */
const OPT_OUT_WORDS = /\b(reply|text|txt|send)\b[^.!?]*\bstop\b|\bstop\b\s*(to|2|=)|\bopt[ -]?out\b|\bunsubscribe\b/i

/**
 * What every marketing message must tell: how to get out, and in emails who is behind it (CAN-SPAM, 15 USC 7704(a)(3) and (5)).
 * Reported where the journey names the template, because a transactional journey may use the same one.
 */
export const wayOut: JourneyRule = ({ source, journey, templates, purpose, policy }) => {
  if (purpose?.class !== 'marketing') return []
  return messagesOf(journey).flatMap(({ action: { channel, template } }): readonly Diagnostic[] => {
    const file = templates.get(template.value)?.[channel]
    const content = file?.compiled?.content
    if (file === undefined || content === undefined) return []
    if (content.kind === 'sms') {
      // A policy that asks for the words from time to time has them added then; in the template they would be in every text.
      if (policy?.document.optOutEveryMs !== undefined || OPT_OUT_WORDS.test(content.body)) return []
      const message = `${file.path} does not say how to stop these texts`
      return [
        report(source, 'SEG506', {
          message,
          at: template.node,
          help: 'end it with words such as: Reply STOP to opt out',
        }),
      ]
    }
    if (!content.reads.includes('unsubscribe_url')) {
      const message = `${file.path} is a marketing email without an unsubscribe link`
      return [report(source, 'SEG504', { message, at: template.node, help: 'link to {{ unsubscribe_url }}' })]
    }
    if (!content.reads.includes('postal_address')) {
      const message = `${file.path} is a marketing email without the postal address of its sender`
      return [report(source, 'SEG505', { message, at: template.node, help: 'show {{ postal_address }}' })]
    }
    return []
  })
}
