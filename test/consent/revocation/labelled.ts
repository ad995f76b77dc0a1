import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { classify } from '../../../src/consent/revocation/classify.ts'
import type { Meaning } from '../../../src/consent/revocation/rule.ts'

/** One labelled text. The sets were written before the rules and are described in docs/compliance.md. */
export interface Labelled {
  readonly label: Meaning
  readonly language: string
  readonly text: string
  readonly source: string
}

const MEANINGS: readonly Meaning[] = ['revoke', 'start', 'help', 'ambiguous', 'reply']

export function readSet(language: 'en' | 'es'): readonly Labelled[] {
  const [, ...lines] = readFileSync(new URL(`sets/${language}.tsv`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map((line) => {
    const [label, spoken, text, source] = line.split('\t')
    const known = MEANINGS.find((meaning) => meaning === label)
    if (known === undefined || spoken === undefined || text === undefined || source === undefined) {
      throw new Error(`not a labelled text: ${line}`)
    }
    return { label: known, language: spoken, text, source }
  })
}

/** Rules are written against the one half and measured on the other. The text alone decides where it goes, so it stays there. */
export function isHeldOut({ text }: Labelled): boolean {
  return (createHash('sha256').update(text.trim().toLowerCase()).digest()[0] ?? 0) >= 128
}

export interface Score {
  readonly meaning: Meaning
  readonly texts: number
  readonly precision: number
  readonly recall: number
}

/** Precision and recall of each meaning. A share of nothing is 1: nothing was missed, nothing was wrong. */
export function score(texts: readonly Labelled[]): readonly Score[] {
  const answers = texts.map((one) => ({ label: one.label, answer: classify(one.text).meaning }))
  return MEANINGS.map((meaning) => {
    const right = answers.filter(({ label, answer }) => label === meaning && answer === meaning).length
    const given = answers.filter(({ answer }) => answer === meaning).length
    const wanted = answers.filter(({ label }) => label === meaning).length
    return {
      meaning,
      texts: wanted,
      precision: given === 0 ? 1 : right / given,
      recall: wanted === 0 ? 1 : right / wanted,
    }
  })
}
