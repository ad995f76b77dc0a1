import { createPublicKey } from 'node:crypto'

/**
 * Everything that a process reads from its environment, as one table. Secrets come from here and from nowhere else, have no
 * defaults, and are never logged. docker-compose.yml is compared with this table by a test.
 */
export interface Variable {
  readonly name: string
  readonly describes: string
  readonly required: boolean
  readonly secret: boolean
}

const required = (name: string, describes: string, secret = false): Variable => ({
  name,
  describes,
  required: true,
  secret,
})
const optional = (name: string, describes: string, secret = false): Variable => ({
  name,
  describes,
  required: false,
  secret,
})

export const VARIABLES: readonly Variable[] = [
  optional('SEGUE_ENVIRONMENT', 'name of the environment, shown on every run; production by default'),
  required('SEGUE_DATABASE_URL', 'postgres:// URL of the store', true),
  required(
    'SEGUE_PUBLIC_URL',
    'https:// URL under which people and carriers reach the API: links, unsubscribe, webhooks',
  ),
  optional('SEGUE_HOST', 'address that the API listens on; 127.0.0.1 by default'),
  optional('SEGUE_PORT', 'port that the API listens on; 4400 by default'),
  optional(
    'SEGUE_TRUST_PROXY',
    'true behind a proxy that sets X-Forwarded-For: the addresses that rate limits count by',
  ),
  required('SEGUE_WRITE_KEYS', 'comma-separated Segment write keys; public by nature, they may only send events', true),
  required('SEGUE_SERVER_KEYS', 'comma-separated server keys; they may record consent and suppressions', true),
  required(
    'SEGUE_ADDRESS_KEYS',
    'comma-separated version:secret pairs that hash addresses; the highest version is current',
    true,
  ),
  required(
    'SEGUE_LINK_SECRETS',
    'comma-separated secrets of unsubscribe links, current one first; the first signs, all of them verify',
    true,
  ),
  optional(
    'SEGUE_WEBHOOK_SECRET',
    'comma-separated whsec_ secrets that sign webhooks out (Standard Webhooks), current one first; without one none are sent',
    true,
  ),
  required('TWILIO_ACCOUNT_SID', 'Twilio account'),
  required(
    'TWILIO_AUTH_TOKENS',
    'comma-separated Twilio auth tokens, current one first; all of them verify webhooks',
    true,
  ),
  optional('TWILIO_API_URL', "another host than Twilio's, such as the sandbox"),
  required('SENDGRID_API_KEY', 'SendGrid API key', true),
  required('SENDGRID_WEBHOOK_PUBLIC_KEYS', 'comma-separated public keys of the SendGrid event webhook (base64 DER)'),
  optional('SENDGRID_API_URL', "another host than SendGrid's, such as the sandbox"),
  optional('TEMPORAL_ADDRESS', 'host:port of the Temporal server; 127.0.0.1:7233 by default'),
  optional('TEMPORAL_NAMESPACE', 'Temporal namespace; default by default'),
  optional('TEMPORAL_API_KEY', 'API key of Temporal Cloud', true),
  optional('SEGUE_COMMIT', 'commit that `segue deploy` records; what git says by default'),
  optional('SEGUE_AUTHOR', 'author that `segue deploy` records; what git says by default'),
  optional('SEGUE_LOG_LEVEL', 'trace, debug, info, warn, error or silent; info by default'),
]

export interface Settings {
  readonly environment: string
  readonly databaseUrl: string
  readonly publicUrl: string
  readonly host: string
  readonly port: number
  /** A proxy in front says who called. Only rate limits and evidence read it; signatures use the public URL. */
  readonly trustProxy: boolean
  readonly writeKeys: readonly string[]
  readonly serverKeys: readonly string[]
  readonly addressKeys: { readonly current: number; readonly keys: Readonly<Record<number, string>> }
  /** The first signs, all verify. */
  readonly linkSecrets: readonly [string, ...string[]]
  /** `whsec_…`: sign webhooks out, the current one first. Absent: none are sent. */
  readonly webhookSecrets?: readonly string[]
  readonly twilio: { readonly accountSid: string; readonly authTokens: readonly string[]; readonly apiBaseUrl?: string }
  readonly sendgrid: {
    readonly apiKey: string
    readonly webhookPublicKeys: readonly string[]
    readonly apiBaseUrl?: string
  }
  /** What a deploy records where there is no git to ask. */
  readonly commit?: string
  readonly author?: string
  readonly logLevel: string
}

