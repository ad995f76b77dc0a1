import type { FileKind } from '../shape/schemas.ts'

/** What a file of the workspace is, by its path alone. */
export type FileRole =
  | { readonly kind: 'yaml'; readonly shape: FileKind; readonly name: string }
  | { readonly kind: 'message' }
  /** A YAML file in a place that nothing reads: most likely a mistake. */
  | { readonly kind: 'stray'; readonly why: string }
  | { readonly kind: 'other' }

const FOLDERS: Readonly<Record<string, FileKind>> = { policies: 'policy', events: 'event', offers: 'codes' }

export const MESSAGES = 'messages/'
/** Made-up people for previews, within the folder of messages. */
export const FIXTURES = 'messages/fixtures/'

/** Paths are relative to the workspace, with `/`. */
export function roleOf(path: string): FileRole {
  const fixture = path.startsWith(FIXTURES) ? /^([^/]+)\.yaml$/.exec(path.slice(FIXTURES.length))?.[1] : undefined
  if (fixture !== undefined) return { kind: 'yaml', shape: 'fixture', name: fixture }
  if (path.startsWith(MESSAGES)) return { kind: 'message' }
  const file = /^(?:(.+)\/)?([^/]+)\.(yaml|yml)$/.exec(path)
  if (file === null) return { kind: 'other' }
  const [, folder, name = '', extension] = file
  if (extension === 'yml')
    return { kind: 'stray', why: `only files that end in .yaml are read: rename it to ${name}.yaml` }
  if (folder === undefined) return { kind: 'yaml', shape: name === 'segue' ? 'segue' : 'journey', name }
  const shape = Object.hasOwn(FOLDERS, folder) ? FOLDERS[folder] : undefined
  if (shape !== undefined) return { kind: 'yaml', shape, name }
  return {
    kind: 'stray',
    why: `journeys lie beside segue.yaml; other files in ${Object.keys(FOLDERS).join('/, ')}/ and messages/`,
  }
}
