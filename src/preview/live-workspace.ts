import { watch, type FSWatcher } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { FIXTURES, roleOf } from '../compiler/bind/workspace-layout.ts'
import { compileWorkspace, type WorkspaceFiles } from '../compiler/compile.ts'
import type { Fixture } from '../compiler/document/fixture.ts'
import type { TestContact } from '../compiler/document/workspace.ts'
import { readWorkspaceFiles } from '../compiler/workspace-files.ts'
import type { CompiledJourney } from '../core/compiled-journey.ts'
import type { Content } from '../core/content.ts'
import type { CompiledWorkspace } from '../core/workspace.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { SourceText } from '../diagnostics/source-text.ts'

/** A journey as it was when it last compiled, with all that its messages are made from. */
export interface ShownJourney {
  readonly journey: CompiledJourney
  readonly workspace: CompiledWorkspace
  readonly contents: ReadonlyMap<string, Content>
  /** Its files have errors now: what is shown is older than what is written. */
  readonly stale: boolean
}

/** What there is to see at one moment. */
export interface Snapshot {
  /** Another one for every change of a file. */
  readonly version: number
  /** By id in alphabetical order. */
  readonly journeys: readonly ShownJourney[]
  readonly fixtures: ReadonlyMap<string, Fixture>
  readonly testContacts: Readonly<Record<string, TestContact>>
  readonly diagnostics: readonly Diagnostic[]
  readonly sources: ReadonlyMap<string, SourceText>
}

export interface LiveWorkspace {
  current(): Snapshot
  /** Calls the listener after every change; returns how to end that. */
  onChange(listener: (snapshot: Snapshot) => void): () => void
  /** Reads and compiles now; resolves when it is done. */
  refresh(): Promise<void>
  close(): void
}

/** Real milliseconds: an editor that saves writes more than once. */
const SETTLE_MS = 40

/**
 * A workspace folder, compiled anew whenever a file in it changes. A file with errors takes nothing away: its journeys stay as they were
 * when they last compiled.
 *
 * @throws the file system's error when the folder cannot be read at the start; later that is tried again at the next change.
 */
export async function watchWorkspace(folder: string): Promise<LiveWorkspace> {
  const listeners = new Set<(snapshot: Snapshot) => void>()
  const watchers = new Map<string, FSWatcher>()
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let files = await readWorkspaceFiles(folder)
  let snapshot = await compiled(files, undefined)
  let running: Promise<void> = Promise.resolve()

  const reread = async (): Promise<void> => {
    const fresh = await readWorkspaceFiles(folder)
    await watchFolders()
    if (sameFiles(files, fresh)) return
    files = fresh
    snapshot = await compiled(fresh, snapshot)
    for (const listener of listeners) listener(snapshot)
  }
  // One after the other: an older compilation must never replace a newer one.
  const refresh = (): Promise<void> => {
    running = running.then(reread)
    return running
  }
  const changed = (): void => {
    if (closed) return
    clearTimeout(timer)
    // A file that vanishes between listing and reading is looked at again: its own change is still to come.
    timer = setTimeout(() => void refresh().catch(() => (running = Promise.resolve())), SETTLE_MS)
  }
  /** Folder by folder, because a recursive watch loses files that editors replace instead of writing. */
  const watchFolders = async (): Promise<void> => {
    const wanted = new Set(await foldersIn(folder))
    for (const [path, watcher] of watchers) {
      if (wanted.has(path)) continue
      watcher.close()
      watchers.delete(path)
    }
    for (const path of wanted) {
      if (closed || watchers.has(path)) continue
      const watcher = watch(path, changed)
      watcher.on('error', () => {
        watcher.close()
        watchers.delete(path)
      })
      watchers.set(path, watcher)
    }
  }
  await watchFolders()

  return {
    current: () => snapshot,
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    refresh,
    close() {
      closed = true
      clearTimeout(timer)
      for (const watcher of watchers.values()) watcher.close()
      watchers.clear()
      listeners.clear()
    },
  }
}

async function compiled(files: WorkspaceFiles, before: Snapshot | undefined): Promise<Snapshot> {
  const compilation = await compileWorkspace(files)
  const { workspace, contents, diagnostics } = compilation
  const fresh = new Map<string, ShownJourney>(
    workspace === undefined
      ? []
      : compilation.journeys.map((journey) => [journey.id, { journey, workspace, contents, stale: false }]),
  )
  const written = new Set([...files.keys()].flatMap(journeyOf))
  const kept = (before?.journeys ?? []).filter(({ journey: { id } }) => !fresh.has(id) && written.has(id))
  const journeys = [...fresh.values(), ...kept.map((shown) => ({ ...shown, stale: true }))]
  const fixtures = new Map(compilation.fixtures)
  for (const [name, fixture] of before?.fixtures ?? []) {
    if (!fixtures.has(name) && files.has(`${FIXTURES}${name}.yaml`)) fixtures.set(name, fixture)
  }
  return {
    version: (before?.version ?? 0) + 1,
    journeys: journeys.toSorted((a, b) => (a.journey.id < b.journey.id ? -1 : 1)),
    fixtures,
    testContacts: workspace === undefined ? (before?.testContacts ?? {}) : compilation.testContacts,
    diagnostics,
    sources: new Map([...files].map(([file, text]) => [file, new SourceText(file, text)])),
  }
}

function journeyOf(path: string): readonly string[] {
  const role = roleOf(path)
  return role.kind === 'yaml' && role.shape === 'journey' ? [role.name] : []
}

function sameFiles(before: WorkspaceFiles, after: WorkspaceFiles): boolean {
  return before.size === after.size && [...after].every(([path, text]) => before.get(path) === text)
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true })
  const inner = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/(^|[\\/])(\.|node_modules)/.test(path.slice(folder.length)))
  return [folder, ...inner]
}
