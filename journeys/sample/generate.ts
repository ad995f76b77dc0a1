// Writes people.json and events.json beside this file: npx tsx journeys/sample/generate.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Figures } from '../../src/cli/dev/sample/figures.ts'
import { generateSample } from '../../src/cli/dev/sample/generate.ts'
import { writeSample } from '../../src/cli/dev/sample/sample.ts'

const SEED = 20_261_110

const figures = JSON.parse(readFileSync(join(import.meta.dirname, 'figures.json'), 'utf8')) as Figures
const sample = generateSample(figures, SEED)
const files = writeSample(sample)
writeFileSync(join(import.meta.dirname, 'people.json'), files.people)
writeFileSync(join(import.meta.dirname, 'events.json'), files.events)
process.stdout.write(`${sample.people.length} people and ${sample.events.length} events written\n`)
