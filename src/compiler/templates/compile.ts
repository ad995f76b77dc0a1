import type { Content } from '../../core/content.ts'
import type { FrontMatter, FrontMatterValue } from './front-matter.ts'
import { readFrontMatter } from './front-matter.ts'
import { expandIncludes } from './includes.ts'
import type { LiquidSource } from './liquid-analysis.ts'
import { analyseLiquid } from './liquid-analysis.ts'
import { markdownToMjml } from './markdown.ts'
import type { Masked } from './masking.ts'
import { maskLiquid, unmaskLiquid } from './masking.ts'
import { deadLinks } from './dead-links.ts'
import { mjmlToHtml } from './mjml.ts'
import type { TemplateProblem } from './problem.ts'
import { textOf } from './text-part.ts'

export type { TemplateProblem } from './problem.ts'

export interface CompiledTemplate {
  /** Absent when a problem other than the warning SEG358 was found. */
  readonly content?: Content
  readonly problems: readonly TemplateProblem[]
}

interface TemplateFile {
  /** Path within the messages folder, with `/`. */
  readonly path: string
  readonly text: string
}

/** Gmail cuts an email off behind 102 KB and hides the unsubscribe link with the rest; values still have to be filled in. */
const CLIPPED_BYTES = 96_000

/**
 * Compiles one template file, once, when the journey is compiled. Asynchronous because MJML 5 is; it waits for nothing outside.
 *
 * `.mjml` and `.md` are email, `.sms.txt` is a text. Front matter has `subject`, `preheader` and `text` (the plain part, else made
 * from the HTML). An email without a subject is compiled with an empty one: the step may bring its own. Only Liquid is left to fill;
 * `reads` names all of it, so that a rule can ask whether `unsubscribe_url` and `postal_address` are there (a `.md` has both from its layout).
 *
 * @param include gives the text of another file of the messages folder, by its path there.
 */
export async function compileTemplate(
  file: TemplateFile,
  include: (path: string) => string | undefined,
): Promise<CompiledTemplate> {
  const frontMatter = readFrontMatter(file.text)
  const { body, bodyLine } = frontMatter
  if (body.trim() === '') return refused('the template has no message', bodyLine + 1)
  if (file.path.endsWith('.sms.txt')) return compileText(frontMatter)
  if (file.path.endsWith('.md')) return compileEmail(frontMatter, maskLiquid(body), (masked) => markdownToMjml(masked))
  if (!file.path.endsWith('.mjml')) return refused('a template is .mjml, .md or .sms.txt', 1)

  const expanded = expandIncludes({ path: file.path, text: body }, include)
  const problems = atLine(expanded.problems, bodyLine)
  return compileEmail(
    { ...frontMatter, body: expanded.text, problems: [...frontMatter.problems, ...problems] },
    maskLiquid(expanded.text),
    (masked) => masked.text,
  )
}

function refused(message: string, line: number): CompiledTemplate {
  return { problems: [{ code: 'SEG359', message, line, column: 1 }] }
}

function compileText({ values, body, bodyLine, problems }: FrontMatter): CompiledTemplate {
  const [unused] = Object.values(values)
  const own: TemplateProblem[] =
    unused === undefined
      ? []
      : [
          {
            code: 'SEG351',
            message: 'a text message has no subject, preheader or text',
            line: unused.line + 1,
            column: 1,
          },
        ]
  const text = body.trim()
  const analysis = analyseLiquid({ text: body, line: bodyLine, column: 0 })
  const found = [...problems, ...own, ...analysis.problems]
  return found.length > 0
    ? { problems: found }
    : { content: { kind: 'sms', body: text, reads: analysis.reads }, problems: [] }
}

async function compileEmail(
  frontMatter: FrontMatter,
  masked: Masked,
  toMjml: (masked: Masked) => string,
): Promise<CompiledTemplate> {
  const { values, body, bodyLine } = frontMatter
  const sources: LiquidSource[] = [{ text: body, line: bodyLine, column: 0 }, ...Object.values(values).map(sourceOf)]
  const liquidProblems = sources.flatMap((source) => analyseLiquid(source).problems)
  const found = [...frontMatter.problems, ...liquidProblems]
  // Broken Liquid is masked badly: what MJML then says of it would be a second complaint about the same thing.
  if (found.length > 0) return { problems: found }

  const preheader = values.preheader?.text
  const maskedPreheader = preheader === undefined ? undefined : maskedLike(preheader, masked)
  const all: Masked = maskedPreheader ?? masked
  const { html, problems } = await mjmlToHtml({ ...all, text: toMjml(masked) }, maskedPreheader?.text)
  if (problems.length > 0) return { problems: atLine(problems, bodyLine) }

  const subject = values.subject?.text.trim() ?? ''
  const finished = unmaskLiquid(html, all)
  const text = values.text?.text.trim() ?? unmaskLiquid(textOf(html), all)
  const nowhere = deadLinks(html, all, frontMatter)
  if (nowhere.length > 0) return { problems: nowhere }
  if (text === '') return refused('the email shows no text', bodyLine + 1)
  const reads = new Set(
    [finished, subject, text].flatMap((part) => analyseLiquid({ text: part, line: 0, column: 0 }).reads),
  )
  const content: Content = {
    kind: 'email',
    subject,
    ...(preheader === undefined ? {} : { preheader }),
    html: finished,
    text,
    reads: [...reads].toSorted(),
  }
  return { content, problems: clipped(finished) }
}

/** Masks a second text under the first one's mark, numbered on from it. */
function maskedLike(text: string, { mark, liquid }: Masked): Masked {
  const own = maskLiquid(text)
  const renumbered = own.text.replaceAll(
    new RegExp(`${own.mark}(\\d+)z`, 'g'),
    (_found, index: string) => `${mark}${liquid.length + Number(index)}z`,
  )
  return { text: renumbered, liquid: [...liquid, ...own.liquid], mark }
}

function sourceOf(value: FrontMatterValue): LiquidSource {
  // The first line of a file is line 1 and the front matter begins behind the first `---`.
  return { text: value.text, line: value.line, column: value.column }
}

function atLine(problems: readonly TemplateProblem[], bodyLine: number): readonly TemplateProblem[] {
  return problems.map((problem) => ({ ...problem, line: problem.line + bodyLine }))
}

function clipped(html: string): readonly TemplateProblem[] {
  const bytes = Buffer.byteLength(html)
  if (bytes <= CLIPPED_BYTES) return []
  const message = `the HTML has ${Math.round(bytes / 1000)} KB; Gmail cuts an email off behind 102 KB and hides its unsubscribe link`
  return [{ code: 'SEG358', message, line: 1, column: 1 }]
}
