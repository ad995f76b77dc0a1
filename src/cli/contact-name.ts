import type { Statements } from '../core/database.ts'
import { findPeople, type PersonName } from '../rights/person.ts'

/** How a command was told whom it is about. */
export interface GivenNames {
  readonly externalId: string | undefined
  readonly id?: string
  readonly email?: string
  readonly phone?: string
}

/** The one person that is meant, or what is wrong in words. Never repeats the name: it may be an address. */
export async function resolvePerson(
  statements: Statements,
  names: GivenNames,
): Promise<{ readonly kind: 'found'; readonly id: string } | { readonly kind: 'wrong'; readonly complaint: string }> {
  const given: readonly PersonName[] = [
    ...(names.externalId === undefined ? [] : [{ kind: 'external', value: names.externalId } as const]),
    ...(['id', 'email', 'phone'] as const).flatMap((kind) => {
      const value = names[kind]
      return value === undefined ? [] : [{ kind, value }]
    }),
  ]
  const [name, other] = given
  if (name === undefined || other !== undefined) {
    return wrong("name one person: by the shop's id, or with --id, --email or --phone")
  }
  const ids = await findPeople(statements, name)
  const [id, second] = ids
  if (id === undefined) return wrong('there is no such person in the store')
  if (second !== undefined)
    return wrong(`${ids.length} people share this address; name one with --id: ${ids.join(', ')}`)
  return { kind: 'found', id }
}

function wrong(complaint: string): { readonly kind: 'wrong'; readonly complaint: string } {
  return { kind: 'wrong', complaint }
}
