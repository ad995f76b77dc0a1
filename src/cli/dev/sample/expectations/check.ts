import type { Database } from '../../../../core/database.ts'
import type { LoggedHandOff } from '../hand-off.ts'
import type { Sample } from '../sample.ts'
import { everyRunFinished, everyStepIsAccountedFor, everythingWasTold } from './accounting.ts'
import { everyEventArrived, exactlyTheRightOnesEntered } from './arrival.ts'
import { type Circumstances, type Evidence, readEvidence } from './evidence.ts'
import {
  badNewsWasHeard,
  logAndStoreAgree,
  noKeyWasHandedOverTwice,
  serviceMessagesAgree,
  theUndeliverableFellBack,
} from './hand-overs.ts'
import {
  nobodyWasContactedWithoutPermission,
  noTextWentOutAtNight,
  nothingWentOutAfterANo,
  nothingWentOutAfterTheGoal,
} from './permission.ts'

/** What must be true of every finished sample, each by its own rule. An expectation answers with what is wrong, in sentences. */
const EXPECTATIONS: readonly ((evidence: Evidence) => readonly string[])[] = [
  everyEventArrived,
  exactlyTheRightOnesEntered,
  everyRunFinished,
  everythingWasTold,
  everyStepIsAccountedFor,
  noKeyWasHandedOverTwice,
  logAndStoreAgree,
  serviceMessagesAgree,
  theUndeliverableFellBack,
  badNewsWasHeard,
  nobodyWasContactedWithoutPermission,
  nothingWentOutAfterANo,
  nothingWentOutAfterTheGoal,
  noTextWentOutAtNight,
]

/** Of one kind; a thousand equal complaints say no more than a few. */
const MOST_OF_A_KIND = 10

/** Compares what happened with what must have happened. Empty when all is well. */
export async function checkExpectations(
  database: Database,
  handOffs: readonly LoggedHandOff[],
  sample: Sample,
  circumstances: Circumstances,
): Promise<readonly string[]> {
  return unmet(await readEvidence(database, handOffs, sample, circumstances))
}

/** The sentences of all expectations that do not hold. */
export function unmet(evidence: Evidence): readonly string[] {
  return EXPECTATIONS.flatMap((expectation) => {
    const found = expectation(evidence)
    const more = found.length - MOST_OF_A_KIND
    return more > 0 ? [...found.slice(0, MOST_OF_A_KIND), `and ${more} more of this kind`] : found
  })
}
