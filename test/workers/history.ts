import type { Client } from '@temporalio/client'

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>

export function eventCount(history: History): number {
  return history.events?.length ?? 0
}

/**
 * Billable actions of a history: the start, every timer, every scheduled activity, every signal.
 * Source: docs.temporal.io/evaluate/cloud/actions. Search attributes, summaries and details set at start are free.
 */
export function actionCount(history: History): number {
  const billable = (history.events ?? []).filter(
    (event) =>
      event.workflowExecutionStartedEventAttributes != null ||
      event.timerStartedEventAttributes != null ||
      event.activityTaskScheduledEventAttributes != null ||
      event.workflowExecutionSignaledEventAttributes != null ||
      event.upsertWorkflowSearchAttributesEventAttributes != null ||
      event.markerRecordedEventAttributes != null,
  )
  return billable.length
}
