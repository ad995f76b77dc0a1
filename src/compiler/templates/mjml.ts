import mjml2html from 'mjml'
import type { Masked } from './masking.ts'
import { lostLiquid } from './masking.ts'
import type { TemplateProblem } from './problem.ts'
import { problemAt } from './problem.ts'

export interface Html {
  readonly html: string
  readonly problems: readonly TemplateProblem[]
}

/** MJML with its Liquid masked, as HTML that still has the masks. No file is read and no web font is linked. */
export async function mjmlToHtml(masked: Masked, preheader?: string): Promise<Html> {
  const source = preheader === undefined ? masked.text : withPreheader(masked.text, preheader)
  try {
    const { html, errors } = await mjml2html(source, {
      fonts: {},
      ignoreIncludes: true,
      keepComments: false,
      validationLevel: 'soft',
    })
    const problems = errors.map(({ line, message }): TemplateProblem => ({ code: 'SEG353', message, line, column: 1 }))
    if (problems.length > 0) return { html, problems }
    const dropped = lostLiquid(html, masked).map((index) => droppedLiquid(masked, index))
    return { html: html.replaceAll(/[ \t]*\n\s*/g, '\n'), problems: [...unclosed(masked.text), ...dropped] }
  } catch (error) {
    return { html: '', problems: [unreadable(error)] }
  }
}

/** MJML closes what an author forgot to close, wherever that happens to be. */
function unclosed(mjml: string): readonly TemplateProblem[] {
  const open = new Map<string, number[]>()
  for (const { 0: tag, 1: slash, 2: name = '', index } of mjml.matchAll(/<(\/?)(mjml|mj-[\w-]+)[^>]*>/g)) {
    const places = open.get(name) ?? []
    if (slash === '/') places.pop()
    else if (!tag.endsWith('/>')) places.push(index)
    open.set(name, places)
  }
  return [...open].flatMap(([name, places]) =>
    places.map((at) => problemAt('SEG353', `<${name}> is not closed`, mjml, at, name.length + 1)),
  )
}

/** Right behind the opening tag and on its line, so that line numbers stay true. */
function withPreheader(mjml: string, preheader: string): string {
  const preview = `<mj-preview>${preheader}</mj-preview>`
  return mjml.includes('<mj-head>')
    ? mjml.replace('<mj-head>', `<mj-head>${preview}`)
    : mjml.replace(/<mjml[^>]*>/, (tag) => `${tag}<mj-head>${preview}</mj-head>`)
}

function droppedLiquid(masked: Masked, index: number): TemplateProblem {
  const offset = Math.max(0, masked.text.search(new RegExp(`${masked.mark}${index}z[to]`)))
  const liquid = masked.liquid[index] ?? ''
  const message = `MJML drops ${liquid} here; put it inside mj-text or between mj-raw tags`
  return problemAt('SEG355', message, masked.text, offset, 0)
}

function unreadable(error: unknown): TemplateProblem {
  const message = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
  const line = Number(/line (\d+)/i.exec(message)?.[1] ?? 1)
  return { code: 'SEG353', message: message === '' ? 'this MJML cannot be read' : message, line, column: 1 }
}
