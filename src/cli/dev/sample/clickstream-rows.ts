import { createReadStream } from 'node:fs'
import { parse } from 'csv-parse'

/** One row of a shop's clickstream in the layout of the REES46 data sets. */
export interface ClickRow {
  readonly at: number
  readonly type: 'cart' | 'purchase'
  readonly product: string
  /** Dotted, such as `appliances.kitchen.kettle`; empty when unknown. */
  readonly category: string
  readonly brand: string
  readonly price: number
  readonly user: string
  readonly session: string
}

export interface ClickRows {
  readonly rows: readonly ClickRow[]
  /** All rows of the file, views included. */
  readonly read: number
  /** Rows equal to an earlier one in every column. */
  readonly repeated: number
  /** Rows without a usable instant, price, user or session. */
  readonly broken: number
}

/** The file is not such a clickstream. The message says what is missing and may be shown. */
export class NotAClickstream extends Error {
  override readonly name = 'NotAClickstream'
}

const COLUMNS = ['event_time', 'event_type', 'product_id', 'category_code', 'brand', 'price', 'user_id', 'user_session']

/** A day of seconds. */
const REMEMBERED_INSTANTS = 86_400

/**
 * Reads the carts and purchases of a clickstream, in the order of their instants. Streams: views, which are nearly all of it,
 * are not kept. Throws {@link NotAClickstream}, and Node's error when the file cannot be read.
 */
export async function readClickRows(file: string): Promise<ClickRows> {
  const rows: ClickRow[] = []
  const repetitions = new Repetitions()
  let read = 0
  let repeated = 0
  let broken = 0
  const source = createReadStream(file)
  const parser = source.pipe(parse({ columns: (names: string[]) => checked(file, names), bom: true }))
  source.on('error', (error) => parser.destroy(error))
  try {
    for await (const record of parser as AsyncIterable<Readonly<Record<string, string>>>) {
      read++
      if (repetitions.has(record)) {
        repeated++
        continue
      }
      if (record['event_type'] !== 'cart' && record['event_type'] !== 'purchase') continue
      const row = rowOf(record, record['event_type'])
      if (row === undefined) broken++
      else rows.push(row)
    }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!code.startsWith('CSV_')) throw error
    throw new NotAClickstream(`${file} is not a CSV file of one width (${code})`)
  }
  // Stable, so rows of one second keep the order in which the shop wrote them.
  return { rows: rows.toSorted((a, b) => a.at - b.at), read, repeated, broken }
}

/** Rows seen lately. Equal rows have equal instants and stand close together, so the memory need not grow with the file. */
class Repetitions {
  private readonly seen = new Map<string, Set<string>>()

  has(record: Readonly<Record<string, string>>): boolean {
    const instant = record['event_time'] ?? ''
    const identity = JSON.stringify(Object.values(record))
    let rows = this.seen.get(instant)
    if (rows === undefined) {
      rows = new Set()
      this.seen.set(instant, rows)
      const [oldest] = this.seen.keys()
      if (this.seen.size > REMEMBERED_INSTANTS && oldest !== undefined) this.seen.delete(oldest)
    }
    if (rows.has(identity)) return true
    rows.add(identity)
    return false
  }
}

function checked(file: string, names: string[]): string[] {
  const missing = COLUMNS.filter((column) => !names.includes(column))
  if (missing.length > 0) throw new NotAClickstream(`${file} has no column ${missing.join(', ')}`)
  return names
}

function rowOf(record: Readonly<Record<string, string>>, type: ClickRow['type']): ClickRow | undefined {
  const at = Date.parse((record['event_time'] ?? '').replace(/^(\S+) (\S+) UTC$/, '$1T$2Z'))
  const price = Number(record['price'])
  const { product_id: product = '', user_id: user = '', user_session: session = '' } = record
  if (Number.isNaN(at) || !(price > 0) || product === '' || user === '' || session === '') return undefined
  return {
    at,
    type,
    product,
    category: record['category_code'] ?? '',
    brand: record['brand'] ?? '',
    price,
    user,
    session,
  }
}
