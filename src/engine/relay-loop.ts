import { relay, type RelayDeps } from './relay.ts'

export interface RunningRelay {
  /** Something was written to the outbox: look now. */
  readonly notify: () => void
  /** Resolves when the loop has ended, after the pass under way. */
  readonly stopped: Promise<void>
}

export interface RelayLoop {
  /** Real milliseconds between two looks when nobody notifies. */
  readonly intervalMs: number
  /** Aborted: finish the pass under way, then stop. What is pending stays in the outbox. */
  readonly signal: AbortSignal
}

/** Runs {@link relay} until it is aborted. A store or an engine that is down only delays it. */
export function startRelay(deps: RelayDeps, { intervalMs, signal }: RelayLoop): RunningRelay {
  const realNow = deps.realNow ?? Date.now
  let notified = false
  let wake: (() => void) | undefined
  const notify = (): void => {
    notified = true
    wake?.()
  }

  async function rest(): Promise<void> {
    if (notified || signal.aborted) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, intervalMs)
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    wake = undefined
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      notified = false
      const more = await look(deps, realNow())
      if (!more) await rest()
    }
  }

  signal.addEventListener('abort', notify, { once: true })
  const stopped = run().finally(() => signal.removeEventListener('abort', notify))
  return { notify, stopped }
}

/** True if there may be more to tell at once. The loop survives everything: a relay that has died delivers nothing. */
async function look(deps: RelayDeps, now: number): Promise<boolean> {
  try {
    const { delivered } = await relay(deps, now)
    return delivered > 0
  } catch (error) {
    deps.onFailure?.({
      enrollment: '',
      kind: 'relay',
      attempts: 0,
      error: error instanceof Error ? error.name : 'unknown',
    })
    return false
  }
}