/** The settings, or one sentence for each thing that is missing or wrong. Sentences never quote a secret. */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
):
  | { readonly kind: 'ok'; readonly settings: Settings }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] } {
  const problems: string[] = []
  const read = (name: string): string => readOne(environment, name)
  const list = (name: string): string[] => readList(environment, name)

  for (const { name, describes } of VARIABLES.filter((variable) => variable.required && read(variable.name) === '')) {
    problems.push(`${name} is not set: ${describes}`)
  }
  const publicUrl = read('SEGUE_PUBLIC_URL').replace(/\/+$/, '')
  if (publicUrl !== '' && !URL.canParse(publicUrl))
    problems.push('SEGUE_PUBLIC_URL is not a URL, such as https://go.example.com')
  const port = Number(read('SEGUE_PORT') || '4400')
  if (!['', 'true', 'false'].includes(read('SEGUE_TRUST_PROXY'))) problems.push('SEGUE_TRUST_PROXY is true or false')
  if (!Number.isInteger(port) || port < 0 || port > 65_535) problems.push('SEGUE_PORT is not a port, such as 4400')
  const addressKeys = readAddressKeys(list('SEGUE_ADDRESS_KEYS'))
  if (addressKeys === undefined) {
    problems.push(
      'SEGUE_ADDRESS_KEYS is not a list of version:secret pairs with secrets of 16 characters or more, such as 1:…',
    )
  }
  const [linkSecret, ...olderLinkSecrets] = list('SEGUE_LINK_SECRETS')
  if (linkSecret === undefined && read('SEGUE_LINK_SECRETS') !== '') {
    problems.push('SEGUE_LINK_SECRETS holds no secret, only commas')
  }
  const webhookPublicKeys = list('SENDGRID_WEBHOOK_PUBLIC_KEYS')
  if (!webhookPublicKeys.every(isPublicKey)) {
    problems.push(
      'SENDGRID_WEBHOOK_PUBLIC_KEYS is not a list of verification keys as SendGrid shows them, such as MFkwEwYH…',
    )
  }
  const webhookSecrets = list('SEGUE_WEBHOOK_SECRET')
  if (!webhookSecrets.every(isWebhookSecret)) {
    problems.push(
      'SEGUE_WEBHOOK_SECRET is not a list of whsec_ secrets of 24 to 64 bytes in base64, such as whsec_MfKQ…',
    )
  }
  if (problems.length > 0 || addressKeys === undefined || linkSecret === undefined) return { kind: 'invalid', problems }

  const commit = read('SEGUE_COMMIT')
  const author = read('SEGUE_AUTHOR')
  return {
    kind: 'ok',
    settings: {
      environment: read('SEGUE_ENVIRONMENT') || 'production',
      databaseUrl: read('SEGUE_DATABASE_URL'),
      publicUrl,
      host: read('SEGUE_HOST') || '127.0.0.1',
      port,
      trustProxy: read('SEGUE_TRUST_PROXY') === 'true',
      writeKeys: list('SEGUE_WRITE_KEYS'),
      serverKeys: list('SEGUE_SERVER_KEYS'),
      addressKeys,
      linkSecrets: [linkSecret, ...olderLinkSecrets],
      ...(webhookSecrets.length === 0 ? {} : { webhookSecrets }),
      twilio: readTwilio(environment),
      sendgrid: readSendgrid(environment),
      ...(commit === '' ? {} : { commit }),
      ...(author === '' ? {} : { author }),
      logLevel: read('SEGUE_LOG_LEVEL') || 'info',
    },
  }
}

