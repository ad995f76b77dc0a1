import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode } from '@temporalio/worker'

/** Workflow code as the sandbox loads it. `name` is a file in workers/workflows. */
export type BundleName = 'journey' | 'system'

/**
 * Modules that every run of a thread shares instead of evaluating its own copy. Only what keeps nothing between two calls may
 * be here: the pure core, and what puts it into words.
 */
const SHARED = { journey: ['../src/core/transition', './workflows/description'], system: [] } as const

/**
 * Bundles a workflow file. It fails when the file, or anything it imports, reaches for Node: the sandbox has no
 * file system, network or crypto, and neither may the pure core.
 */
export async function bundleWorkflows(name: BundleName): Promise<string> {
  const extension = import.meta.url.endsWith('.js') ? 'js' : 'ts'
  const module = (path: string): string => fileURLToPath(new URL(`${path}.${extension}`, import.meta.url))
  const { code } = await bundleWorkflowCode({
    workflowsPath: module(`./workflows/${name}`),
    preloadModules: SHARED[name].map(module),
    // The SDK's bundler resolves `.js` to `.ts`; our sources name `.ts` files, which webpack takes as they are.
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error() {} },
  })
  return code
}

/** Where the build puts a bundle, next to the compiled workers. */
function builtBundlePath(name: BundleName): string {
  return fileURLToPath(new URL(`./bundles/${name}.js`, import.meta.url))
}

/** Bundles every workflow file once, at build time. */
export async function buildBundles(): Promise<void> {
  for (const name of ['journey', 'system'] as const) {
    const path = builtBundlePath(name)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, await bundleWorkflows(name))
  }
}

export interface WorkflowBundle {
  readonly code: string
  /** Names the engine build for worker versioning: the same code has the same id on every machine. */
  readonly buildId: string
}

/** The pre-built bundle; made on the spot when running from sources. */
export async function loadBundle(name: BundleName): Promise<WorkflowBundle> {
  const path = builtBundlePath(name)
  const code = existsSync(path) ? await readFile(path, 'utf8') : await bundleWorkflows(name)
  return { code, buildId: createHash('sha256').update(code).digest('hex').slice(0, 12) }
}
