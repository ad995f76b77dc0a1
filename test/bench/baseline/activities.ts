import type { BareActivities } from './protocol.ts'

/** They do nothing at all: no store, no consent, no template, no carrier. */
export const bareActivities: BareActivities = {
  async sendEmail() {},
  async sendSms() {},
}
