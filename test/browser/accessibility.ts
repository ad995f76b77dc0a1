import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'

const AXE = await readFile(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly target: unknown; readonly failureSummary?: string }[]
}

/** Everything that axe-core has to say against a page, in words; WCAG 2.2 AA and its best practices. The page needs `bypassCSP`. */
export async function violations(page: Page): Promise<readonly string[]> {
  await page.addScriptTag({ content: AXE })
  const found = await page.evaluate<readonly Violation[]>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then((result) => result.violations)`,
  )
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} at ${JSON.stringify(target)}: ${failureSummary ?? ''}`),
  )
}

/** How a page is looked at: every colour scheme on every size. */
export const VIEWS = (['light', 'dark'] as const).flatMap((colorScheme) =>
  [
    { size: 'phone', viewport: { width: 375, height: 740 } },
    { size: 'desktop', viewport: { width: 1280, height: 900 } },
  ].map(({ size, viewport }) => ({ view: `${colorScheme} on a ${size}`, options: { colorScheme, viewport } })),
)

/** Half the width is what a reader has who zooms to 200 % (WCAG 2.2, 1.4.4 and 1.4.10). */
export async function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth > document.documentElement.clientWidth')
}

/** Presses Tab until the element with this selector has the focus, and returns whether its focus is to be seen. */
export async function tabTo(page: Page, selector: string): Promise<boolean> {
  for (let pressed = 0; pressed < 60; pressed++) {
    await page.keyboard.press('Tab')
    const outline = await page.evaluate<string | null>(
      `document.activeElement.matches(${JSON.stringify(selector)}) ? getComputedStyle(document.activeElement).outlineStyle : null`,
    )
    if (outline !== null) return outline !== 'none'
  }
  throw new Error(`60 times Tab did not reach ${selector}`)
}
