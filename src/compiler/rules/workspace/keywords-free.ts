import { report } from '../../../diagnostics/report.ts'
import type { WorkspaceRule } from './rule.ts'

/**
 * Words that carriers and their customers understand without us, whatever we mean by them. Twilio acts on its own sets before it
 * hands a text on (https://help.twilio.com/articles/223134027); YES lifts a block there, and Y is the answer to a double opt-in.
 * The law counts the rest as a revocation (47 CFR 64.1200(a)(10)) or a person would; in the languages of the US, Canada and Germany.
 */
const TAKEN: ReadonlyMap<string, string> = new Map(
  (
    [
      [
        'a revocation',
        'STOP STOPALL STOPP UNSUBSCRIBE UNSUB CANCEL END QUIT REVOKE OPTOUT REMOVE ALTO BAJA PARAR PARE ARRET FIN',
      ],
      ['a return after a STOP', 'START UNSTOP YES'],
      ['a call for help', 'HELP INFO AYUDA AIDE HILFE'],
      ['an answer to a question', 'Y N NO OK SI OUI NON JA NEIN'],
    ] as const
  ).flatMap(([meaning, words]) => words.split(' ').map((word) => [word, meaning] as const)),
)

/** A keyword that already means something to carriers would ask for consent and take it back in one text. */
export const keywordsFree: WorkspaceRule = ({ segue }) => {
  if (segue === undefined) return []
  return [...segue.document.purposes.values()].flatMap(({ keywords }) =>
    keywords.flatMap(({ value, node }) => {
      const meaning = TAKEN.get(value)
      if (meaning === undefined) return []
      return [
        report(segue.source, 'SEG332', {
          message: `the keyword ${value} means something already: ${meaning}`,
          at: node,
          expected: 'a word of your own, such as the brand or the programme',
        }),
      ]
    }),
  )
}
