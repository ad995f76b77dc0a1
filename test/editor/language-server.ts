import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import {
  type CompletionItem,
  type CompletionList,
  createProtocolConnection,
  type Diagnostic,
  type Hover,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node'

/** The real YAML language server, as an editor starts it: over stdio, in this repository, with its settings. */

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SERVER = fileURLToPath(
  new URL('../../node_modules/yaml-language-server/bin/yaml-language-server', import.meta.url),
)

/** What is underlined, and why. */
export interface Underline {
  readonly message: string
  readonly severity: number | undefined
  readonly range: Diagnostic['range']
}

export interface Editor {
  /** Opens a file with a text, which need not be the one on disk, and gives what is underlined in it. */
  readonly open: (path: string, text: string) => Promise<readonly Underline[]>
  /** The hover text at the first place of a word in an opened file. */
  readonly hover: (path: string, word: string) => Promise<string>
  /** What is offered where the text has `|`, which is not part of it. */
  readonly complete: (path: string, textWithCursor: string) => Promise<readonly CompletionItem[]>
  readonly close: () => Promise<void>
}

/** The settings of the repository in the form in which a client answers `workspace/configuration`. */
export async function repositorySettings(): Promise<Readonly<Record<string, unknown>>> {
  const settings: Record<string, unknown> = JSON.parse(await readFile(`${ROOT}.vscode/settings.json`, 'utf8'))
  const entries = Object.entries(settings).filter(([name]) => name.startsWith('yaml.'))
  const nested: Record<string, unknown> = {}
  for (const [name, value] of entries) {
    const [, group = '', member] = name.split('.')
    nested[group] = member === undefined ? value : { [member]: value }
  }
  return nested
}

/** @param yaml the `yaml` section of the settings; without schemas, only modelines lead to them. */
export async function startEditor(yaml: Readonly<Record<string, unknown>>): Promise<Editor> {
  const child = spawn(process.execPath, [SERVER, '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  )
  const waiting = new Map<string, (found: readonly Underline[]) => void>()
  const texts = new Map<string, string>()

  connection.onRequest('workspace/configuration', ({ items }: { items: readonly { section?: string }[] }) =>
    items.map(({ section }) => (section === 'yaml' ? yaml : section === '[yaml]' ? {} : null)),
  )
  connection.onRequest('client/registerCapability', () => null)
  connection.onRequest('client/unregisterCapability', () => null)
  connection.onNotification(
    'textDocument/publishDiagnostics',
    ({ uri, diagnostics }: { uri: string; diagnostics: readonly Diagnostic[] }) => {
      waiting.get(uri)?.(diagnostics.map(underline))
    },
  )
  connection.listen()
  const root = pathToFileURL(ROOT).href
  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: root,
    workspaceFolders: [{ uri: root, name: 'segue' }],
    capabilities: {
      workspace: { configuration: true, workspaceFolders: true },
      textDocument: {
        hover: { contentFormat: ['markdown'] },
        completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown'] } },
      },
    },
  })
  await connection.sendNotification('initialized', {})

  const uriOf = (path: string): string => pathToFileURL(`${ROOT}${path}`).href

  /** Waits until the server has spoken of the file in a way that satisfies the caller: settings may reach it after the file. */
  function spoken(uri: string, isEnough: (found: readonly Underline[]) => boolean): Promise<readonly Underline[]> {
    return new Promise((resolve) => {
      waiting.set(uri, (found) => {
        if (!isEnough(found)) return
        waiting.delete(uri)
        resolve(found)
      })
    })
  }

  let version = 0
  async function open(
    path: string,
    text: string,
    isEnough: (found: readonly Underline[]) => boolean = () => true,
  ): Promise<readonly Underline[]> {
    const uri = uriOf(path)
    const found = spoken(uri, isEnough)
    const isOpen = texts.has(uri)
    texts.set(uri, text)
    // A second text is an edit: closing the file would be answered with an empty list of its own.
    const document = { uri, languageId: 'yaml', version: ++version, text }
    await (isOpen
      ? connection.sendNotification('textDocument/didChange', {
          textDocument: { uri, version },
          contentChanges: [{ text }],
        })
      : connection.sendNotification('textDocument/didOpen', { textDocument: document }))
    return found
  }

  // From here on the server has its settings: this file is wrong only for who knows a schema.
  const probe = '# yaml-language-server: $schema=./schemas/journey.schema.json\nno-key-of-ours: 1\n'
  await open('probe.yaml', probe, (found) => found.some(({ message }) => message.includes('no-key-of-ours')))

  return {
    open,
    hover: async (path, word) => {
      const uri = uriOf(path)
      const position = positionAt(texts.get(uri) ?? '', (texts.get(uri) ?? '').indexOf(word))
      const hover: Hover | null = await connection.sendRequest('textDocument/hover', {
        textDocument: { uri },
        position,
      })
      const contents = hover?.contents
      return typeof contents === 'object' && 'value' in contents ? contents.value : ''
    },
    complete: async (path, textWithCursor) => {
      const offset = textWithCursor.indexOf('|')
      const text = textWithCursor.slice(0, offset) + textWithCursor.slice(offset + 1)
      await open(path, text)
      const list: CompletionList = await connection.sendRequest('textDocument/completion', {
        textDocument: { uri: uriOf(path) },
        position: positionAt(text, offset),
      })
      return list.items
    },
    close: async () => {
      await connection.sendRequest('shutdown')
      const gone = new Promise((resolve) => child.once('exit', resolve))
      await connection.sendNotification('exit')
      await gone
      connection.dispose()
    },
  }
}

function underline({ message, severity, range }: Diagnostic): Underline {
  return { message: typeof message === 'string' ? message : message.value, severity, range }
}

function positionAt(text: string, offset: number): { readonly line: number; readonly character: number } {
  const before = text.slice(0, offset).split('\n')
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 }
}
