/** The text in YAML quotes: single ones, because in them a backslash is only a backslash. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
