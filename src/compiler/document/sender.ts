import type { Registration, Sender } from '../../core/workspace.ts'
import { entryOf, type MapEntry, type MapNode, type ScalarNode } from '../source/node.ts'
import { optional } from './journey.ts'
import type { Located } from './located.ts'
import { mapOf, needText, readAs, readEntries, readList, readMap, readNumber, readText, textOf } from './located.ts'

export type NumberKind = NonNullable<Extract<Sender, { readonly channel: 'sms' }>['kind']>

/** One sender of segue.yaml, as written. */
export interface SenderDocument {
  readonly name: string
  readonly key: ScalarNode
  readonly map: MapNode
  readonly provider: Located<string>
  readonly email?: Located<string>
  readonly number?: Located<string>
  readonly displayName?: Located<string>
  readonly replyTo?: Located<string>
  /** Numbers by country. */
  readonly numbers: ReadonlyMap<string, string>
  readonly kind?: Located<NumberKind>
  readonly segmentsPerSecond?: Located<number>
  readonly segmentsPerDay?: Located<number>
  readonly registration?: RegistrationDocument
  /** Keys that say something about a number. */
  readonly numberKeys: readonly ScalarNode[]
}

export interface RegistrationDocument {
  readonly key: ScalarNode
  readonly programme: Located<Registration['programme']>
  readonly id: string
  readonly purposes: readonly Located<string>[]
  readonly verified: string
}

export function readSender({ name, key, value }: MapEntry): SenderDocument {
  const map = mapOf(value)
  const registration = readMap(map, 'registration')
  const registrationEntry = entryOf(map, 'registration')
  const about = [
    entryOf(map, 'numbers'),
    entryOf(map, 'kind'),
    entryOf(map, 'segments_per_second'),
    entryOf(map, 'segments_per_day'),
    registrationEntry,
  ]
  return {
    name,
    key,
    map,
    provider: needText(map, 'provider'),
    ...optional('email', readText(map, 'email')),
    ...optional('number', readText(map, 'number')),
    ...optional('displayName', readText(map, 'name')),
    ...optional('replyTo', readText(map, 'reply_to')),
    numbers: new Map(readEntries(map, 'numbers').map((entry) => [entry.name, textOf(entry.value).value])),
    ...optional('kind', readAs(map, 'kind', kindOf)),
    ...optional('segmentsPerSecond', readNumber(map, 'segments_per_second')),
    ...optional('segmentsPerDay', readNumber(map, 'segments_per_day')),
    ...optional(
      'registration',
      registration && registrationEntry && readRegistration(registrationEntry.key, registration),
    ),
    numberKeys: about.flatMap((entry) => (entry === undefined ? [] : [entry.key])),
  }
}

function readRegistration(key: ScalarNode, map: MapNode): RegistrationDocument {
  const programme = needText(map, 'programme')
  return {
    key,
    programme: { value: programmeOf(programme.value), node: programme.node },
    id: needText(map, 'id').value,
    purposes: readList(map, 'purposes').map(textOf),
    verified: needText(map, 'verified').value,
  }
}

/** The schema allows these words only; the last one of each list is what remains. */
function kindOf(word: string): NumberKind {
  return word === 'long_code' || word === 'toll_free' || word === 'short_code' ? word : 'alphanumeric'
}

function programmeOf(word: string): Registration['programme'] {
  return word === '10dlc' || word === 'toll_free' ? word : 'short_code'
}
