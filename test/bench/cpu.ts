import { readdirSync, readFileSync } from 'node:fs'

/** Processor time by part of the system, milliseconds. */
export type CpuTime = ReadonlyMap<string, number>

/** What a command line holds, and what it is called in the table. The first that fits counts. */
const PARTS = [
  ['start-dev', 'Temporal server'],
  ['segue-worker', 'Segue worker'],
  ['baseline', 'hand-written worker'],
  ['sandbox', 'carriers'],
  ['postgres', 'PostgreSQL'],
] as const

/** Linux counts in hundredths of a second: sysconf(_SC_CLK_TCK) is 100 on every platform that Node runs on. */
const TICK_MS = 10

/**
 * Processor time that this process and all that it has started have used so far. Other work on the machine makes everything slower
 * but hardly makes it cost more, so these figures are steadier than rates. Empty where there is no /proc.
 */
export function cpuTime(): CpuTime {
  const processes = readProcesses()
  const ours = new Set([process.pid])
  for (let before = 0; before < ours.size;) {
    before = ours.size
    for (const { pid, parent } of processes) if (ours.has(parent)) ours.add(pid)
  }
  const spent = new Map<string, number>()
  for (const { pid, command, ms } of processes.filter((candidate) => ours.has(candidate.pid))) {
    const known = PARTS.find(([word]) => command.includes(word))?.[1]
    const part = pid === process.pid ? 'API and starts' : (known ?? 'other')
    spent.set(part, (spent.get(part) ?? 0) + ms)
  }
  return spent
}

/** What was spent between two looks, for each of `count`. */
export function cpuPerItem(before: CpuTime, after: CpuTime, count: number): CpuTime {
  return new Map([...after].map(([part, ms]) => [part, (ms - (before.get(part) ?? 0)) / count]))
}

interface Process {
  readonly pid: number
  readonly parent: number
  readonly command: string
  readonly ms: number
}

function readProcesses(): readonly Process[] {
  let names: readonly string[]
  try {
    names = readdirSync('/proc')
  } catch {
    return []
  }
  return names.flatMap((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // After the command's name, which may hold anything: state, parent, ... and at 11 to 14 the times, of ended children too.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const ms = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_MS
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8')
      return [{ pid: Number(name), parent: Number(fields[1]), command, ms }]
    } catch {
      // No process, or one that has just ended.
      return []
    }
  })
}
