import { proxyActivities, sleep } from '@temporalio/workflow'
import { realDuration } from '../../src/core/clock.ts'
import type { ServiceResult } from '../../src/core/delivery.ts'
import { channelTaskQueue, type ServiceActivities, type ServiceInput, type SystemActivities } from '../protocol.ts'

/** Scheduled work of Segue itself, started by Temporal Schedules. One exported function per schedule. */
const { reconcileSends } = proxyActivities<SystemActivities>({
  startToCloseTimeout: '5m',
  retry: { maximumInterval: '1m' },
})

/** Finds out what became of sends whose outcome is unknown. It never sends. */
export async function reconcile(): Promise<unknown> {
  return await reconcileSends()
}

/** Reads the whole ledger and a week of sends: minutes for millions. It goes on where an attempt before it stopped. */
const { auditConsents } = proxyActivities<SystemActivities>({
  startToCloseTimeout: '2h',
  retry: { maximumInterval: '10m' },
})

/** Matches a week's messages with the consents that allowed them, and looks whether the ledger is whole. It never sends to contacts. */
export async function consentAudit(): Promise<unknown> {
  return await auditConsents()
}

/** Hands one service message over: a confirmation, a HELP answer, mail to operators. Held, it asks again until it is done. */
export async function serviceMessage(input: ServiceInput): Promise<ServiceResult> {
  const { deliverServiceMessage } = proxyActivities<ServiceActivities>({
    taskQueue: channelTaskQueue(input.channel),
    // Above the hand-off's own deadline, so that an attempt is over before another one can begin.
    startToCloseTimeout: '30s',
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
  })
  for (;;) {
    const result = await deliverServiceMessage(input.id)
    if (result.kind === 'done') return result
    await sleep(realDuration(result.until - result.at, input.scale), { summary: `held: ${result.reason}` })
  }
}
