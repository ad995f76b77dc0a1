import type { HandOff, MessageProvider, OutboundMessage } from '../../src/delivery/message-provider.ts'

/** A provider that answers as told and remembers what it was handed. */
export interface ScriptedProvider extends MessageProvider {
  readonly handedOver: { readonly message: OutboundMessage; readonly sendKey: string }[]
}

export function scripted(
  name: 'twilio' | 'sendgrid',
  answer: (sendKey: string) => HandOff | Promise<HandOff> = () => ({ kind: 'accepted', providerId: 'id-1' }),
): ScriptedProvider {
  const handedOver: { message: OutboundMessage; sendKey: string }[] = []
  return {
    name,
    channel: name === 'twilio' ? 'sms' : 'email',
    erases: name === 'twilio' ? 'messages' : 'recipients',
    handedOver,
    send: async (message, sendKey) => {
      handedOver.push({ message, sendKey })
      return answer(sendKey)
    },
    verifyWebhook: () => true,
    parseFeedback: () => [],
    parseInbound: () => [],
    reconcile: async () => ({ kind: 'absent' }),
    redact: async () => ({ kind: 'done' }),
  }
}
