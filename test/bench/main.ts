import { parseArgs } from 'node:util'
import Table from 'cli-table3'
import { api } from './api.ts'
import type { Benchmark, Finding } from './benchmark.ts'
import { events } from './events.ts'
import { gate } from './gate.ts'
import { stop } from './stop-to-silence.ts'
import { throughput } from './throughput.ts'

/** In the order in which they run when none is named. */
const BENCHMARKS: readonly Benchmark[] = [events, gate, api, throughput, stop]

const USAGE = `npm run bench -- [${BENCHMARKS.map(({ name }) => name).join(' | ')}] [--json]\n`

const say = (line: string): void => void process.stderr.write(`bench: ${line}\n`)

function chosen(names: readonly string[]): readonly Benchmark[] | undefined {
  const unknown = names.filter((name) => BENCHMARKS.every((benchmark) => benchmark.name !== name))
  if (unknown.length === 0) return BENCHMARKS.filter(({ name }) => names.length === 0 || names.includes(name))
  process.stderr.write(`bench: there is no benchmark called ${unknown.join(', ')}\n${USAGE}`)
  return undefined
}

function print({ name, measures }: Benchmark, { rows }: Finding): void {
  const table = new Table({ head: [name, 'measured', 'target'], style: { head: [], border: [] } })
  for (const row of rows) table.push([...row])
  process.stdout.write(`\n${measures}\n${table.toString()}\n`)
}

async function main(): Promise<number> {
  let parsed
  try {
    parsed = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true })
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
    return 2
  }
  const benchmarks = chosen(parsed.positionals)
  if (benchmarks === undefined) return 2
  const figures: Record<string, unknown> = {}
  for (const benchmark of benchmarks) {
    const finding = await benchmark.run(say)
    figures[benchmark.name] = finding.figures
    if (parsed.values.json !== true) print(benchmark, finding)
  }
  if (parsed.values.json === true) process.stdout.write(`${JSON.stringify(figures)}\n`)
  return 0
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
process.exitCode = await main()
