/** What the invented shop sells: in each department, from the smallest price to the largest. US dollars. */
export interface Product {
  readonly name: string
  readonly price: number
}

/** Departments in the order of their measured share: the largest first. Names and prices are ours, the shape is the data's. */
export const DEPARTMENTS: readonly (readonly Product[])[] = [
  products(
    'Linen napkin set 18',
    'Stoneware mug pair 29',
    'Enamel kettle 54',
    'Copper saucepan 89',
    'Cast iron casserole 139',
    'Carbon steel pan set 199',
    'Walnut knife block 249',
    'Stand mixer 419',
    'Espresso machine 689',
    'Built-in oven 1290',
  ),
  products(
    'Beeswax candle trio 22',
    'Reading lamp 64',
    'Paper pendant 98',
    'Brass floor lamp 189',
    'Glass chandelier 460',
    'Arc lamp in marble 780',
  ),
  products(
    'Wool cushion 34',
    'Mohair throw 95',
    'Jute rug 165',
    'Oak side table 240',
    'Lounge chair 590',
    'Three-seat sofa 1490',
  ),
  products(
    'Cotton pillowcase 16',
    'Percale sheet set 85',
    'Down duvet 210',
    'Linen bedding set 290',
    'Oak bed frame 940',
  ),
  products('Kraft notebook 12', 'Desk tray 38', 'Leather blotter 110', 'Standing desk 640'),
]

/** A cart worth less than the journey's entry condition. */
export const TRIFLES: readonly Product[] = products(
  'Tea towel 9',
  'Wooden spoon 6',
  'Jar of beeswax 14',
  'Kraft notebook 12',
)

function products(...lines: readonly string[]): readonly Product[] {
  return lines.map((line) => {
    const [, name = '', price = ''] = /^(.+) (\d+)$/.exec(line) ?? []
    return { name, price: Number(price) }
  })
}

/** The product of a department whose price is nearest to what should be spent on it. */
export function nearest(department: readonly Product[], value: number): Product {
  const [chosen] = department.toSorted((a, b) => Math.abs(a.price - value) - Math.abs(b.price - value))
  if (chosen === undefined) throw new Error('an empty department')
  return chosen
}
