import { isObject, listOf, numberOf, objectOf, textOf } from './json-fields.ts'
import type { JsonObject } from './json-fields.ts'
import { sendgridError } from './sendgrid-error.ts'
import type { SendgridError } from './sendgrid-error.ts'

const address = /^[^\s@<>",;]+@[^\s@<>",;]+\.[^\s@<>",;.]+$/
const hasAddress = (value: unknown): boolean => address.test(textOf(objectOf(value)['email']) ?? '')

const reservedHeaders =
  /^(x-sg-id|x-sg-eid|received|dkim-signature|content-type|content-transfer-encoding|to|from|subject|reply-to|cc|bcc)$/i
const maxCustomArgBytes = 10_000
const furthestSendAt = 72 * 3_600

const customArgProblems = (value: unknown, field: string): readonly SendgridError[] => {
  if (value === undefined) return []
  if (!isObject(value)) return [sendgridError('The custom_args parameter must be an object.', field)]
  const problems: SendgridError[] = []
  for (const [name, arg] of Object.entries(value)) {
    if (typeof arg !== 'string') {
      problems.push(sendgridError('Invalid type. Expected: string, given: ' + typeof arg + '.', `${field}.${name}`))
    }
  }
  if (Buffer.byteLength(JSON.stringify(value)) > maxCustomArgBytes) {
    problems.push(sendgridError('The combined size of custom arguments must be less than 10000 bytes.', field))
  }
  return problems
}

const headerProblems = (value: unknown, field: string): readonly SendgridError[] =>
  Object.keys(objectOf(value))
    .filter((name) => reservedHeaders.test(name))
    .map((name) => sendgridError(`The header ${name} is reserved and cannot be set.`, `${field}.${name}`))

const recipientProblems = (personalization: JsonObject, field: string): readonly SendgridError[] => {
  const to = listOf(personalization['to'])
  if (to.length === 0) {
    return [
      sendgridError(
        'The to array is required for all personalization objects, and must have at least one email object with a valid email address.',
        `${field}.to`,
      ),
    ]
  }
  const problems: SendgridError[] = []
  const seen = new Set<string>()
  for (const kind of ['to', 'cc', 'bcc']) {
    for (const [index, entry] of listOf(personalization[kind]).entries()) {
      if (!hasAddress(entry)) {
        problems.push(sendgridError('Does not contain a valid address.', `${field}.${kind}.${index}.email`))
        continue
      }
      const email = String(objectOf(entry)['email']).toLowerCase()
      if (seen.has(email)) {
        const message = `Each email address in the personalization block should be unique between to, cc, and bcc. We found the first duplicate instance of [${email}] in the ${field}.${kind} field.`
        problems.push(sendgridError(message, field))
      }
      seen.add(email)
    }
  }
  return problems
}

const sendAtProblems = (value: unknown, nowSeconds: number, field: string): readonly SendgridError[] => {
  if (value === undefined) return []
  const sendAt = numberOf(value)
  return sendAt === null || !Number.isInteger(sendAt) || sendAt > nowSeconds + furthestSendAt
    ? [sendgridError('The send_at parameter must be a unix timestamp no more than 72 hours in the future.', field)]
    : []
}

const contentProblems = (mail: JsonObject): readonly SendgridError[] => {
  const content = listOf(mail['content'])
  if (content.length === 0) {
    if (textOf(mail['template_id']) !== null) return []
    const message =
      'Unless a valid template_id is provided, the content parameter is required. There must be at least one defined content block. We typically suggest both text/plain and text/html blocks are included, but only one block is required.'
    return [sendgridError(message, 'content')]
  }
  const types = content.map((block) => textOf(objectOf(block)['type']))
  const problems = content.flatMap((block, index) =>
    textOf(objectOf(block)['value']) === null
      ? [
          sendgridError(
            'The content value must be a string at least one character in length.',
            `content.${index}.value`,
          ),
        ]
      : [],
  )
  if (types.indexOf('text/plain') > 0) {
    problems.push(
      sendgridError(
        'If present, text/plain and text/html may only be provided once, and text/plain must be first.',
        'content',
      ),
    )
  }
  return problems
}

const subjectMissing = (mail: JsonObject, personalizations: readonly JsonObject[]): boolean =>
  textOf(mail['subject']) === null &&
  textOf(mail['template_id']) === null &&
  personalizations.some((personalization) => textOf(personalization['subject']) === null)

/** What SendGrid answers 400 to, in its own words as far as they are known. `now` is virtual epoch milliseconds. */
export const mailProblems = (mail: JsonObject, now: number): readonly SendgridError[] => {
  const seconds = Math.floor(now / 1_000)
  const personalizations = listOf(mail['personalizations']).map(objectOf)
  const problems: SendgridError[] = []
  if (personalizations.length === 0) {
    const message = 'The personalizations field is required and must have at least one personalization.'
    problems.push(sendgridError(message, 'personalizations'))
  }
  for (const [index, personalization] of personalizations.entries()) {
    const field = `personalizations.${index}`
    problems.push(
      ...recipientProblems(personalization, field),
      ...customArgProblems(personalization['custom_args'], `${field}.custom_args`),
      ...headerProblems(personalization['headers'], `${field}.headers`),
      ...sendAtProblems(personalization['send_at'], seconds, `${field}.send_at`),
    )
  }
  if (!hasAddress(mail['from'])) {
    const message =
      'The from object must be provided for every email send. It is an object that requires the email parameter, but may also contain a name parameter.'
    problems.push(sendgridError(message, 'from.email'))
  }
  if (subjectMissing(mail, personalizations)) {
    const message =
      'The subject is required. You can get around this requirement if you use a template with a subject defined or if every personalization has a subject defined.'
    problems.push(sendgridError(message, 'subject'))
  }
  if (listOf(mail['categories']).length > 10) {
    problems.push(sendgridError('There cannot be more than 10 categories.', 'categories'))
  }
  return [
    ...problems,
    ...contentProblems(mail),
    ...customArgProblems(mail['custom_args'], 'custom_args'),
    ...headerProblems(mail['headers'], 'headers'),
    ...sendAtProblems(mail['send_at'], seconds, 'send_at'),
  ]
}
