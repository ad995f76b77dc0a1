import { type PassOnDeps, passRepliesOn } from './pass-on.ts'

/** Passes replies on until it is aborted. A store or an endpoint that is down only delays it. Resolves after the pass under way. */
export async function keepPassingRepliesOn(
  deps: PassOnDeps & { readonly onFailure?: (error: string) => void },
  { intervalMs, signal, realNow = Date.now }: { intervalMs: number; signal: AbortSignal; realNow?: () => number },
): Promise<void> {
  while (!signal.aborted) {
    let taken = 0
    try {
      taken = await passRepliesOn(deps, realNow())
    } catch (error) {
      deps.onFailure?.(error instanceof Error ? error.name : 'unknown')
    }
    if (taken === 0) await pause(intervalMs, signal)
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done, { once: true })
  })
}
