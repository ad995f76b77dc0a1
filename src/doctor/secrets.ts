import { createPublicKey } from 'node:crypto'
import { fail, type Line, ok, warn } from './line.ts'

/** What the environment holds. Lines name variables and lengths, never a value. */
export interface SecretFacts {
  readonly environment: string
  readonly linkSecrets: readonly string[]
  readonly addressKeys: readonly string[]
  readonly serverKeys: readonly string[]
  readonly twilio: { readonly accountSid: string; readonly authTokens: readonly string[]; readonly apiBaseUrl?: string }
  readonly sendgrid: { readonly webhookPublicKeys: readonly string[]; readonly apiBaseUrl?: string }
}

const WEAK = 16
/** 128 bits as hex, and more than that in any other writing. */
const GOOD = 32
const MAKE = 'openssl rand -hex 32'
const CARRIERS = ['twilio.com', 'sendgrid.com']

export function checkSecrets(facts: SecretFacts): readonly Line[] {
  return [
    strength('SEGUE_LINK_SECRETS', facts.linkSecrets, 'put a new one first and keep the old ones'),
    strength('SEGUE_ADDRESS_KEYS', facts.addressKeys, 'add one with the next version and keep the old ones'),
    strength('SEGUE_SERVER_KEYS', facts.serverKeys, 'add a new one, move clients, remove the old one'),
    ...twilio(facts),
    sendgrid(facts),
    ...carriers(facts),
  ]
}

function strength(variable: string, secrets: readonly string[], how: string): Line {
  const check = 'secrets.strength'
  // A word repeated to length is no secret: what counts is how many different characters there are, too.
  const measure = secrets.map((secret) => (new Set(secret).size < 8 ? 0 : secret.length))
  const least = Math.min(...measure)
  const mend = `${how}: ${MAKE}`
  if (least < WEAK) return fail(check, variable, 'a secret is so short or so even that it can be guessed', mend)
  if (least < GOOD) return warn(check, variable, `a secret has ${least} characters; 32 or more are good`, mend)
  return ok(check, variable, secrets.length === 1 ? 'the secret is long enough' : 'the secrets are long enough')
}

/** Twilio signs with the account's auth token, never with an API key's secret. */
function twilio({ twilio: { accountSid, authTokens } }: SecretFacts): readonly Line[] {
  const check = 'webhooks.twilio'
  const mend = 'copy the account SID and the auth token (32 hexadecimal digits) from the Twilio console, not an API key'
  if (!/^AC[0-9a-f]{32}$/.test(accountSid)) {
    return [fail(check, 'TWILIO_ACCOUNT_SID', 'it has not the form of an account SID (AC and 32 digits)', mend)]
  }
  if (!authTokens.every((token) => /^[0-9a-f]{32}$/.test(token))) {
    const says = 'a token has not the form of an auth token, so no status and no STOP of Twilio will verify'
    return [fail(check, 'TWILIO_AUTH_TOKENS', says, mend)]
  }
  return [ok(check, 'TWILIO_AUTH_TOKENS', 'the tokens have the form of auth tokens')]
}

function sendgrid({ sendgrid: { webhookPublicKeys } }: SecretFacts): Line {
  const check = 'webhooks.sendgrid'
  const variable = 'SENDGRID_WEBHOOK_PUBLIC_KEYS'
  const mend = 'turn on Signed Event Webhook at SendGrid (Settings, Mail Settings) and copy its verification key'
  if (webhookPublicKeys.length === 0)
    return fail(check, variable, 'there is no key: no bounce and no complaint verifies', mend)
  const curves = webhookPublicKeys.map((key) => {
    try {
      return createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' }).asymmetricKeyType
    } catch {
      return undefined
    }
  })
  if (!curves.every((curve) => curve === 'ec')) {
    return fail(check, variable, 'a key is not an elliptic-curve key, as those of SendGrid are', mend)
  }
  return ok(check, variable, 'the keys can verify events')
}

/** In production nothing may hand messages to an emulator, which takes them all and sends none. */
function carriers({ environment, twilio: t, sendgrid: s }: SecretFacts): readonly Line[] {
  const check = 'environment.carriers'
  const hosts = [
    ['TWILIO_API_URL', t.apiBaseUrl],
    ['SENDGRID_API_URL', s.apiBaseUrl],
  ] as const
  const elsewhere = hosts.filter(([, url]) => {
    if (url === undefined) return false
    const host = URL.canParse(url) ? new URL(url).hostname : ''
    return !CARRIERS.some((carrier) => host === carrier || host.endsWith(`.${carrier}`))
  })
  if (elsewhere.length === 0) return [ok(check, environment, 'messages go to the carriers')]
  const complain = environment === 'production' ? fail : warn
  return elsewhere.map(([variable]) =>
    complain(
      check,
      variable,
      `messages of the environment ${environment} go to another host than the carrier's`,
      `unset ${variable}`,
    ),
  )
}
