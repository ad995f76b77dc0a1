import type { Activities, DeliverInput, DeliverResult } from './protocol.ts'

export interface ActivityDependencies {
  deliver(input: DeliverInput): Promise<DeliverResult>
}

/** Activities are thin: what they do is delivery's, what they throw is infrastructure and is retried. */
export function createActivities({ deliver }: ActivityDependencies): Activities {
  return { deliver }
}