/** What a test send of the preview works with: no part of it has to be there. */
export interface PartialSettings {
  readonly publicUrl?: string
  readonly twilio?: Settings['twilio']
  readonly sendgrid?: Settings['sendgrid']
  readonly store?: Pick<Settings, 'databaseUrl' | 'addressKeys'>
}

/**
 * The parts of the settings that are complete. Half a store is a problem, not an absence: whoever names a store wants its suppressions
 * honoured.
 */
export function readPartialSettings(
  environment: Environment,
):
  | { readonly kind: 'ok'; readonly settings: PartialSettings }
  | { readonly kind: 'invalid'; readonly problems: readonly string[] } {
  const publicUrl = readOne(environment, 'SEGUE_PUBLIC_URL').replace(/\/+$/, '')
  if (publicUrl !== '' && !URL.canParse(publicUrl))
    return { kind: 'invalid', problems: ['SEGUE_PUBLIC_URL is not a URL, such as https://go.example.com'] }
  const twilio = readTwilio(environment)
  const sendgrid = readSendgrid(environment)
  const databaseUrl = readOne(environment, 'SEGUE_DATABASE_URL')
  const addressKeys = readAddressKeys(readList(environment, 'SEGUE_ADDRESS_KEYS'))
  if (databaseUrl !== '' && addressKeys === undefined) {
    return {
      kind: 'invalid',
      problems: ['SEGUE_DATABASE_URL names a store, and SEGUE_ADDRESS_KEYS has not the keys to its suppressions'],
    }
  }
  return {
    kind: 'ok',
    settings: {
      ...(publicUrl === '' ? {} : { publicUrl }),
      ...(twilio.accountSid === '' || twilio.authTokens.length === 0 ? {} : { twilio }),
      ...(sendgrid.apiKey === '' ? {} : { sendgrid }),
      ...(databaseUrl === '' || addressKeys === undefined ? {} : { store: { databaseUrl, addressKeys } }),
    },
  }
}

type Environment = Readonly<Record<string, string | undefined>>

function readOne(environment: Environment, name: string): string {
  return environment[name]?.trim() ?? ''
}

function readList(environment: Environment, name: string): string[] {
  return readOne(environment, name)
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function readTwilio(environment: Environment): Settings['twilio'] {
  const url = readOne(environment, 'TWILIO_API_URL')
  return {
    accountSid: readOne(environment, 'TWILIO_ACCOUNT_SID'),
    authTokens: readList(environment, 'TWILIO_AUTH_TOKENS'),
    ...(url === '' ? {} : { apiBaseUrl: url }),
  }
}

function readSendgrid(environment: Environment): Settings['sendgrid'] {
  const url = readOne(environment, 'SENDGRID_API_URL')
  return {
    apiKey: readOne(environment, 'SENDGRID_API_KEY'),
    webhookPublicKeys: readList(environment, 'SENDGRID_WEBHOOK_PUBLIC_KEYS'),
    ...(url === '' ? {} : { apiBaseUrl: url }),
  }
}

/** 24 to 64 bytes, as the specification of Standard Webhooks asks. */
function isWebhookSecret(text: string): boolean {
  const encoded = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1]
  const bytes = encoded === undefined ? 0 : Buffer.from(encoded, 'base64').length
  return bytes >= 24 && bytes <= 64
}

/** Base64 DER (spki), as the event webhook's settings page shows it. */
function isPublicKey(text: string): boolean {
  try {
    createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' })
    return true
  } catch {
    return false
  }
}

function readAddressKeys(pairs: readonly string[]): Settings['addressKeys'] | undefined {
  const keys: Record<number, string> = {}
  for (const pair of pairs) {
    const match = /^(\d{1,4}):(.{16,})$/.exec(pair)
    if (match?.[1] === undefined || match[2] === undefined) return undefined
    keys[Number(match[1])] = match[2]
  }
  const versions = Object.keys(keys).map(Number)
  return versions.length === 0 ? undefined : { current: Math.max(...versions), keys }
}
