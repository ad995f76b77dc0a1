import { randomBytes } from 'node:crypto'
import { sendKeyOf } from './hand-off.ts'
import type { Fate, HandOff } from './hand-off.ts'
import { listOf, numberOf, objectOf, textOf } from './json-fields.ts'
import type { JsonObject } from './json-fields.ts'

/** An X-Message-Id: 22 characters of base64url, as SendGrid's. */
const newMessageId = (): string => randomBytes(16).toString('base64url')

/** The sg_message_id of events, msg_id of the activity API: the X-Message-Id with a suffix of SendGrid's own. */
export const sgMessageId = (handOff: HandOff): string => {
  const messageId = handOff.email?.messageId ?? handOff.id
  return `${messageId}.filterdrecv-sandbox-${handOff.id.slice(messageId.length + 1) || '1'}.0`
}

const strings = (value: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(objectOf(value)).map(([name, entry]) => [name, String(entry)]))

const contentOf = (mail: JsonObject, type: string): string | null =>
  listOf(mail['content'])
    .map(objectOf)
    .flatMap((block) => (block['type'] === type ? [textOf(block['value'])] : []))[0] ?? null

const categoriesOf = (mail: JsonObject): readonly string[] => listOf(mail['categories']).map(String)

/** The addresses a request goes to, in order: one hand-off each. The first decides which fault rules apply. */
export const recipientsOf = (mail: JsonObject): readonly string[] =>
  listOf(mail['personalizations'])
    .map(objectOf)
    .flatMap(({ to, cc, bcc }) => [...listOf(to), ...listOf(cc), ...listOf(bcc)])
    .flatMap((entry) => textOf(objectOf(entry)['email']) ?? [])

/** One hand-off per recipient of a valid request. A personalization's values win over the message's. */
export const newMail = (mail: JsonObject, now: number, fateOf: (email: string) => Fate): readonly HandOff[] => {
  const messageId = newMessageId()
  const from = objectOf(mail['from'])
  let count = 0
  return listOf(mail['personalizations'])
    .map(objectOf)
    .flatMap((personalization) => {
      const customArgs = { ...strings(mail['custom_args']), ...strings(personalization['custom_args']) }
      const sendAt = numberOf(personalization['send_at'] ?? mail['send_at'])
      return recipientsOf({ personalizations: [personalization] }).map((to): HandOff => {
        count += 1
        return {
          id: count === 1 ? messageId : `${messageId}-${count}`,
          channel: 'email',
          to,
          from: textOf(from['email']) ?? '',
          at: now,
          sendKey: sendKeyOf(customArgs, null),
          subject: textOf(personalization['subject']) ?? textOf(mail['subject']),
          body: contentOf(mail, 'text/plain') ?? '',
          html: contentOf(mail, 'text/html'),
          fate: fateOf(to),
          statuses: [{ status: 'accepted', at: now }],
          sms: null,
          email: {
            messageId,
            fromName: textOf(from['name']),
            headers: { ...strings(mail['headers']), ...strings(personalization['headers']) },
            customArgs,
            categories: categoriesOf(mail),
            templateId: textOf(mail['template_id']),
            sendAt: sendAt === null ? null : sendAt * 1_000,
          },
        }
      })
    })
}
