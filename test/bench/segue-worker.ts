import { virtualNow, type ClockOrigin } from '../../src/core/clock.ts'
import { runWorker } from '../../workers/main.ts'

/** Segue's production worker as a process of its own, at the benchmark's clock. */
const origin = JSON.parse(process.env['BENCH_CLOCK'] ?? '') as ClockOrigin
process.exitCode = await runWorker(
  {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    cwd: process.cwd(),
    env: process.env,
    isTerminal: false,
  },
  { now: () => virtualNow(origin, Date.now()), scale: origin.scale },
)
