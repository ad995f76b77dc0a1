import type { Health, Policy } from '../../core/workspace.ts'
import { optional } from '../document/journey.ts'
import type { HealthDocument, LinksDocument, PolicyDocument, RepliesDocument } from '../document/policy.ts'

export function lowerPolicy(policy: PolicyDocument): Policy {
  const priorities = policy.priorities.map(({ value }) => value)
  return {
    name: policy.name.value,
    senders: Object.fromEntries(policy.senders.map(({ channel, sender }) => [channel, sender.value])),
    sendWindow: Object.fromEntries(policy.sendWindow.map(({ channel, window }) => [channel, window.value])),
    caps: policy.caps,
    whenCapped: policy.whenCapped,
    minGapMs: policy.minGap.value,
    ...optional('channelGapMs', policy.channelGap?.value),
    giveUpAfterMs: policy.giveUpAfter.value,
    ...(priorities.length === 0 ? {} : { priorities }),
    ...optional('openingSpreadMs', policy.openingSpread?.value),
    ...optional('stopScope', policy.stopScope),
    ...optional('optOutEveryMs', policy.optOutEveryMs),
    ...optional('replies', policy.replies && lowerReplies(policy.replies)),
    ...optional('sunsetAfterMs', policy.sunsetAfter?.value),
    ...optional('health', policy.health && lowerHealth(policy.health)),
    ...optional('links', policy.links && lowerLinks(policy.links)),
    postalAddress: policy.postalAddress.value,
    brand: policy.brand.value,
    utm: Object.fromEntries(policy.utm),
  }
}

function lowerReplies({ email, webhook, pauseMs }: RepliesDocument): NonNullable<Policy['replies']> {
  return { ...optional('email', email?.value), ...optional('webhook', webhook?.value), pauseMs }
}

function lowerHealth(health: HealthDocument): Health {
  return {
    complaintWarn: health.complaintWarn.value,
    complaintStop: health.complaintStop.value,
    bounceWarn: health.bounceWarn.value,
    bounceStop: health.bounceStop.value,
    leastMessages: health.leastMessages,
  }
}

function lowerLinks({ terms, privacy, support }: LinksDocument): NonNullable<Policy['links']> {
  return {
    ...optional('terms', terms?.value),
    ...optional('privacy', privacy?.value),
    ...optional('support', support?.value),
  }
}
