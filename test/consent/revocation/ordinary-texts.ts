import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const DATA = process.env['SEGUE_DATA'] ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url))

/**
 * Almeida, Gomez Hidalgo, Yamakami: SMS Spam Collection v.1 (DocEng 2011), free for all purposes with this reference. It is read where
 * it lies and no row of it is part of the product.
 */
export const CORPUS = join(resolve(DATA), 'sms-spam-collection.tsv')

/** What people wrote to people: none of it answers a sender of marketing, so hardly any of it can be a refusal. */
export function ordinaryTexts(): readonly string[] {
  return readFileSync(CORPUS, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('ham\t'))
    .map((line) => line.slice('ham\t'.length))
}
