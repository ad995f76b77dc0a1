import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureSchedules } from '../../workers/schedules.ts'
import { type RunHarness, startRunHarness } from './run-harness.ts'

let harness: RunHarness
beforeAll(async () => {
  harness = await startRunHarness(1)
}, 120_000)
afterAll(() => harness.stop())

test('the consent audit is a schedule of its own, on Mondays after the week is over, and creating it again changes nothing', async () => {
  await ensureSchedules(harness.client, { reconcileEveryMs: 3_600_000 })
  await ensureSchedules(harness.client, { reconcileEveryMs: 60_000 })
  const { spec, policies } = await harness.client.schedule.getHandle('segue-consent-audit').describe()
  expect(spec.calendars).toMatchObject([{ dayOfWeek: [{ start: 'MONDAY' }], hour: [{ start: 6 }] }])
  expect(policies.overlap).toBe('SKIP')
  const reconcile = await harness.client.schedule.getHandle('segue-reconcile').describe()
  expect(reconcile.spec.intervals).toMatchObject([{ every: 3_600_000 }])
})

test('what the schedule starts runs the audit on the workers, and an operator sees the result', async () => {
  const audit = harness.client.schedule.getHandle('segue-consent-audit')
  await audit.trigger()
  await expect
    .poll(async () => (await audit.describe()).info.recentActions.length, { timeout: 20_000, interval: 100 })
    .toBe(1)
  const [action] = (await audit.describe()).info.recentActions
  const workflow = harness.client.workflow.getHandle(action?.action.workflow.workflowId ?? '')
  expect(await workflow.result()).toEqual({ weeks: 0, alarms: 0, expired: 0 })
})
