import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Channel } from '../../../core/compiled-journey.ts'

/** A stream of events with the invented people it is about: what `npm start` sends through the public API. */
export interface Sample {
  readonly name: string
  /** The run's first virtual instant, epoch milliseconds. */
  readonly startsAt: number
  readonly people: readonly SamplePerson[]
  /** In the order of their instants. */
  readonly events: readonly SampleEvent[]
  /** What a reader should know about how the sample came to be: rows left out and the like. */
  readonly notes: readonly string[]
}

export interface SamplePerson {
  readonly userId: string
  /** Why this person is in the sample. */
  readonly persona: string
  /** The zone that the person lives in. Expectations measure by it, whether the product was told or not. */
  readonly zone: string
  /** What an identify call tells, with Segment's names. */
  readonly traits: Readonly<Record<string, string>>
  readonly consents: readonly SampleConsent[]
  readonly suppressions: readonly SampleSuppression[]
  /** For the sandbox: what this person does with the messages that arrive. */
  readonly behaviours: readonly SandboxPerson[]
  /** For the sandbox: what goes wrong on the way to this person. */
  readonly faults: readonly SandboxFault[]
  /** Taps the link of the first text once more than the behaviours say. */
  readonly clicksAgain: boolean
}

export interface SampleConsent {
  readonly channel: Channel
  readonly purpose: string
  readonly state: 'granted' | 'revoked'
  readonly at: number
}

export interface SampleSuppression {
  readonly channel: Channel
  readonly address: string
  readonly reason: string
}

/** The sandbox's own shape of `POST /sandbox/people`. Delays are virtual milliseconds after delivery. */
export interface SandboxPerson {
  readonly address: string
  readonly clicks?: 'first-link'
  readonly clickAfterMs?: number
  readonly replies?: { readonly body: string; readonly afterMs: number }
}

/** The sandbox's own shape of `POST /sandbox/rules`. */
export interface SandboxFault {
  readonly channel: Channel
  readonly to: string
  readonly undeliverable?: number
  readonly bounce?: 'hard'
}

export interface SampleEvent {
  /** The same in every run, so that sending it again is harmless. */
  readonly messageId: string
  readonly userId: string
  readonly event: string
  readonly at: number
  readonly properties: Readonly<Record<string, unknown>>
}

/** `people.json` and `events.json` as they are written: instants are readable there. */
export interface SampleFiles {
  readonly people: string
  readonly events: string
}

type Dated<T extends { readonly at: number }> = Omit<T, 'at'> & { readonly at: string }

interface PeopleFile {
  readonly name: string
  readonly startsAt: string
  readonly notes: readonly string[]
  readonly people: readonly (Omit<SamplePerson, 'consents'> & { readonly consents: readonly Dated<SampleConsent>[] })[]
}

export function writeSample(sample: Sample): SampleFiles {
  const file: PeopleFile = {
    name: sample.name,
    startsAt: new Date(sample.startsAt).toISOString(),
    notes: sample.notes,
    people: sample.people.map((person) => ({ ...person, consents: person.consents.map(dated) })),
  }
  return { people: print(file), events: print(sample.events.map(dated)) }
}

/** Reads what {@link writeSample} wrote, from a folder. Throws when the files are missing or broken: they ship with the product. */
export function readSample(folder: string): Sample {
  const { people, events } = {
    people: JSON.parse(readFileSync(join(folder, 'people.json'), 'utf8')) as PeopleFile,
    events: JSON.parse(readFileSync(join(folder, 'events.json'), 'utf8')) as readonly Dated<SampleEvent>[],
  }
  return {
    name: people.name,
    startsAt: Date.parse(people.startsAt),
    notes: people.notes,
    people: people.people.map((person) => ({ ...person, consents: person.consents.map(undated) })),
    events: events.map(undated),
  }
}

function dated<T extends { readonly at: number }>(value: T): Dated<T> {
  return { ...value, at: new Date(value.at).toISOString() }
}

function undated<T extends { readonly at: string }>(value: T): Omit<T, 'at'> & { readonly at: number } {
  return { ...value, at: Date.parse(value.at) }
}

function print(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
