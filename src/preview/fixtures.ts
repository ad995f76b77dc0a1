import { completeFixture, type CompleteFixture } from '../compiler/fixtures.ts'
import type { ShownJourney, Snapshot } from './live-workspace.ts'

/** Somebody that a journey's messages can be shown to. */
export interface Person {
  /** A fixture's name, or one of {@link MADE_UP}. */
  readonly name: string
  readonly label: string
  readonly description?: string
  readonly fixture: CompleteFixture
}

/** Names that no file can have. */
const MADE_UP = [
  { name: '~sample', size: 'usual', label: 'made up from the schemas' },
  { name: '~long', size: 'long', label: 'made up, long values' },
  { name: '~foreign', size: 'foreign', label: 'made up, letters that cost more' },
] as const

/** The fixtures for a journey, then the people who are made up from its schemas: there is always somebody. */
export function peopleFor(
  { journey, workspace }: ShownJourney,
  { fixtures }: Pick<Snapshot, 'fixtures'>,
  now: number,
): readonly [Person, ...Person[]] {
  const written = [...fixtures]
    .filter(([, { journeys }]) => journeys.length === 0 || journeys.includes(journey.id))
    .map(([name, fixture]): Person => ({
      name,
      label: name,
      ...(fixture.description === undefined ? {} : { description: fixture.description }),
      fixture: completeFixture(fixture, journey, workspace, { now, size: 'usual' }),
    }))
  const [sample, ...others] = MADE_UP
  const madeUp = ({ name, label, size }: (typeof MADE_UP)[number]): Person => ({
    name,
    label,
    fixture: completeFixture(undefined, journey, workspace, { now, size }),
  })
  const [first, ...rest] = [...written, madeUp(sample), ...others.map(madeUp)]
  return [first ?? madeUp(sample), ...rest]
}

/** The person with this name, or the first one. */
export function personNamed(people: readonly [Person, ...Person[]], name: string | undefined): Person {
  return people.find((person) => person.name === name) ?? people[0]
}
