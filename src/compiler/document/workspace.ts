import type { ObjectSchema } from '../../core/field-schema.ts'
import { entryOf, type MapNode, type Node, type ScalarNode } from '../source/node.ts'
import { readObjectSchema } from './field-schema.ts'
import { optional } from './journey.ts'
import type { Located } from './located.ts'
import { mapOf, needMap, needText, readEntries, readList, readMap, readNumber, readText, textOf } from './located.ts'
import { readPurpose, type PurposeDocument } from './purpose.ts'
import { readSender, type SenderDocument } from './sender.ts'

/** The files that all journeys share, as written. Policies are in policy.ts. */

export interface SegueDocument {
  readonly root: MapNode
  readonly timezone: Located<string>
  readonly defaultPolicy?: Located<string>
  readonly environments: readonly {
    readonly name: string
    readonly key: ScalarNode
    readonly timeScale?: Located<number>
  }[]
  readonly purposes: ReadonlyMap<string, PurposeDocument>
  readonly senders: readonly SenderDocument[]
  readonly contact: ObjectSchema
  /** Who may get test sends, by name: names of environment variables, never addresses. */
  readonly testContacts: ReadonlyMap<string, TestContact>
  readonly reports?: { readonly to: readonly string[]; readonly sender: Located<string> }
}

/** The environment variables that hold the addresses of somebody of the team. */
export interface TestContact {
  readonly email?: string
  readonly phone?: string
}

export interface EventDocument {
  readonly root: MapNode
  readonly name: Located<string>
  readonly schema: ObjectSchema
}

export interface CodesDocument {
  readonly root: MapNode
  readonly name: Located<string>
  readonly generated?: { readonly key: ScalarNode; readonly prefix: string; readonly length: number }
  readonly file?: Located<string>
}

export function readSegue(root: MapNode): SegueDocument {
  const reports = readMap(root, 'reports')
  return {
    root,
    timezone: needText(root, 'timezone'),
    ...optional('defaultPolicy', readText(root, 'default_policy')),
    environments: readEntries(root, 'environments').map(({ name, key, value }) => ({
      name,
      key,
      ...optional('timeScale', readNumber(mapOf(value), 'time_scale')),
    })),
    purposes: new Map(readEntries(root, 'purposes').map((entry) => [entry.name, readPurpose(entry)])),
    senders: readEntries(root, 'senders').map(readSender),
    contact: readObjectSchema(needMap(root, 'contact'), undefined),
    testContacts: new Map(readEntries(root, 'test_contacts').map(({ name, value }) => [name, readTestContact(value)])),
    ...optional('reports', reports && readReports(reports)),
  }
}

function readTestContact(node: Node): TestContact {
  const map = mapOf(node)
  return {
    ...optional('email', readText(map, 'email')?.value),
    ...optional('phone', readText(map, 'phone')?.value),
  }
}

function readReports(map: MapNode): NonNullable<SegueDocument['reports']> {
  return { to: readList(map, 'to').map((item) => textOf(item).value), sender: needText(map, 'sender') }
}

export function readEvent(root: MapNode): EventDocument {
  const schema = readObjectSchema(needMap(root, 'properties'), entryOf(root, 'required')?.value)
  return { root, name: needText(root, 'event'), schema }
}

export function readCodes(root: MapNode): CodesDocument {
  const generated = entryOf(root, 'generated')
  const map = readMap(root, 'generated')
  return {
    root,
    name: needText(root, 'codes'),
    ...optional(
      'generated',
      generated && {
        key: generated.key,
        prefix: readText(map, 'prefix')?.value ?? '',
        length: readNumber(map, 'length')?.value ?? 0,
      },
    ),
    ...optional('file', readText(root, 'file')),
  }
}
