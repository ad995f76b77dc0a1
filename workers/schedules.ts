import { ScheduleAlreadyRunning, type Client, type ScheduleOptions } from '@temporalio/client'
import { SYSTEM_TASK_QUEUE } from './protocol.ts'

/** Every schedule that {@link ensureSchedules} makes: what the doctor looks for. */
export const SCHEDULE_IDS: readonly string[] = ['segue-reconcile', 'segue-consent-audit']

/**
 * Segue's scheduled work as Temporal Schedules, so that it survives every process and an operator sees each run.
 * Creating a schedule that exists changes nothing.
 */
export async function ensureSchedules(client: Client, options: { readonly reconcileEveryMs: number }): Promise<void> {
  await ensure(client, {
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
  await ensure(client, {
    scheduleId: 'segue-consent-audit',
    // The week ends on Sunday at midnight UTC; by six the last receipts are in.
    spec: { calendars: [{ dayOfWeek: 'MONDAY', hour: 6 }] },
    action: {
      type: 'startWorkflow',
      workflowType: 'consentAudit',
      workflowId: 'segue-consent-audit',
      taskQueue: SYSTEM_TASK_QUEUE,
      staticSummary: 'Match the messages of the week with the consents that allowed them',
    },
    // Each run makes up for every week that was missed, so one after an outage is enough, however late it is.
    policies: { overlap: 'SKIP', catchupWindow: '7d' },
  })
}

async function ensure(client: Client, schedule: ScheduleOptions): Promise<void> {
  try {
    await client.schedule.create(schedule)
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
  }
}
