// Measures the public data sets and writes figures.json beside this file. The data is not part of the project:
//   SEGUE_DATA=<folder with the files> npx tsx journeys/sample/measure.ts
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readClickRows } from '../../src/cli/dev/sample/clickstream-rows.ts'
import type { Figures } from '../../src/cli/dev/sample/figures.ts'
import { measureCarts, measureOrders } from '../../src/cli/dev/sample/measurement.ts'
import { readRetailOrders } from '../../src/cli/dev/sample/retail-orders.ts'

const CARTS =
  'REES46 Marketing Platform, "eCommerce behavior data from multi category store", 1 Oct 2019 00:00 to 02:50 UTC, ' +
  'rees46-2019-10-01-sample.csv (free to use with mention of the source)'
const ORDERS =
  'Daqing Chen, UCI "Online Retail", doi 10.1057/dbm.2012.17, 1 Dec 2010 to 9 Dec 2011, online-retail.csv.gz (CC0)'

const data = process.env['SEGUE_DATA'] ?? join(import.meta.dirname, '../../../shared/data')
const figures: Figures = {
  carts: measureCarts(CARTS, await readClickRows(join(data, 'rees46-2019-10-01-sample.csv'))),
  orders: measureOrders(ORDERS, await readRetailOrders(join(data, 'online-retail.csv.gz'))),
}
writeFileSync(join(import.meta.dirname, 'figures.json'), `${JSON.stringify(figures, null, 2)}\n`)
process.stdout.write(`${figures.carts.carts} carts and ${figures.orders.orders} orders measured\n`)
