import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { readWorkspaceFiles } from '../../src/compiler/workspace-files.ts'
import { roleOf } from '../../src/compiler/bind/workspace-layout.ts'
import { readSchema } from '../../src/compiler/shape/schemas.ts'
import { compileWith } from '../compiler/workspace-fixture.ts'
import { repositorySettings, ROOT, startEditor, type Editor } from './language-server.ts'

const HEAD = 'segue: 1\njourney: trial\npurpose: newsletter\nenter: { event: cart.abandoned }\n'
const MODELINE = /^# yaml-language-server: \$schema=.*\n/
const shipped = [...(await readWorkspaceFiles(`${ROOT}journeys`))].filter(([path]) => roleOf(path).kind === 'yaml')

let editor: Editor

beforeAll(async () => {
  editor = await startEditor(await repositorySettings())
})

afterAll(async () => {
  await editor.close()
})

describe('an editor with the settings of the repository, as cloned', () => {
  it.each(shipped)(
    'finds nothing wrong in journeys/%s, and an unknown key in it, without a modeline',
    async (path, text) => {
      const bare = text.replace(MODELINE, '')
      expect(await editor.open(`journeys/${path}`, bare)).toEqual([])
      const broken = await editor.open(`journeys/${path}`, `${bare}no_such_key: 1\n`)
      const line = bare.split('\n').length - 1
      expect(broken).toMatchObject([
        {
          message: 'Property no_such_key is not allowed.',
          severity: 1,
          range: { start: { line, character: 0 }, end: { line, character: 11 } },
        },
      ])
    },
  )

  it('underlines a misspelt key at its place, and nothing else', async () => {
    const text = `${HEAD}steps:\n  a:\n    at: 1h\n    email: { template: a, tempalte: b }\n`
    expect(await editor.open('journeys/trial.yaml', text)).toMatchObject([
      {
        message: 'Property tempalte is not allowed.',
        range: { start: { line: 7, character: 26 }, end: { line: 7, character: 34 } },
      },
    ])
  })

  it('says in words what a value must look like', async () => {
    const text = `${HEAD}steps:\n  a:\n    at: 1 hour\n    email: { template: a }\n`
    expect(await editor.open('journeys/trial.yaml', text)).toMatchObject([
      {
        message: 'a duration such as 45m, 1h30m or 7d (units s, m, h, d, w)',
        range: { start: { line: 6, character: 8 }, end: { line: 6, character: 14 } },
      },
    ])
  })

  it('shows the text of the schema when the mouse rests on a key', async () => {
    await editor.open(
      'journeys/trial.yaml',
      `${HEAD}steps:\n  a:\n    at: 1h\n    unless: converted\n    sms: { template: a }\n`,
    )
    expect(await editor.hover('journeys/trial.yaml', 'purpose')).toContain('What the contact must have consented to')
    expect(await editor.hover('journeys/trial.yaml', 'at:')).toContain('When the message is due, counted from entry')
    expect(await editor.hover('journeys/trial.yaml', 'unless')).toContain('Not sent if this holds at that moment.')
    expect(await editor.hover('journeys/trial.yaml', 'template')).toContain('`<name>.sms.txt`')
  })

  it('offers in a step exactly the keys that are still allowed', async () => {
    const definitions = readSchema('journey')['definitions']
    const step: unknown = Object.entries(definitions ?? {}).find(([name]) => name === 'step')?.[1]
    const all = keysOf(step)
    expect(all.length).toBeGreaterThan(8)
    const items = await editor.complete(
      'journeys/trial.yaml',
      `${HEAD}steps:\n  a:\n    at: 1h\n    unless: converted\n    |\n`,
    )
    expect(items.map(({ label }) => label).toSorted()).toEqual(
      all.filter((key) => key !== 'at' && key !== 'unless').toSorted(),
    )
    for (const { documentation } of items) expect(JSON.stringify(documentation)).toMatch(/[.)]"/)
  })

  it('offers the words of a closed list, each with what it means', async () => {
    const items = await editor.complete('journeys/policies/trial.yaml', 'segue: 1\nstop_scope: |\n')
    expect(items.map(({ label }) => label)).toEqual(['purpose', 'marketing', 'everything'])
    expect(items.map(({ documentation }) => JSON.stringify(documentation))).toEqual([
      expect.stringContaining('the purpose of the last text'),
      expect.stringContaining('all marketing'),
      expect.stringContaining('every message'),
    ])
  })

  it.each([
    ['journeys/trial.yaml', '|', 'journey'],
    ['journeys/trial.yaml', `${HEAD}steps:\n  |\n`, 'email step'],
    ['journeys/trial.yaml', `${HEAD}steps:\n  |\n`, 'text step with fallback'],
    ['journeys/trial.yaml', `${HEAD}steps:\n  |\n`, 'text unless clicked'],
    ['journeys/trial.yaml', `${HEAD}offers:\n  |\n`, 'offer'],
    [
      'journeys/trial.yaml',
      `${HEAD}steps:\n  a:\n    at: 1h\n    email:\n      template: a\n      subject: |\n`,
      'experiment',
    ],
    ['journeys/policies/trial.yaml', '|', 'policy'],
    ['journeys/events/trial.yaml', '|', 'event'],
  ])('in %s offers a snippet that the schema accepts: %#', async (path, text, label) => {
    const items = await editor.complete(path, text)
    const snippet = items.find(
      (item) => item.label === label && item.documentation !== undefined && isSnippet(item.insertText),
    )
    expect(items.map((item) => item.label)).toContain(label)
    const column = text.slice(text.lastIndexOf('\n', text.indexOf('|')) + 1, text.indexOf('|')).replace(/\S.*$/, '')
    const filled = filledIn(snippet?.insertText ?? '').replaceAll('\n', `\n${column}`)
    const whole = text === '|' ? filled : text.replace('|', filled)
    const found = await editor.open(path, whole)
    expect(found.filter(({ message }) => !message.startsWith('Missing property'))).toEqual([])
    expect(Object.keys(parse(whole))).toContain('segue')
  })

  it('offers a journey whose skeleton compiles', async () => {
    const items = await editor.complete('journeys/trial.yaml', '|')
    const text = filledIn(
      items.find((item) => item.label === 'journey' && isSnippet(item.insertText))?.insertText ?? '',
    )
    const { diagnostics } = await compileWith('my-journey.yaml', text.replace('newsletter', 'cart-reminders'))
    expect(diagnostics.map(({ code, message }) => `${code} ${message}`)).toEqual([])
  })
})

