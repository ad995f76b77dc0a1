import { existsSync } from 'node:fs'
import { classify } from '../../../src/consent/revocation/classify.ts'
import { isHeldOut, readSet, score } from './labelled.ts'
import { CORPUS, ordinaryTexts } from './ordinary-texts.ts'

/**
 * `npx tsx test/consent/revocation/measure.ts`: precision and recall of the classifier, the table of docs/compliance.md.
 * `--misses` lists what went wrong in the half that the rules may be written against.
 */
const percent = (share: number): string => `${(share * 100).toFixed(1).padStart(5)} %`
const out = (line: string): boolean => process.stdout.write(`${line}\n`)

out('set   half      meaning    texts  precision  recall')
for (const language of ['en', 'es'] as const) {
  const all = readSet(language)
  for (const half of ['dev', 'held-out'] as const) {
    const texts = all.filter((one) => isHeldOut(one) === (half === 'held-out'))
    for (const { meaning, texts: count, precision, recall } of score(texts)) {
      out(
        `${language}    ${half.padEnd(9)} ${meaning.padEnd(10)} ${String(count).padStart(5)}    ${percent(precision)}  ${percent(recall)}`,
      )
    }
    if (!process.argv.includes('--misses') || half !== 'dev') continue
    for (const one of texts) {
      const { meaning, rule } = classify(one.text)
      if (meaning !== one.label) out(`      ${one.label} read as ${meaning} (${rule}): ${one.text}`)
    }
  }
}

if (existsSync(CORPUS)) {
  const texts = ordinaryTexts()
  const counts = new Map<string, number>()
  for (const text of texts) {
    const { meaning, rule } = classify(text)
    counts.set(meaning, (counts.get(meaning) ?? 0) + 1)
    if (process.argv.includes('--corpus') && meaning === 'revoke') out(`      (${rule}) ${text}`)
  }
  out(`SMS Spam Collection, ${texts.length} ordinary texts of people to people:`)
  for (const [meaning, count] of counts)
    out(`      ${meaning.padEnd(10)} ${count} (${((count / texts.length) * 100).toFixed(2)} %)`)
} else {
  out('SMS Spam Collection: not here (SEGUE_DATA), not measured')
}
