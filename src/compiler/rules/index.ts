import { anchorsAcyclic } from './anchors-acyclic.ts'
import { anchorsKnown } from './anchors-known.ts'
import { armsDiffer } from './arms-differ.ts'
import { channelHasSender } from './channel-has-sender.ts'
import { cartTextConfirmed } from './compliance/cart-text-confirmed.ts'
import { cartTextOnce } from './compliance/cart-text-once.ts'
import { noPersonalData } from './compliance/no-personal-data.ts'
import { purposeRegistered } from './compliance/purpose-registered.ts'
import { transactionalHasNoOffer } from './compliance/transactional-has-no-offer.ts'
import { wayOut } from './compliance/way-out.ts'
import { conditionVaries } from './condition-varies.ts'
import { dueAfterAnchor } from './due-after-anchor.ts'
import { eventsKnown } from './events-known.ts'
import { fallbackSound } from './fallback-sound.ts'
import { goalImplied } from './goal-implied.ts'
import { journeyName } from './journey-name.ts'
import { limitsStricter } from './limits-stricter.ts'
import { mediaSound } from './media-sound.ts'
import { offerOutlivesMessages } from './offer-outlives-messages.ts'
import { offersKnown } from './offers-known.ts'
import { offersSound } from './offers-sound.ts'
import { oneAction } from './one-action.ts'
import { policyKnown } from './policy-known.ts'
import { purposeKnown } from './purpose-known.ts'
import type { JourneyRule } from './rule.ts'
import { spreadOrdered } from './spread-ordered.ts'
import { templateFacts } from './template-facts.ts'
import { templatesKnown } from './templates-known.ts'
import { textNotCut } from './text-not-cut.ts'

/** Every rule about one journey. A new rule is a file and a line here. */
export const JOURNEY_RULES: readonly JourneyRule[] = [
  journeyName,
  purposeKnown,
  policyKnown,
  eventsKnown,
  templatesKnown,
  offersKnown,
  oneAction,
  anchorsKnown,
  anchorsAcyclic,
  dueAfterAnchor,
  spreadOrdered,
  fallbackSound,
  limitsStricter,
  channelHasSender,
  goalImplied,
  conditionVaries,
  textNotCut,
  mediaSound,
  armsDiffer,
  offersSound,
  offerOutlivesMessages,
  templateFacts,
  cartTextOnce,
  cartTextConfirmed,
  purposeRegistered,
  transactionalHasNoOffer,
  wayOut,
  noPersonalData,
]
