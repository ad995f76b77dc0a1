import { buildBundles } from './bundle.ts'

/** The build's second step: workflow code is bundled once, not at every start of a worker. */
await buildBundles()
