import { loadClientConnectConfig } from '@temporalio/envconfig'

/** How to reach the Temporal server: TEMPORAL_* variables and profiles, as every Temporal tool reads them. */
export function temporalConnection(
  environment: Readonly<Record<string, string | undefined>>,
): ReturnType<typeof loadClientConnectConfig> & { readonly namespace: string } {
  const set = Object.entries(environment).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '')
  const config = loadClientConnectConfig({ overrideEnvVars: Object.fromEntries(set) })
  return { ...config, namespace: config.namespace ?? 'default' }
}