describe('an editor without our settings', () => {
  it('finds the schema by the modeline of each shipped file', async () => {
    const plain = await startEditor({ schemaStore: { enable: false } })
    try {
      for (const [path, text] of shipped) {
        expect(text).toMatch(MODELINE)
        expect(await plain.open(`journeys/${path}`, `${text}no_such_key: 1\n`), path).toMatchObject([
          { message: 'Property no_such_key is not allowed.' },
        ])
      }
    } finally {
      await plain.close()
    }
  })
})

describe('the settings', () => {
  it('name a schema for every kind of file, and each has a title', async () => {
    const { schemas } = await repositorySettings()
    const files = Object.keys(schemas ?? {})
    expect(files).toEqual(
      ['journey', 'segue', 'policy', 'event', 'codes', 'audience', 'test', 'fixture'].map(
        (name) => `./schemas/${name}.schema.json`,
      ),
    )
  })

  it('recommend the extension that they are for', async () => {
    expect(JSON.parse(await readFile(`${ROOT}.vscode/extensions.json`, 'utf8'))).toEqual({
      recommendations: ['redhat.vscode-yaml'],
    })
  })
})

/** What is inserted when every placeholder is left as it is. */
function filledIn(snippet: string): string {
  return snippet.replaceAll(/\$\{\d+:([^}]*)\}/g, '$1').replaceAll(/\$\{?\d+\}?/g, '')
}

function isSnippet(text: string | undefined): boolean {
  return text !== undefined && text.includes('\n') && text.includes('${')
}

function keysOf(schema: unknown): readonly string[] {
  const properties =
    typeof schema === 'object' && schema !== null && 'properties' in schema ? schema.properties : undefined
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
}
