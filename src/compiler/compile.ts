import type { CompiledJourney } from '../core/compiled-journey.ts'
import type { Content } from '../core/content.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import { compareDiagnostics, type Diagnostic } from '../diagnostics/diagnostic.ts'
import { report } from '../diagnostics/report.ts'
import { SourceText } from '../diagnostics/source-text.ts'
import { bindConditions } from './bind/conditions.ts'
import { declare, type Declared, type Names } from './bind/names.ts'
import { bindTemplates, type BoundTemplates } from './bind/templates.ts'
import { roleOf } from './bind/workspace-layout.ts'
import type { Fixture } from './document/fixture.ts'
import { readJourney, type JourneyDocument } from './document/journey.ts'
import { readPolicy } from './document/policy.ts'
import { readCodes, readEvent, readSegue, type TestContact } from './document/workspace.ts'
import { compileFixtures, fixtureFacts } from './fixtures.ts'
import { lowerJourney } from './lower/journey.ts'
import { lowerWorkspace } from './lower/workspace.ts'
import { JOURNEY_RULES } from './rules/index.ts'
import type { JourneyContext } from './rules/rule.ts'
import { WORKSPACE_RULES } from './rules/workspace/index.ts'
import type { FileKind } from './shape/schemas.ts'
import { validateShape } from './shape/validate.ts'
import type { MapNode } from './source/node.ts'
import { parseSource } from './source/parse.ts'

/** A workspace's files: path within it, with `/`, to text. Reading a folder is the edge's work (`workspace-files.ts`). */
export type WorkspaceFiles = ReadonlyMap<string, string>

export interface Compilation {
  /** Absent if a file that all journeys share has errors. */
  readonly workspace?: CompiledWorkspace
  readonly environments: Readonly<Record<string, { readonly timeScale?: number }>>
  /** Who may get test sends, by name. Not part of the workspace: nothing that runs needs them. */
  readonly testContacts: Readonly<Record<string, TestContact>>
  /** The journeys without errors, by id in alphabetical order. A journey's version is `contentHash(journey)`. */
  readonly journeys: readonly CompiledJourney[]
  /** The compiled templates of the workspace by content hash. */
  readonly contents: ReadonlyMap<string, Content>
  /** The fixtures without errors, by their files' names. */
  readonly fixtures: ReadonlyMap<string, Fixture>
  /** Sorted by file and place. */
  readonly diagnostics: readonly Diagnostic[]
}

interface ReadFile<T> {
  readonly source: SourceText
  readonly name: string
  /** Absent if the file has errors of syntax or shape. */
  readonly document?: T
}

/**
 * Compiles a workspace: source, shape, bind, rules, lower. Pure: equal files give equal results, and no user's mistake throws.
 * Asynchronous only because MJML is.
 */
export async function compileWorkspace(files: WorkspaceFiles): Promise<Compilation> {
  const diagnostics: Diagnostic[] = []
  const read = <T>(shape: FileKind, reader: (root: MapNode) => T): ReadFile<T>[] =>
    [...files]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([path, text]) => {
        const role = roleOf(path)
        if (role.kind !== 'yaml' || role.shape !== shape) return []
        const source = new SourceText(path, text)
        const root = checkedRoot(shape, source, diagnostics)
        return [root === undefined ? { source, name: role.name } : { source, name: role.name, document: reader(root) }]
      })

  const segueFiles = read('segue', readSegue)
  const policies = declare(read('policy', readPolicy).map(declared))
  const events = declare(read('event', readEvent).map(declared))
  const codes = declare(read('codes', readCodes).map(declared))
  const segue = segueFiles.map(declared)[0]
  const names: Names = {
    ...(segue === undefined ? {} : { segue }),
    policies: policies.table,
    events: events.table,
    codes: codes.table,
    journeys: journeyFiles(files),
  }
  diagnostics.push(...policies.diagnostics, ...events.diagnostics, ...codes.diagnostics)
  if (segueFiles.length === 0) diagnostics.push(missingSegue())
  diagnostics.push(...strayFiles(files))
  for (const rule of WORKSPACE_RULES) diagnostics.push(...rule(names))
  const sharedErrors = hasErrors(diagnostics)

  const templates = await bindTemplates(files)
  diagnostics.push(...templates.diagnostics)
  const journeys = read('journey', readJourney).flatMap((file) => {
    if (file.document === undefined) return []
    const result = compileJourney(file.source, file.name, file.document, names, templates)
    diagnostics.push(...result.diagnostics)
    return result.journey === undefined ? [] : [result.journey]
  })
  const workspace = segue === undefined || sharedErrors ? undefined : lowerWorkspace(segue.document, names)
  const fixtures = compileFixtures(files, workspace && fixtureFacts(workspace, journeys, names.journeys))
  diagnostics.push(...fixtures.diagnostics)
  return {
    ...(workspace === undefined ? {} : { workspace }),
    environments: environmentsOf(names),
    testContacts: Object.fromEntries(names.segue?.document.testContacts ?? []),
    journeys: journeys.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    contents: contentsOf(templates),
    fixtures: fixtures.fixtures,
    diagnostics: diagnostics.toSorted(compareDiagnostics),
  }
}

