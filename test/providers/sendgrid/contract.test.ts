import { createSendgrid } from '../../../src/providers/sendgrid/sendgrid.ts'
import { messageProviderContract } from '../../contract/message-provider.ts'
import { API_KEY } from '../sandbox-server.ts'

let count = 0

messageProviderContract({
  name: 'sendgrid',
  create: (apiBaseUrl) => createSendgrid({ apiKey: API_KEY, webhookPublicKeys: [], apiBaseUrl }),
  message: (to) => ({
    channel: 'email',
    to: to ?? 'ada@example.com',
    from: { email: 'shop@example.com', name: 'The Shop' },
    replyTo: 'help@example.com',
    subject: `You left something behind, part ${(count += 1)}`,
    html: '<p>Your basket is saved.</p>',
    text: 'Your basket is saved.',
    headers: { 'List-Unsubscribe': '<https://segue.example.com/u/token>' },
  }),
  invalidAddress: 'not-an-address',
})
