/**
 * Parameters as SQL literals, for a prepared statement's EXECUTE, which takes no bound ones. All are quoted and so have the type of the
 * parameter that they are for. Undefined if one of them is of a kind that is not written here.
 */
export function literals(parameters: readonly unknown[]): string | undefined {
  const texts: string[] = []
  for (const parameter of parameters) {
    const text = literal(parameter)
    if (text === undefined) return undefined
    texts.push(text)
  }
  return texts.join()
}

function literal(value: unknown): string | undefined {
  if (value === null || value === undefined) return 'null'
  if (Array.isArray(value)) {
    const elements = value.map(element)
    return elements.includes(undefined) ? undefined : quoted(`{${elements.join()}}`)
  }
  const text = plain(value)
  return text === undefined ? undefined : quoted(text)
}

/** An element of an array's text form, always quoted, so that the texts `null` and `{}` stay texts. */
function element(value: unknown): string | undefined {
  if (value === null || value === undefined) return 'null'
  const text = plain(value)
  return text === undefined ? undefined : `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
}

function plain(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      // A zero byte ends a query's text, so the driver has to refuse it, as it does for bound parameters.
      return value.includes('\0') ? undefined : value
    case 'number':
    case 'bigint':
    case 'boolean':
      return String(value)
    default:
      return undefined
  }
}

/** Standard strings have one special character. `standard_conforming_strings` is switched on by whoever opens the store. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
