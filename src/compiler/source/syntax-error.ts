import type { Document } from 'yaml'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { report } from '../../diagnostics/report.ts'
import type { SourceText } from '../../diagnostics/source-text.ts'
import { SYNTAX_SLIPS } from './syntax-slip.ts'

/**
 * The first syntax error, in words of the field; undefined if there is none.
 *
 * Only the first: after it the parser guesses, and its further errors are about the guess. Common slips get their
 * own code, the rest keeps the parser's message.
 */
export function syntaxDiagnostic(source: SourceText, document: Document.Parsed): Diagnostic | undefined {
  const directive = /^%.*$/m.exec(/^(?:\s*(?:#.*)?\n|%.*\n)*/.exec(source.text)?.[0] ?? '')
  if (directive !== null) {
    const at = { start: directive.index, end: directive.index + directive[0].length }
    return report(source, 'SEG101', { message: 'directives are not part of the language', at, help: 'remove the line' })
  }
  const error = document.errors.toSorted((a, b) => a.pos[0] - b.pos[0])[0]
  if (error === undefined) return undefined
  const [start, end] = error.pos
  if (error.code === 'TAB_AS_INDENT') {
    return report(source, 'SEG108', {
      message: 'a tab in the indentation',
      at: { start, end },
      help: 'indent with spaces',
    })
  }
  if (error.code === 'MULTIPLE_DOCS') {
    return report(source, 'SEG103', {
      message: 'a second document begins here',
      at: { start, end: Math.max(end, start + 3) },
      help: 'one file holds one journey: move the rest to a file of its own',
    })
  }
  for (const slip of SYNTAX_SLIPS) {
    const diagnostic = slip({ source, document, offset: start })
    if (diagnostic !== undefined) return diagnostic
  }
  return report(source, 'SEG101', {
    message: IN_PLAIN_WORDS[error.code] ?? sentence(error.message),
    at: { start, end: Math.max(end, start + 1) },
  })
}

/** The parser's words, where they are about its own terms. */
const IN_PLAIN_WORDS: Readonly<Record<string, string>> = {
  NON_STRING_KEY: 'a key is a plain word',
  BLOCK_AS_IMPLICIT_KEY: 'the lines here do not fit together: check their indentation',
  MULTILINE_IMPLICIT_KEY: 'this is neither a key nor a value',
  RESOURCE_EXHAUSTION: 'the file is nested too deeply',
  BAD_INDENT: 'keys of one map begin at the same column',
}

function sentence(message: string): string {
  const text = message.replace(/"quote$/, 'quote').replace(/\.$/, '')
  return text.charAt(0).toLowerCase() + text.slice(1)
}
