import type { Rate } from '../../core/compiled-journey.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { report } from '../../diagnostics/report.ts'
import type { Located } from '../document/located.ts'
import { formatDuration } from '../document/scalar-grammar.ts'
import type { JourneyRule } from './rule.ts'

/** A journey may only be stricter than its policy. The gate takes the stricter one anyway; the author should know. */
export const limitsStricter: JourneyRule = ({ source, journey: { limits, purpose }, policy }) => {
  if (policy === undefined) return []
  const { minGap, giveUpAfter, caps, name } = policy.document
  const looser = (
    limit: Located<unknown>,
    what: string,
    allowed: string,
    at: { readonly start: number; readonly end: number },
  ): Diagnostic =>
    report(source, 'SEG315', {
      message: `${what} is looser than the policy ${JSON.stringify(name.value)} allows`,
      at: limit.node,
      expected: allowed,
      help: 'remove it, and the policy holds',
      related: [{ message: 'the policy says so here', at, source: policy.source }],
    })
  const findings: Diagnostic[] = []
  if (limits.minGap !== undefined && limits.minGap.value < minGap.value) {
    findings.push(looser(limits.minGap, 'min_gap', `at least ${formatDuration(minGap.value)}`, minGap.node))
  }
  if (limits.giveUpAfter !== undefined && limits.giveUpAfter.value > giveUpAfter.value) {
    const allowed = `at most ${formatDuration(giveUpAfter.value)}`
    findings.push(looser(limits.giveUpAfter, 'give_up_after', allowed, giveUpAfter.node))
  }
  const stricter =
    limits.cap === undefined
      ? undefined
      : caps.find(
          (cap) =>
            cap.channel === undefined &&
            (cap.purpose ?? purpose.value) === purpose.value &&
            allowsMore(limits.cap?.value, cap),
        )
  if (limits.cap !== undefined && stricter !== undefined) {
    const allowed = `at most ${stricter.count} per ${formatDuration(stricter.windowMs)}`
    findings.push(looser(limits.cap, 'cap', allowed, name.node))
  }
  return findings
}

/** Whether a cap never binds because the policy's holds first: at least as many messages in a window that is no longer. */
function allowsMore(cap: Rate | undefined, policy: Rate): boolean {
  return cap !== undefined && cap.windowMs <= policy.windowMs && cap.count > policy.count
}
