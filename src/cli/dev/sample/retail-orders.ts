import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { parse } from 'csv-parse'

/** One invoice of the Online Retail data: its lines added up. Cancellations and lines that are not sales are not in it. */
export interface RetailOrder {
  readonly customer: string
  /** Of the shop's wall clock. */
  readonly hour: number
  /** 0 Monday to 6 Sunday. */
  readonly weekday: number
  readonly value: number
}

/** Reads the invoices of `online-retail.csv.gz`. Streams; throws Node's error when the file cannot be read. */
export async function readRetailOrders(file: string): Promise<readonly RetailOrder[]> {
  const orders = new Map<string, RetailOrder>()
  const source = createReadStream(file)
  const unzipped = source.pipe(createGunzip())
  const parser = unzipped.pipe(parse({ columns: true, bom: true }))
  source.on('error', (error) => parser.destroy(error))
  unzipped.on('error', (error) => parser.destroy(error))
  for await (const line of parser as AsyncIterable<Readonly<Record<string, string>>>) {
    const value = Number(line['Quantity']) * Number(line['UnitPrice'])
    const invoice = line['InvoiceNo'] ?? ''
    const date = line['InvoiceDate'] ?? ''
    if (invoice.startsWith('C') || !(value > 0)) continue
    const before = orders.get(invoice)
    orders.set(invoice, {
      customer: line['CustomerID'] ?? '',
      hour: Number(date.slice(11, 13)),
      // Of the date as written: the wall clock's day, whatever zone this machine is in.
      weekday: (new Date(`${date.slice(0, 10)}T00:00:00Z`).getUTCDay() + 6) % 7,
      value: (before?.value ?? 0) + value,
    })
  }
  return [...orders.values()]
}
