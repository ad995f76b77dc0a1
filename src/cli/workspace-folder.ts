import { stat } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'

/** A workspace that a path leads to, and the part of it that the path means (empty for all of it). */
export interface FoundWorkspace {
  readonly folder: string
  /** Path within the workspace, with `/`. */
  readonly part: string
}

export type WorkspaceSearch =
  | { readonly kind: 'found'; readonly workspace: FoundWorkspace }
  | { readonly kind: 'missing'; readonly message: string }

/** Finds the folder with segue.yaml for a path: itself, its `journeys/`, or the nearest folder above. */
export async function findWorkspace(cwd: string, path: string): Promise<WorkspaceSearch> {
  const target = resolve(cwd, path)
  const kind = await kindOf(target)
  if (kind === undefined) return { kind: 'missing', message: `there is no file or folder ${path}` }
  if (kind === 'folder') {
    for (const folder of [target, join(target, 'journeys')]) {
      if ((await kindOf(join(folder, 'segue.yaml'))) === 'file')
        return { kind: 'found', workspace: { folder, part: '' } }
    }
  }
  for (let folder = dirname(target); ; folder = dirname(folder)) {
    if ((await kindOf(join(folder, 'segue.yaml'))) === 'file') {
      return { kind: 'found', workspace: { folder, part: relative(folder, target).split(sep).join('/') } }
    }
    if (folder === dirname(folder)) break
  }
  const message = `no workspace at ${path}: there is no segue.yaml in it, in its journeys/, or above it`
  return { kind: 'missing', message }
}

/** Whether a file of the workspace belongs to the part that was asked for. */
export function isPartOf(file: string, part: string): boolean {
  return part === '' || file === part || file.startsWith(`${part}/`)
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file'
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined
    throw error
  }
}
