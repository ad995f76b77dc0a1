/**
 * Liquid replaced by plain words while HTML is made of the text around it, and put back afterwards.
 *
 * MJML, Markdown and the HTML parsers behind them would take a `<` or a quote inside of Liquid for their own.
 */
export interface Masked {
  readonly text: string
  readonly liquid: readonly string[]
  readonly mark: string
}

const LIQUID = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g

export function maskLiquid(text: string): Masked {
  // The mark must not occur in the text; letters and digits only, so that every parser takes it for a word.
  let mark = 'xqliquidq'
  while (text.includes(mark)) mark += 'q'
  const liquid: string[] = []
  const masked = text.replace(LIQUID, (found) => {
    liquid.push(found)
    // Line breaks inside Liquid are kept behind it, so that line numbers stay true.
    return `${mark}${liquid.length - 1}z${isTag(found) ? 't' : 'o'}${'\n'.repeat(found.split('\n').length - 1)}`
  })
  return { text: masked, liquid, mark }
}

export function unmaskLiquid(text: string, { mark, liquid }: Masked): string {
  return text.replaceAll(new RegExp(`${mark}(\\d+)z[to]`, 'g'), (_found, index: string) => liquid[Number(index)] ?? '')
}

/** Matches the mask of a Liquid tag (`{% %}`), which stands for no text of its own. */
export function tagMask({ mark }: Masked): string {
  return `${mark}\\d+zt`
}

/** Indexes of pieces of Liquid that are not in the text any more. */
export function lostLiquid(text: string, { mark, liquid }: Masked): readonly number[] {
  const kept = new Set([...text.matchAll(new RegExp(`${mark}(\\d+)z[to]`, 'g'))].map((match) => Number(match[1])))
  return liquid.map((_piece, index) => index).filter((index) => !kept.has(index))
}

function isTag(liquid: string): boolean {
  return liquid.startsWith('{%')
}
