import { main } from '../../src/cli/segue.ts'

/** What a production process has in its environment, with the store at `databaseUrl`. */
export function productionEnvironment(databaseUrl: string): Record<string, string> {
  return {
    SEGUE_DATABASE_URL: databaseUrl,
    SEGUE_PUBLIC_URL: 'https://go.example.com',
    SEGUE_WRITE_KEYS: 'a-write-key',
    SEGUE_SERVER_KEYS: 'a-server-key',
    SEGUE_ADDRESS_KEYS: '1:an-address-key-for-tests',
    SEGUE_LINK_SECRETS: 'a-link-secret',
    SEGUE_LOG_LEVEL: 'silent',
    TWILIO_ACCOUNT_SID: 'AC00000000000000000000000000000000',
    TWILIO_AUTH_TOKENS: 'a-token',
    SENDGRID_API_KEY: 'SG.a-key',
    SENDGRID_WEBHOOK_PUBLIC_KEYS:
      'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdX0ivnZ7+QisbuIHRDiWv9grtljCaQlz/9XKKRzsps7Im6EMePrghp4S3zfokKbmbMNkhACj5p13d/UHg7QOOQ==',
  }
}

export interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** One call of `segue`, in this process. */
export async function segue(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Ran> {
  const out: string[] = []
  const err: string[] = []
  const code = await main(args, {
    stdout: (text) => out.push(text),
    stderr: (text) => err.push(text),
    cwd: options.cwd ?? '/',
    env: options.env ?? {},
    isTerminal: false,
  })
  return { code, stdout: out.join(''), stderr: err.join('') }
}
