import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { watchWorkspace, type LiveWorkspace, type Snapshot } from '../../src/preview/live-workspace.ts'
import { createPreview, type PreviewDeps } from '../../src/preview/server.ts'

/** The workspace that ships. */
export const SHIPPED = fileURLToPath(new URL('../../journeys', import.meta.url))

/** 1 March 2027, 12:00 UTC. */
export const NOON = Date.UTC(2027, 2, 1, 12)

/** A copy of the shipped workspace that a test may edit. */
export interface EditableWorkspace {
  readonly folder: string
  readonly live: LiveWorkspace
  /** Replaces a piece of a file, as an editor would save it; resolves with what is to be seen after that. */
  edit(file: string, from: string, to: string): Promise<Snapshot>
  write(file: string, text: string): Promise<Snapshot>
  close(): Promise<void>
}

export async function openWorkspace(): Promise<EditableWorkspace> {
  const folder = await mkdtemp(join(tmpdir(), 'segue-preview-'))
  await cp(SHIPPED, folder, { recursive: true, filter: (path) => !path.endsWith('.ts') })
  const live = await watchWorkspace(folder)
  /** The first snapshot for which it holds: one save may be seen in more than one look. */
  const after = async (change: () => Promise<void>, text: string, file: string): Promise<Snapshot> => {
    const seen = new Promise<Snapshot>((resolve) => {
      const end = live.onChange((snapshot) => {
        if (snapshot.sources.get(file)?.text !== text) return
        end()
        resolve(snapshot)
      })
    })
    await change()
    return seen
  }
  const write = (file: string, text: string): Promise<Snapshot> =>
    after(() => writeFile(join(folder, file), text), text, file)
  return {
    folder,
    live,
    write,
    edit: async (file, from, to) => {
      const before = await readFile(join(folder, file), 'utf8')
      if (!before.includes(from)) throw new Error(`${file} has no ${JSON.stringify(from)}`)
      return write(
        file,
        before.replace(from, () => to),
      )
    },
    close: async () => {
      live.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The pages of a workspace, at noon. */
export function previewOf(live: LiveWorkspace, more: Partial<PreviewDeps> = {}): FastifyInstance {
  return createPreview({ workspace: live, now: () => NOON, publicUrl: 'https://go.example.com', ...more })
}

/** A page as the browser of this machine asks for it. */
export async function get(
  app: FastifyInstance,
  url: string,
): Promise<{ status: number; text: string; policy: string }> {
  const answer = await app.inject({ url, headers: { host: '127.0.0.1:4410' } })
  return {
    status: answer.statusCode,
    text: answer.payload,
    policy: String(answer.headers['content-security-policy']),
  }
}
