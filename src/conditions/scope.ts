import type { FieldSchema, ObjectSchema } from '../core/field-schema.ts'

/** What a condition may name: facts with their schemas, and the ids of the journey's steps. */
export interface Scope {
  readonly contact: ObjectSchema
  /** The data of the event that entered the run. Absent for entries without one. */
  readonly trigger?: ObjectSchema
  /** The data of the event at hand: only where one arrives (goal, exit_on, milestones). */
  readonly event?: ObjectSchema
  readonly steps: readonly string[]
}

export const ROOTS = ['contact', 'trigger', 'event'] as const
export type Root = (typeof ROOTS)[number]

export function isRoot(name: string): name is Root {
  return name === 'contact' || name === 'trigger' || name === 'event'
}

/** Fields that name an instant: in conditions they are compared with instants, not with text. */
export function isInstantField(schema: FieldSchema): boolean {
  return schema.type === 'string' && (schema.format === 'date-time' || schema.format === 'date')
}
