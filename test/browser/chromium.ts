import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'] as const

/** The system's browser: CHROMIUM_PATH, or the first that is installed. Undefined where there is none. */
export const chromiumPath: string | undefined = findChromium(process.env)

/** For titles: why the tests do not run, where they do not. */
export const unlessAbsent = chromiumPath === undefined ? ' (not run: no Chromium found, set CHROMIUM_PATH)' : ''

export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    ...(chromiumPath !== undefined && { executablePath: chromiumPath }),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

export interface WatchedPage {
  readonly page: Page
  /** Every request of the page and its frames, whether or not it was let out. */
  readonly requested: readonly string[]
  /** What a developer would see in red: errors of the console and of scripts. */
  readonly errors: readonly string[]
}

/** A page in a context of its own, watched from before its first request. Closed with the browser. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const context = await browser.newContext({ ...options, serviceWorkers: 'block' })
  const page = await context.newPage()
  const requested: string[] = []
  const errors: string[] = []
  page.on('request', (request) => requested.push(request.url()))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(error.message))
  return { page, requested, errors }
}

function findChromium(environment: NodeJS.ProcessEnv): string | undefined {
  const given = environment['CHROMIUM_PATH']
  if (given !== undefined && given !== '') return given
  const folders = ['/usr/bin', ...(environment['PATH'] ?? '').split(delimiter)]
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path))
}
