import type { DeliverInput, DeliverResult } from '../src/core/delivery.ts'
import type { Activities } from './protocol.ts'

export interface ActivityDependencies {
  deliver(input: DeliverInput): Promise<DeliverResult>
}

/** Activities are thin: what they do is delivery's, what they throw is infrastructure and is retried. */
export function createActivities({ deliver }: ActivityDependencies): Activities {
  return { deliver }
}
