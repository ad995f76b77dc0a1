import { proxyActivities } from '@temporalio/workflow'
import type { SystemActivities } from '../protocol.ts'

/** Scheduled work of Segue itself, started by Temporal Schedules. One exported function per schedule. */
const { reconcileSends } = proxyActivities<SystemActivities>({
  startToCloseTimeout: '5m',
  retry: { maximumInterval: '1m' },
})

/** Finds out what became of sends whose outcome is unknown. It never sends. */
export async function reconcile(): Promise<unknown> {
  return await reconcileSends()
}
