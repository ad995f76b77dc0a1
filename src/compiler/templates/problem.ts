/**
 * Codes of templates.
 *
 * - `SEG351` front matter that cannot be read
 * - `SEG352` Liquid that cannot be read
 * - `SEG353` MJML that cannot be read
 * - `SEG354` an included file that is not there
 * - `SEG355` Liquid that MJML would drop silently
 * - `SEG356` a variable that messages do not have
 * - `SEG357` a tag or filter that messages may not use
 * - `SEG358` an email that Gmail would clip (a warning)
 * - `SEG359` a file of no known kind, or without a message
 * - `SEG360` a link that leads nowhere, or a picture that is not on the web
 */
export type TemplateCode =
  | 'SEG351'
  | 'SEG352'
  | 'SEG353'
  | 'SEG354'
  | 'SEG355'
  | 'SEG356'
  | 'SEG357'
  | 'SEG358'
  | 'SEG359'
  | 'SEG360'

/** Line and column are 1-based and count in the template's file, front matter included. */
export interface TemplateProblem {
  readonly code: TemplateCode
  readonly message: string
  readonly line: number
  readonly column: number
  readonly endColumn?: number
}

export function problemAt(
  code: TemplateCode,
  message: string,
  text: string,
  offset: number,
  length = 0,
): TemplateProblem {
  const before = text.slice(0, offset)
  const line = before.split('\n').length
  const column = offset - (before.lastIndexOf('\n') + 1) + 1
  return length === 0 ? { code, message, line, column } : { code, message, line, column, endColumn: column + length }
}
