import type { Channel } from '../../core/compiled-journey.ts'
import { contentHash } from '../../core/canonical-json.ts'
import type { Content } from '../../core/content.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { report } from '../../diagnostics/report.ts'
import { SourceText } from '../../diagnostics/source-text.ts'
import { compileTemplate } from '../templates/compile.ts'
import { MESSAGES } from './workspace-layout.ts'

/** A template file, compiled unless it has errors (which are findings in the template, not in the journeys that use it). */
export interface TemplateFile {
  readonly path: string
  readonly compiled?: { readonly hash: string; readonly content: Content }
}

export interface BoundTemplates {
  /** By name, then channel: one name may have an email and a text message. */
  readonly templates: ReadonlyMap<string, Partial<Readonly<Record<Channel, TemplateFile>>>>
  readonly diagnostics: readonly Diagnostic[]
}

/** Name and channel of a template file, or undefined for partials and anything else in messages/. */
export function templateOf(path: string): { readonly name: string; readonly channel: Channel } | undefined {
  const file = /^messages\/(.+?)\.(mjml|md|sms\.txt)$/.exec(path)
  const [, name = '', extension] = file ?? []
  if (file === null || name.split('/').some((segment) => segment.startsWith('_') || segment === 'partials'))
    return undefined
  return { name, channel: extension === 'sms.txt' ? 'sms' : 'email' }
}

/** Compiles every template of the workspace, used or not: a broken one is found before a journey names it. */
export async function bindTemplates(files: ReadonlyMap<string, string>): Promise<BoundTemplates> {
  const templates = new Map<string, Partial<Record<Channel, TemplateFile>>>()
  const diagnostics: Diagnostic[] = []
  for (const [path, text] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const template = templateOf(path)
    if (template === undefined) continue
    const source = new SourceText(path, text)
    const channels = templates.get(template.name) ?? {}
    const earlier = channels[template.channel]
    if (earlier !== undefined) {
      diagnostics.push(
        report(source, 'SEG328', {
          message: `the email ${JSON.stringify(template.name)} has two files: ${earlier.path} and ${path}`,
          at: { start: 0, end: 0 },
          help: 'keep one of them',
        }),
      )
      continue
    }
    const own = path.slice(MESSAGES.length)
    const result = await compileTemplate({ path: own, text }, (name) => files.get(`${MESSAGES}${name}`))
    for (const problem of result.problems) {
      const start = source.offset(problem.line, problem.column)
      const end = problem.endColumn === undefined ? start + 1 : source.offset(problem.line, problem.endColumn)
      diagnostics.push(report(source, problem.code, { message: problem.message, at: { start, end } }))
    }
    const { content } = result
    channels[template.channel] =
      content === undefined ? { path } : { path, compiled: { hash: contentHash(content), content } }
    templates.set(template.name, channels)
  }
  return { templates, diagnostics }
}
