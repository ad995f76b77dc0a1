import { execFile } from 'node:child_process'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { bundleWorkflowCode } from '@temporalio/worker'
import { describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('..', import.meta.url))

async function cruise(
  ...paths: string[]
): Promise<{ violations: { rule: { name: string }; from: string }[]; seen: number }> {
  const depcruise = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs')
  const command = [depcruise, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...paths]
  const { stdout } = await run(process.execPath, command, { cwd: root, maxBuffer: 1 << 28 }).catch(
    (error: { stdout: string }) => error,
  )
  const { modules, summary } = JSON.parse(stdout)
  return { violations: summary.violations, seen: modules.length }
}

async function sources(): Promise<string[]> {
  const folders = await Promise.all(
    ['src', 'workers'].map(async (folder) =>
      (await readdir(join(root, folder), { recursive: true })).map((name) => join(folder, name)),
    ),
  )
  return folders.flat().filter((path) => /\.(ts|tsx)$/.test(path))
}

describe('the architecture', () => {
  it('lets nobody import against the direction, and looked at every module', async () => {
    const { violations, seen } = await cruise('src', 'workers')
    expect(violations.map(({ rule, from }) => `${rule.name}: ${from}`)).toEqual([])
    expect(seen).toBeGreaterThan((await sources()).length)
  })

  it('would see a leaf that imports a leaf, and core that imports Node', async () => {
    const planted = [
      [
        join('src', 'core', 'planted-by-a-test.ts'),
        "import { readFileSync } from 'node:fs'\nexport const read = readFileSync\n",
      ],
      [join('src', 'http', 'planted-by-a-test.ts'), "export { openPglite } from '../store/pglite.ts'\n"],
    ] as const
    try {
      for (const [path, text] of planted) await writeFile(join(root, path), text)
      const { violations } = await cruise(...planted.map(([path]) => path))
      expect(violations.map(({ rule }) => rule.name)).toEqual(expect.arrayContaining(['core-is-pure', 'http-imports']))
    } finally {
      for (const [path] of planted) await rm(join(root, path), { force: true })
    }
  })

  it('keeps files small and named for what they hold', async () => {
    const lengths: number[] = []
    for (const path of await sources()) {
      expect(basename(path), path).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*(\.d)?\.tsx?$/)
      expect(basename(path), path).not.toMatch(/^(utils?|helpers?|common|misc|manager|types)\./)
      const lines = (await readFile(join(root, path), 'utf8')).split('\n').length
      if (!path.includes('jurisdictions')) expect(lines, path).toBeLessThanOrEqual(350)
      lengths.push(lines)
    }
    expect(lengths.toSorted((a, b) => a - b)[Math.floor(lengths.length / 2)]).toBeLessThan(130)
  })

  it('keeps the workflow a host: under 150 lines', async () => {
    const text = await readFile(join(root, 'workers', 'workflows', 'journey.ts'), 'utf8')
    expect(text.split('\n').length).toBeLessThan(150)
  })

  it('cannot bundle workflow code that reaches for Node', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'segue-bundle-'))
    try {
      const file = join(folder, 'impure.js')
      await writeFile(file, "import { readFileSync } from 'node:fs'\nexport default async () => readFileSync('x')\n")
      const logger = { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
      await expect(bundleWorkflowCode({ workflowsPath: file, logger })).rejects.toThrow()
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
