import type { Entry } from '../core/compiled-journey.ts'
import type { FieldSchema, ObjectSchema } from '../core/field-schema.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { SourceText } from '../diagnostics/source-text.ts'
import { roleOf } from './bind/workspace-layout.ts'
import { lowerFixture, readFixture, type Fixture } from './document/fixture.ts'
import { fixtureDiagnostics, journeysOfFixture, type FixtureFacts } from './rules/fixture-sound.ts'
import { sampleValues, type SampleTerms } from './sample-values.ts'
import { validateShape } from './shape/validate.ts'
import { parseSource } from './source/parse.ts'

/**
 * Reads one fixture file: source, shape, and its values against the schemas. Pure; a user's mistake is a diagnostic.
 *
 * @param facts absent where the schemas themselves have errors: then the values are not judged.
 * @returns no fixture if there is an error.
 */
export function compileFixture(
  source: SourceText,
  facts: FixtureFacts | undefined,
): { readonly fixture?: Fixture; readonly diagnostics: readonly Diagnostic[] } {
  const parsed = parseSource(source)
  if (parsed.root === undefined) return { diagnostics: parsed.diagnostics }
  const shape = validateShape('fixture', source, parsed.root)
  if (shape.length > 0) return { diagnostics: shape }
  const document = readFixture(parsed.root)
  const diagnostics = facts === undefined ? [] : fixtureDiagnostics(source, document, facts)
  if (diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics }
  const fixture = lowerFixture(document)
  return {
    fixture: facts === undefined ? fixture : { ...fixture, journeys: journeysOfFixture(source, document, facts) },
    diagnostics,
  }
}

/** The fixtures of a workspace, by their files' names in alphabetical order; those with errors are left out. */
export function compileFixtures(
  files: ReadonlyMap<string, string>,
  facts: FixtureFacts | undefined,
): { readonly fixtures: ReadonlyMap<string, Fixture>; readonly diagnostics: readonly Diagnostic[] } {
  const fixtures = new Map<string, Fixture>()
  const diagnostics: Diagnostic[] = []
  for (const [path, text] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const role = roleOf(path)
    if (role.kind !== 'yaml' || role.shape !== 'fixture') continue
    const compiled = compileFixture(new SourceText(path, text), facts)
    diagnostics.push(...compiled.diagnostics)
    if (compiled.fixture !== undefined) fixtures.set(role.name, compiled.fixture)
  }
  return { fixtures, diagnostics }
}

/** What the fixtures of a compiled workspace are compared with. */
export function fixtureFacts(
  workspace: CompiledWorkspace,
  journeys: readonly { readonly id: string; readonly enter: Entry }[],
  ids: readonly string[] = journeys.map(({ id }) => id),
): FixtureFacts {
  return {
    contact: workspace.contact,
    purposes: Object.keys(workspace.purposes),
    triggers: new Map(journeys.map(({ id, enter }) => [id, triggerSchemaOf(enter, workspace)])),
    journeys: ids,
  }
}

/** What `trigger.*` may be in the runs of a journey: the event's data, or what its kind of entry gives. */
function triggerSchemaOf(enter: Entry, { events }: Pick<CompiledWorkspace, 'events'>): ObjectSchema {
  switch (enter.kind) {
    case 'event':
      return events[enter.event] ?? object({})
    case 'audience':
      return object({})
    case 'date':
      return object({ date: { type: 'string', format: 'date-time' } })
    case 'schedule':
      return object({ scheduled_at: { type: 'string', format: 'date-time' } })
    case 'keyword':
      return object({ keyword: { type: 'string' }, text: { type: 'string' } })
    case 'manual':
      return enter.fields
    default:
      return enter satisfies never
  }
}

function object(properties: Readonly<Record<string, FieldSchema>>): ObjectSchema {
  return { type: 'object', properties }
}

/** A fixture with everything that a run reads. */
export interface CompleteFixture extends Fixture {
  readonly contact: Readonly<Record<string, unknown>>
  readonly trigger: Readonly<Record<string, unknown>>
}

/**
 * The fixture with what it leaves out made up from the schemas: all traits if it has no `contact`, all of the trigger's data if it has no
 * `trigger`. Without a fixture, everything: a new journey can be seen at once.
 */
export function completeFixture(
  fixture: Fixture | undefined,
  { enter }: { readonly enter: Entry },
  workspace: Pick<CompiledWorkspace, 'contact' | 'events'>,
  terms: SampleTerms,
): CompleteFixture {
  return {
    journeys: [],
    ...fixture,
    contact: fixture?.contact ?? sampleValues(workspace.contact, terms),
    trigger: fixture?.trigger ?? sampleValues(triggerSchemaOf(enter, workspace), terms),
  }
}
