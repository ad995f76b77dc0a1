import { CHANNELS, type Channel } from '../../core/compiled-journey.ts'
import { entryOf, toData, type MapNode } from '../source/node.ts'
import { optional } from './journey.ts'
import { mapOf, needText, readList, readMap, readText, textOf, type Located } from './located.ts'

/**
 * A fixture: one made-up person, what they consented to, and what happened to them. One format for everything that walks a journey
 * without a store: `messages/fixtures/*.yaml` for `segue preview`, the file of `segue simulate --contact`, and the same keys in journey
 * tests (`readFixture` takes any map that has them). `../fixtures.ts` has the reader that gives diagnostics, `compileFixture`, and
 * `completeFixture`, which makes up what a fixture leaves out; `../rules/fixture-sound.ts` has `fixtureDiagnostics` for keys within another file.
 */
export interface FixtureDocument {
  readonly root: MapNode
  readonly description?: Located<string>
  readonly journeys: readonly Located<string>[]
  readonly contact?: MapNode
  /** Absent: the file does not say. */
  readonly consents?: readonly ConsentDocument[]
  readonly trigger?: MapNode
  readonly code?: Located<string>
}

export interface ConsentDocument {
  readonly purpose: Located<string>
  readonly channels: readonly Channel[]
}

/** What a fixture says, as plain values. */
export interface Fixture {
  readonly description?: string
  /** The journeys that it is for, named or found by its trigger; empty: every one. */
  readonly journeys: readonly string[]
  /** The traits: what conditions and templates read as `contact.*`. `timezone`, `email` and `phone` are traits like others. Absent: made up. */
  readonly contact?: Readonly<Record<string, unknown>>
  /** Absent: to whatever the journey asks for. */
  readonly consents?: readonly FixtureConsent[]
  /** Absent: to be made up from the schema of the journey's trigger. */
  readonly trigger?: Readonly<Record<string, unknown>>
  /** Absent: to be made up. */
  readonly code?: string
}

export interface FixtureConsent {
  readonly purpose: string
  readonly channels: readonly Channel[]
}

/** Reads the keys of a fixture from a map whose shape has been checked; other keys are left alone. */
export function readFixture(root: MapNode): FixtureDocument {
  const consents = entryOf(root, 'consents')
  return {
    root,
    ...optional('description', readText(root, 'description')),
    journeys: readList(root, 'journeys').map(textOf),
    ...optional('contact', readMap(root, 'contact')),
    ...optional('consents', consents && readList(root, 'consents').map((item) => readConsent(mapOf(item)))),
    ...optional('trigger', readMap(root, 'trigger')),
    ...optional('code', readText(readMap(root, 'offer'), 'code')),
  }
}

function readConsent(map: MapNode): ConsentDocument {
  const named = new Set(readList(map, 'channels').map((item) => textOf(item).value))
  return {
    purpose: needText(map, 'purpose'),
    channels: CHANNELS.filter((channel) => named.size === 0 || named.has(channel)),
  }
}

/** The fixture without its places. */
export function lowerFixture(document: FixtureDocument): Fixture {
  const { description, journeys, contact, consents, trigger, code } = document
  return {
    ...optional('description', description?.value),
    journeys: journeys.map(({ value }) => value),
    ...optional('contact', contact && valuesOf(contact)),
    ...optional(
      'consents',
      consents?.map(({ purpose, channels }) => ({ purpose: purpose.value, channels })),
    ),
    ...optional('trigger', trigger && valuesOf(trigger)),
    ...optional('code', code?.value),
  }
}

function valuesOf(map: MapNode): Readonly<Record<string, unknown>> {
  return Object.fromEntries(map.entries.map(({ name, value }) => [name, toData(value)]))
}
