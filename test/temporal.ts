import { freePort } from '../src/cli/dev/ports.ts'
import { defaultCacheDirectory, findTemporalCli } from '../src/cli/dev/temporal-cli.ts'
import { startTemporalServer, type TemporalServer } from '../src/cli/dev/temporal-server.ts'

/** A real Temporal server of one's own, in memory: task queues of tests that run at the same time must not meet. */
export async function startTestTemporal(options: { readonly ui?: boolean } = {}): Promise<TemporalServer> {
  const cli = await findTemporalCli({
    environment: process.env,
    cacheDirectory: defaultCacheDirectory(process.env),
    report: () => undefined,
  })
  const port = await freePort()
  return await startTemporalServer({ cli, port, ...(options.ui === true ? { uiPort: await freePort() } : {}) })
}