function checkedRoot(shape: FileKind, source: SourceText, diagnostics: Diagnostic[]): MapNode | undefined {
  const parsed = parseSource(source)
  diagnostics.push(...parsed.diagnostics)
  if (parsed.root === undefined) return undefined
  const shapeDiagnostics = validateShape(shape, source, parsed.root)
  diagnostics.push(...shapeDiagnostics)
  return shapeDiagnostics.length > 0 ? undefined : parsed.root
}

function declared<T>(file: ReadFile<T>): Declared<T> | undefined {
  return file.document === undefined ? undefined : { source: file.source, document: file.document }
}

function compileJourney(
  source: SourceText,
  fileName: string,
  journey: JourneyDocument,
  names: Names,
  templates: BoundTemplates,
): { readonly journey?: CompiledJourney; readonly diagnostics: readonly Diagnostic[] } {
  const conditions = bindConditions(source, journey, names)
  const policyName = journey.policy?.value ?? names.segue?.document.defaultPolicy?.value
  const policy = policyName === undefined ? undefined : names.policies.entries.get(policyName)
  const purpose = names.segue?.document.purposes.get(journey.purpose.value)?.purpose
  const context: JourneyContext = {
    fileName,
    source,
    journey,
    names,
    templates: templates.templates,
    expressions: conditions.expressions,
    ...(policyName === undefined ? {} : { policyName }),
    ...(policy === undefined ? {} : { policy }),
    ...(purpose === undefined ? {} : { purpose }),
  }
  const diagnostics = [...conditions.diagnostics, ...JOURNEY_RULES.flatMap((rule) => rule(context))]
  const ready = policy !== undefined && purpose !== undefined && isBound(context) && !hasErrors(diagnostics)
  return ready ? { journey: lowerJourney(context), diagnostics } : { diagnostics }
}

/** Whether all templates are compiled and all conditions checked. Findings elsewhere, as in a template, leave gaps. */
function isBound({ journey, templates, expressions, names }: JourneyContext): boolean {
  const actions = journey.steps.flatMap((step) => [...step.actions, ...(step.fallback?.actions ?? [])])
  return (
    actions.every((action) => templates.get(action.template.value)?.[action.channel]?.compiled !== undefined) &&
    names.events.entries.has(journey.enter.event.value) &&
    [journey.enter.if, journey.enter.key, journey.goal?.if, ...journey.exitOn.map((exit) => exit.if)].every(
      (condition) => condition === undefined || expressions.has(condition.node),
    )
  )
}

function contentsOf({ templates }: BoundTemplates): ReadonlyMap<string, Content> {
  const contents = new Map<string, Content>()
  for (const channels of templates.values()) {
    for (const file of Object.values(channels)) {
      if (file.compiled !== undefined) contents.set(file.compiled.hash, file.compiled.content)
    }
  }
  return contents
}

function environmentsOf(names: Names): Compilation['environments'] {
  const environments = names.segue?.document.environments ?? []
  return Object.fromEntries(
    environments.map(({ name, timeScale }) => [name, timeScale === undefined ? {} : { timeScale: timeScale.value }]),
  )
}

/** A journey has its file's name, so that one with errors is still known. */
function journeyFiles(files: WorkspaceFiles): readonly string[] {
  return [...files.keys()].flatMap((path) => {
    const role = roleOf(path)
    return role.kind === 'yaml' && role.shape === 'journey' ? [role.name] : []
  })
}

function missingSegue(): Diagnostic {
  return report(new SourceText('segue.yaml', ''), 'SEG326', {
    message: 'this workspace has no segue.yaml',
    at: { start: 0, end: 0 },
    help: 'it declares the purposes, the senders and the contact traits that journeys use',
  })
}

function strayFiles(files: WorkspaceFiles): readonly Diagnostic[] {
  return [...files].flatMap(([path, text]) => {
    const role = roleOf(path)
    if (role.kind !== 'stray') return []
    const at = { start: 0, end: 0 }
    return [report(new SourceText(path, text), 'SEG321', { message: 'this file is not read', at, help: role.why })]
  })
}

function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error')
}
