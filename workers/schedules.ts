import { ScheduleAlreadyRunning, type Client } from '@temporalio/client'
import { SYSTEM_TASK_QUEUE } from './protocol.ts'

/**
 * Segue's scheduled work as Temporal Schedules, so that it survives every process and an operator sees each run.
 * Creating a schedule that exists changes nothing.
 */
export async function ensureSchedules(client: Client, options: { readonly reconcileEveryMs: number }): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: 'segue-reconcile',
      spec: { intervals: [{ every: options.reconcileEveryMs }] },
      action: {
        type: 'startWorkflow',
        workflowType: 'reconcile',
        workflowId: 'segue-reconcile',
        taskQueue: SYSTEM_TASK_QUEUE,
        staticSummary: 'Find out what became of sends whose outcome is unknown',
      },
      // After an outage one look is enough; the missed ones would find the same.
      policies: { overlap: 'SKIP', catchupWindow: '1m' },
    })
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
  }
}
