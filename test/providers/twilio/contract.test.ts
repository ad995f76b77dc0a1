import { createTwilio } from '../../../src/providers/twilio/twilio.ts'
import { messageProviderContract } from '../../contract/message-provider.ts'
import { ACCOUNT_SID, AUTH_TOKEN } from '../sandbox-server.ts'

let count = 0

messageProviderContract({
  name: 'twilio',
  create: (apiBaseUrl) => createTwilio({ accountSid: ACCOUNT_SID, authTokens: [AUTH_TOKEN], apiBaseUrl }),
  message: (to) => ({
    channel: 'sms',
    to: to ?? '+12025550123',
    from: '+12025550100',
    body: `Your code is ${(count += 1)}`,
    statusCallback: 'https://segue.example.com/webhooks/twilio/status/none',
    validitySeconds: 3_600,
  }),
  invalidAddress: '+15005550001',
})
