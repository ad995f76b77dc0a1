import { report } from '../../diagnostics/report.ts'
import type { JourneyRule } from './rule.ts'
import { unknownName } from './unknown-name.ts'

/** Every journey runs under a policy: its own, or the workspace's default. */
export const policyKnown: JourneyRule = ({ source, journey, names, policy, policyName }) => {
  if (policy !== undefined || !names.policies.complete || names.segue === undefined) return []
  if (journey.policy !== undefined) {
    const known = names.policies.entries.keys()
    return [unknownName(source, journey.policy, { code: 'SEG302', noun: 'policy', known, declaredIn: 'policies/' })]
  }
  // A default that names nothing is a finding in segue.yaml.
  if (policyName !== undefined) return []
  return [
    report(source, 'SEG202', {
      message: 'the journey names no policy, and the workspace has no default',
      at: { ...journey.id.node, path: '' },
      help: 'write policy: here, or default_policy: in segue.yaml',
    }),
  ]
}
