import { Lexer } from 'yaml'

/** A comment of a YAML text. */
export interface Comment {
  readonly offset: number
  /** 0-based; for a comment on a line of its own, its indentation. */
  readonly column: number
  /** From its `#`, without blanks behind it. */
  readonly text: string
  /** Blanks between it and what stands before it on its line. */
  readonly gap: number
}

/** Announces the text of a plain or block scalar: what follows is no comment, even if it begins with `#`. */
const SCALAR_FOLLOWS = '\u001F'
/** Tokens that the lexer makes up; they take no room in the text. */
const MADE_UP: ReadonlySet<string> = new Set([SCALAR_FOLLOWS, '\u0002', '\u0018'])

/** All comments of a text without syntax errors, in their order. From the tokens, so that none can hide from the tree. */
export function commentsOf(text: string): readonly Comment[] {
  const comments: Comment[] = []
  let offset = 0
  let before = ''
  for (const token of new Lexer().lex(text)) {
    if (token.startsWith('#') && before !== SCALAR_FOLLOWS) {
      const lineStart = text.lastIndexOf('\n', offset - 1) + 1
      const ahead = text.slice(lineStart, offset)
      const gap = ahead.length - ahead.trimEnd().length
      comments.push({ offset, column: offset - lineStart, text: token.trimEnd(), gap })
    }
    if (!MADE_UP.has(token)) offset += token.length
    before = token
  }
  return comments
}
