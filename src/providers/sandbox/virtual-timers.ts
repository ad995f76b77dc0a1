import type { SandboxClock } from './sandbox-options.ts'

export interface VirtualTimers {
  /** Resolves after `ms` virtual milliseconds; never, if the emulator was closed before. */
  sleep(ms: number): Promise<void>
  /** As `sleep`, in real milliseconds: latency and retries, which clients measure with their own clocks. */
  pause(ms: number): Promise<void>
  close(): void
}

const longest = 2 ** 31 - 1

export const createVirtualTimers = (clock: SandboxClock): VirtualTimers => {
  const pending = new Set<NodeJS.Timeout>()
  let closed = false

  const pause = async (ms: number): Promise<void> =>
    await new Promise((resolve) => {
      if (closed) return
      const timer = setTimeout(
        () => {
          pending.delete(timer)
          resolve()
        },
        Math.min(longest, Math.max(0, ms)),
      )
      pending.add(timer)
    })

  return {
    sleep: async (ms) => await pause(ms / clock.scale),
    pause,
    close: () => {
      closed = true
      for (const timer of pending) clearTimeout(timer)
      pending.clear()
    },
  }
}
