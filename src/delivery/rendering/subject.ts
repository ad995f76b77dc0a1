import type { Content } from '../../core/content.ts'
import type { Reservation } from '../../gate/verdict.ts'
import { Unrenderable } from './links.ts'

const LONGEST = 200

/** The subject's Liquid: the step's own, or the contact's arm of it, or the template's. */
export function subjectOf(content: Content & { readonly kind: 'email' }, { action, arm }: Reservation): string {
  const { subject } = action
  if (subject === undefined) return content.subject
  if (typeof subject === 'string') return subject
  const assigned = subject.arms.find((one) => one.name === arm)
  if (assigned === undefined) throw new Unrenderable('the subject has no arm for this contact')
  return assigned.text
}

/** One line without controls: a line break in a name must not begin another header. */
export function asHeader(text: string): string {
  const line = text
    .replaceAll(/[\p{Cc}\u2028\u2029\u200B\u2060\uFEFF]+/gu, ' ')
    .replaceAll(/ {2,}/g, ' ')
    .trim()
  if (line === '') throw new Unrenderable('the subject is empty')
  return Array.from(line).slice(0, LONGEST).join('')
}
