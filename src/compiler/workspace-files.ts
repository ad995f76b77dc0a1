import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { WorkspaceFiles } from './compile.ts'

/** Text files that a workspace may hold. Everything else (images, notes, code lists with real codes) is not even read. */
const READ = /\.(yaml|yml|mjml|md|txt|liquid|html)$/

/** Code lists belong to the shop and may be large; the journeys only name them. */
const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(['node_modules', 'codes'])

/**
 * Reads a workspace folder: paths relative to it, with `/`. Hidden files and links out of it are left alone.
 *
 * @throws the file system's error when the folder cannot be read: infrastructure, not a finding.
 */
export async function readWorkspaceFiles(folder: string): Promise<WorkspaceFiles> {
  const files = new Map<string, string>()
  await readFolder(folder, '', files)
  return files
}

async function readFolder(root: string, prefix: string, files: Map<string, string>): Promise<void> {
  const entries = await readdir(join(root, prefix), { withFileTypes: true })
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`
    if (entry.isDirectory()) {
      if (!SKIPPED_FOLDERS.has(entry.name)) await readFolder(root, path, files)
    } else if (entry.isFile() && READ.test(entry.name)) {
      files.set(path, await readFile(join(root, path), 'utf8'))
    }
  }
}
