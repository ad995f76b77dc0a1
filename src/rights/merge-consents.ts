import { allowsPurpose, type ConsentFact, EVERY_PURPOSE } from '../consent/ledger.ts'

/** One of two contacts that become one, on one channel, as it was before. */
export interface MergingSide {
  readonly facts: readonly ConsentFact[]
  /** Whether the address that the survivor has afterwards is this contact's own. Consent belongs to a person at an address. */
  readonly holdsAddress: boolean
}

/** A "no" that has to be recorded for the survivor. */
export interface Tightening {
  readonly purpose: string
  /** Epoch milliseconds: not older than what it must outweigh, because of two at one instant the revocation wins. */
  readonly at: number
}

/**
 * What must be taken back after the ledgers were joined, so that no merge turns a "no" into a "yes": a purpose stays allowed only if
 * one of the two contacts allowed it at the very address that the survivor has, and neither has said no to it, however old that "no"
 * is beside the other one's "yes": nobody knows that they were one person when they said so.
 *
 * @param after What holds for the survivor once the ledgers are joined.
 */
export function tighten(
  survivor: MergingSide,
  merged: MergingSide,
  after: readonly ConsentFact[],
  now: number,
): readonly Tightening[] {
  const facts = new Map(after.map((fact) => [fact.purpose, fact]))
  const noes: Tightening[] = []
  const say = (no: Tightening): void => {
    noes.push(no)
    facts.set(no.purpose, { ...no, state: 'revoked' })
  }
  const every = facts.get(EVERY_PURPOSE)
  if (every?.state === 'granted' && !everythingMayStay(survivor, merged, now)) {
    say({ purpose: EVERY_PURPOSE, at: every.at })
  }
  const named = [...survivor.facts, ...merged.facts, ...after].map(({ purpose }) => purpose)
  for (const purpose of [...new Set(named)].toSorted()) {
    if (purpose === EVERY_PURPOSE || !allowsPurpose(purpose, [...facts.values()], now)) continue
    if (mayStay(purpose, survivor, merged, now)) continue
    const outweighed = [facts.get(purpose), facts.get(EVERY_PURPOSE)].flatMap((fact) => fact?.at ?? [])
    say({ purpose, at: Math.max(...outweighed) })
  }
  return noes
}

function everythingMayStay(survivor: MergingSide, merged: MergingSide, now: number): boolean {
  const sides = [survivor, merged].map(({ facts, holdsAddress }) => {
    const every = facts.find(({ purpose }) => purpose === EVERY_PURPOSE)
    return {
      isNo: every?.state === 'revoked',
      isYes: holdsAddress && every !== undefined && allowsPurpose('', [every], now),
    }
  })
  return sides.some(({ isYes }) => isYes) && sides.every(({ isNo }) => !isNo)
}

/** Whether a purpose may be allowed after a merge. */
export function mayStay(purpose: string, survivor: MergingSide, merged: MergingSide, now: number): boolean {
  const sides = [survivor, merged]
  return (
    sides.some(({ facts, holdsAddress }) => holdsAddress && allowsPurpose(purpose, facts, now)) &&
    sides.every(({ facts }) => !forbidsPurpose(purpose, facts, now))
  )
}

/** Whether somebody said no, which is more than having said nothing. */
export function forbidsPurpose(purpose: string, facts: readonly ConsentFact[], now: number): boolean {
  const saidNo = facts.some((fact) => fact.state === 'revoked' && [purpose, EVERY_PURPOSE].includes(fact.purpose))
  return saidNo && !allowsPurpose(purpose, facts, now)
}
