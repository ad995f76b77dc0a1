/** Languages of the pages that people outside see, by ISO 639-1. The first is used when nothing is known. */
export const LANGUAGES = ['en', 'es'] as const
export type Language = (typeof LANGUAGES)[number]

/** A language of ours in a tag such as `es-MX` or `es_US` (the forms of BCP 47 and of shop systems); undefined for any other. */
export function languageOf(tag: unknown): Language | undefined {
  if (typeof tag !== 'string') return undefined
  const [primary] = tag.trim().toLowerCase().split(/[-_]/)
  return LANGUAGES.find((language) => language === primary)
}

/** The first language of ours that an Accept-Language header asks for (RFC 9110 section 12.5.4). */
export function acceptedLanguage(header: string | undefined): Language | undefined {
  const ranges = (header ?? '')
    .slice(0, 500)
    .split(',')
    .map((range) => {
      const [tag = '', ...parameters] = range.split(';')
      const quality = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find(Boolean)
      return { language: languageOf(tag), quality: quality === undefined ? 1 : Number(quality) }
    })
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
  return ranges.find(({ language }) => language !== undefined)?.language
}
