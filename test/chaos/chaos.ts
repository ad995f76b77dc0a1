import { parseArgs } from 'node:util'
import { type ChaosReport, runChaos } from './crash-matrix.ts'
import { FULL, QUICK } from './plans.ts'

/** `npm run chaos [-- --json] [--quick] [--seed n]`: the crash matrix, in full unless told otherwise. Exit code 1 if a promise was broken. */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    seed: { type: 'string' },
  },
})
const say = (line: string): void => void process.stderr.write(`chaos: ${line}\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const plan = values.quick ? QUICK : FULL
const report = await runChaos(values.seed === undefined ? plan : { ...plan, seed: Number(values.seed) }, say)
const broken = breaches(report)
if (values.json) process.stdout.write(`${JSON.stringify({ chaos: { ...summary(report), ...report.figures } })}\n`)
else process.stdout.write(`${report.table}\n${JSON.stringify(summary(report))}\n${JSON.stringify(report.figures)}\n`)
for (const line of broken.slice(0, 40)) say(line)
for (const place of report.spared) say(`nobody died at ${place}`)
process.exit(broken.length > 0 ? 1 : 0)

function summary({ sends, kills, comparison }: ChaosReport): Readonly<Record<string, number>> {
  const { duplicates, lost, afterNo, capBreaches } = comparison
  return {
    sends,
    kills,
    duplicates: duplicates.length,
    lost: lost.length,
    after_no: afterNo.length,
    cap_breaches: capBreaches.length,
  }
}

function breaches({ comparison }: ChaosReport): readonly string[] {
  return [...comparison.duplicates, ...comparison.lost, ...comparison.afterNo, ...comparison.capBreaches]
}
