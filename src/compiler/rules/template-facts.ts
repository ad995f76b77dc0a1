import type { FieldSchema, ObjectSchema } from '../../core/field-schema.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { report, type Span } from '../../diagnostics/report.ts'
import { suggest } from '../../diagnostics/suggestion.ts'
import { analyseLiquid } from '../templates/liquid-analysis.ts'
import type { ActionDocument } from '../document/journey.ts'
import type { Located } from '../document/located.ts'
import { spanInScalar } from '../source/scalar-offsets.ts'
import { messagesOf, type JourneyContext, type JourneyRule } from './rule.ts'

/** A message may only show facts that this journey's contacts and entry event can have; anything else would come out empty. */
export const templateFacts: JourneyRule = (context) =>
  messagesOf(context.journey).flatMap(({ action }) => {
    const file = context.templates.get(action.template.value)?.[action.channel]
    const reads = file?.compiled?.content.reads ?? []
    return [
      ...reads.flatMap((read) => missingFact(context, action, read, file?.path ?? '', action.template)),
      ...subjectTexts(action).flatMap((text) => subjectDiagnostics(context, action, text)),
    ]
  })

function subjectTexts({ subject }: ActionDocument): readonly Located<string>[] {
  if (subject === undefined) return []
  return 'experiment' in subject ? subject.arms.map((arm) => arm.text) : [subject]
}

/** A subject in the journey is Liquid too. */
function subjectDiagnostics(
  context: JourneyContext,
  action: ActionDocument,
  text: Located<string>,
): readonly Diagnostic[] {
  const { reads, problems } = analyseLiquid({ text: text.value, line: 0, column: 0 })
  const [problem] = problems
  if (problem === undefined) return reads.flatMap((read) => missingFact(context, action, read, undefined, text))
  const before = text.value
    .split('\n')
    .slice(0, problem.line - 1)
    .join('\n').length
  const start = before + (problem.line > 1 ? 1 : 0) + problem.column - 1
  const end = start + (problem.endColumn === undefined ? 1 : problem.endColumn - problem.column)
  const span = spanInScalar(context.source, text.node, start, end) ?? text.node
  return [report(context.source, problem.code, { message: problem.message, at: { ...span, path: text.node.path } })]
}

function missingFact(
  { source, names, journey }: JourneyContext,
  action: ActionDocument,
  read: string,
  file: string | undefined,
  at: Located<string>,
): readonly Diagnostic[] {
  const [root = '', ...fields] = read.split('.')
  const where = file === undefined ? 'the subject' : file
  if (root === 'offer' && action.offer === undefined) {
    const message = `${where} shows ${read}, but this ${action.channel} has no offer`
    return [report(source, 'SEG330', { message, at: placeOf(source, at, read), help: 'add offer: beside template:' })]
  }
  const schema =
    root === 'contact'
      ? names.segue?.document.contact
      : root === 'trigger'
        ? names.events.entries.get(journey.enter.event.value)?.document.schema
        : undefined
  const missing = schema === undefined ? undefined : missingField(schema, fields)
  if (missing === undefined) return []
  const { name, known } = missing
  const meant = suggest(name, known)
  const declaredIn =
    root === 'contact' ? 'contact: of segue.yaml' : `the event ${JSON.stringify(journey.enter.event.value)}`
  return [
    report(source, 'SEG329', {
      message: `${where} reads ${read}, and ${declaredIn} has no ${JSON.stringify(name)}`,
      at: placeOf(source, at, read),
      help:
        meant === undefined ? `declare it there, or take it out of ${where}` : `did you mean ${JSON.stringify(meant)}?`,
    }),
  ]
}

/** Where the fact is written, if the text is in the journey. */
function placeOf(
  source: JourneyContext['source'],
  { value, node }: Located<string>,
  read: string,
): Span & { readonly path: string } {
  const start = value.indexOf(read)
  const span = start === -1 ? undefined : spanInScalar(source, node, start, start + read.length)
  return { ...(span ?? node), path: node.path }
}

function missingField(
  schema: ObjectSchema,
  fields: readonly string[],
): { readonly name: string; readonly known: readonly string[] } | undefined {
  let current: FieldSchema = schema
  for (const field of fields) {
    const lists = field.split('[').length - 1
    const name = field.replaceAll('[]', '')
    if (current.type !== 'object') return undefined
    const next: FieldSchema | undefined = Object.hasOwn(current.properties, name) ? current.properties[name] : undefined
    if (next === undefined) return { name, known: Object.keys(current.properties) }
    current = next
    for (let i = 0; i < lists && current.type === 'array'; i++) current = current.items
  }
  return undefined
}
