import { proxyActivities, sleep } from '@temporalio/workflow'
import { BARE_EMAIL_QUEUE, BARE_SMS_QUEUE, type BareActivities, type BareInput } from './protocol.ts'

const timeouts = { startToCloseTimeout: '30s' } as const
const { sendEmail } = proxyActivities<BareActivities>({ taskQueue: BARE_EMAIL_QUEUE, ...timeouts })
const { sendSms } = proxyActivities<BareActivities>({ taskQueue: BARE_SMS_QUEUE, ...timeouts })

/** The journey as one would write it by hand: nothing but the waits and the three calls. */
export async function bareCartRecovery({ contact, waitMs }: BareInput): Promise<void> {
  await sleep(waitMs)
  await sendEmail({ contact, template: 'cart/reminder' })
  await sleep(waitMs)
  await sendSms({ contact, template: 'cart/code' })
  await sleep(waitMs)
  await sendEmail({ contact, template: 'cart/last-email' })
}
