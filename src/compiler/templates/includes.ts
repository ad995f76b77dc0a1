import { posix } from 'node:path'
import type { TemplateProblem } from './problem.ts'
import { problemAt } from './problem.ts'

const DEPTH = 4

/**
 * MJML with every `<mj-include path="…" />` replaced by the file, on one line, so that line numbers stay those of the including file.
 * Paths count from the including file's folder; none may leave the messages folder.
 */
export function expandIncludes(
  file: { readonly path: string; readonly text: string },
  include: (path: string) => string | undefined,
): { readonly text: string; readonly problems: readonly TemplateProblem[] } {
  const problems: TemplateProblem[] = []
  const expand = (path: string, text: string, depth: number): string =>
    text.replace(
      /<mj-include\s[^>]*?path=["']([^"']*)["'][^>]*?(?:\/>|>\s*<\/mj-include>)/g,
      (found, written: string, at: number) => {
        const target = posix.normalize(posix.join(posix.dirname(path), written))
        const content = depth < DEPTH && !target.startsWith('..') ? include(target) : undefined
        if (content !== undefined)
          return expand(target, content, depth + 1)
            .replaceAll(/\s*\n\s*/g, ' ')
            .trim()
        const message =
          depth < DEPTH ? `there is no file "${target}" to include` : 'files include each other too deeply'
        problems.push(problemAt('SEG354', message, file.text, depth === 0 ? at : 0, depth === 0 ? found.length : 0))
        return ''
      },
    )
  return { text: expand(file.path, file.text, 0), problems }
}
