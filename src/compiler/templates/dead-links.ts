import type { FrontMatter } from './front-matter.ts'
import type { Masked } from './masking.ts'
import type { TemplateProblem } from './problem.ts'
import { problemAt } from './problem.ts'

const ATTRIBUTE = /\s(href|src|background)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi

/**
 * Links that lead nowhere when the email is read, and pictures that are not on the web: rendering would refuse every single message.
 * What Liquid fills in is known only then; links that begin with it, masked or (in the layout) not, are left to rendering.
 */
export function deadLinks(html: string, { mark }: Masked, { body, bodyLine }: FrontMatter): readonly TemplateProblem[] {
  const problems: TemplateProblem[] = []
  for (const tag of html.match(/<[a-z][^>]*>/gi) ?? []) {
    for (const [, name = '', double, single, bare] of tag.matchAll(ATTRIBUTE)) {
      const target = (double ?? single ?? bare ?? '').trim()
      const web = /^https?:\/\/[^/]/i.test(target)
      if (
        target.startsWith(mark) ||
        target.startsWith('{{') ||
        web ||
        (name.toLowerCase() === 'href' && /^(mailto|tel|sms):./i.test(target))
      )
        continue
      const message = `"${target}" leads nowhere from a mailbox; write the whole address, with https://`
      const at = Math.max(0, body.indexOf(target === '' ? `${name}=` : target))
      const problem = problemAt('SEG360', message, body, at, target.length)
      problems.push({ ...problem, line: problem.line + bodyLine })
    }
  }
  return problems
}
