import { describe, expect, it } from 'vitest'
import { readSettings, VARIABLES } from '../src/settings.ts'

const complete: Record<string, string> = {
  SEGUE_DATABASE_URL: 'postgres://segue:hidden@127.0.0.1/segue',
  SEGUE_PUBLIC_URL: 'https://go.example.com/',
  SEGUE_WRITE_KEYS: 'w1, w2',
  SEGUE_SERVER_KEYS: 's1',
  SEGUE_ADDRESS_KEYS: '1:an-old-secret-of-16,2:a-new-secret-of-16',
  SEGUE_LINK_SECRETS: 'the current one, the one before',
  TWILIO_ACCOUNT_SID: 'AC0',
  TWILIO_AUTH_TOKENS: 'now,before',
  SENDGRID_API_KEY: 'SG.x',
  SENDGRID_WEBHOOK_PUBLIC_KEYS:
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEdX0ivnZ7+QisbuIHRDiWv9grtljCaQlz/9XKKRzsps7Im6EMePrghp4S3zfokKbmbMNkhACj5p13d/UHg7QOOQ==',
}

function problemsOf(environment: Record<string, string>): readonly string[] {
  const read = readSettings(environment)
  return read.kind === 'invalid' ? read.problems : []
}

describe('the settings of a process', () => {
  it('come from the environment, with the newest address key current', () => {
    const read = readSettings(complete)
    expect(read).toMatchObject({
      kind: 'ok',
      settings: {
        environment: 'production',
        publicUrl: 'https://go.example.com',
        port: 4400,
        writeKeys: ['w1', 'w2'],
        addressKeys: { current: 2 },
        linkSecrets: ['the current one', 'the one before'],
        twilio: { authTokens: ['now', 'before'] },
      },
    })
  })

  it.each(VARIABLES.filter(({ required }) => required).map(({ name }) => name))(
    'name %s when it is missing',
    (name) => {
      const { [name]: _missing, ...rest } = complete
      expect(problemsOf(rest).join('\n')).toContain(name)
    },
  )

  it.each([
    ['SEGUE_PUBLIC_URL', 'go.example.com'],
    ['SEGUE_PORT', 'http'],
    ['SEGUE_PORT', '70000'],
    ['SEGUE_ADDRESS_KEYS', 'a secret without a version'],
    ['SEGUE_ADDRESS_KEYS', '1:short'],
    ['SENDGRID_WEBHOOK_PUBLIC_KEYS', 'not-a-key'],
    ['SEGUE_LINK_SECRETS', ' , '],
  ])('refuse %s=%s in a sentence that quotes no secret', (name, value) => {
    const problems = problemsOf({ ...complete, [name]: value })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(name)
    expect(problems.join()).not.toContain('hidden')
  })

  it('name the commit and author of a deploy only where the environment does', () => {
    const named = readSettings({ ...complete, SEGUE_COMMIT: '886feb7', SEGUE_AUTHOR: 'Ada Example' })
    expect(named).toMatchObject({ settings: { commit: '886feb7', author: 'Ada Example' } })
    const silent = readSettings({ ...complete, SEGUE_COMMIT: '', SEGUE_AUTHOR: ' ' })
    expect(silent.kind === 'ok' && Object.keys(silent.settings)).not.toContain('commit')
    expect(silent.kind === 'ok' && Object.keys(silent.settings)).not.toContain('author')
  })

  it('say everything that is missing at once', () => {
    expect(problemsOf({}).length).toBeGreaterThanOrEqual(VARIABLES.filter(({ required }) => required).length)
  })
})
