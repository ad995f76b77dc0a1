import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ADMIN_KEY, openSurface, type Surface } from '../http/surface.ts'
import { scrollsSideways, tabTo, VIEWS, violations } from './accessibility.ts'
import { chromiumPath, launchChromium, openPage, unlessAbsent } from './chromium.ts'

let browser: Browser
let surface: Surface
let origin: string

describe.runIf(chromiumPath !== undefined)(`the admin pages in a browser${unlessAbsent}`, () => {
  beforeAll(async () => {
    surface = await openSurface({ publicUrl: 'http://127.0.0.1', loginsPerTenMinutes: 1_000 })
    origin = await surface.app.listen({ port: 0, host: '127.0.0.1' })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    await surface.app.close()
    await surface.shop.database.close()
  })

  const logIn = async (page: Page): Promise<void> => {
    await page.goto(`${origin}/admin/login`)
    await page.getByLabel('Admin key').fill(ADMIN_KEY)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'Audit trail' }).waitFor()
  }

  it('work without scripts: log in, stop texts, let them go, log out', async () => {
    const { page, requested } = await openPage(browser, { javaScriptEnabled: false })
    await page.goto(`${origin}/admin`)
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    await logIn(page)
    await page.getByRole('link', { name: 'Kill switches' }).click()
    await page.getByLabel('What').selectOption('channel')
    await page.getByLabel('Its name').fill('sms')
    await page.getByLabel('Why').fill('carrier incident 4711')
    await page.getByRole('button', { name: 'Stop these messages' }).click()
    await page.getByRole('cell', { name: 'channel sms' }).waitFor()
    await page.getByRole('button', { name: 'Turn off' }).click()
    await page.getByText('Nothing is stopped.').waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.goto(`${origin}/admin/keys`)
    await page.getByRole('heading', { name: 'Log in' }).waitFor()
    expect(requested.filter((url) => new URL(url).origin !== origin)).toEqual([])
  })

  it('are worked by keyboard alone', async () => {
    const { page } = await openPage(browser)
    await page.goto(`${origin}/admin/login`)
    expect(await tabTo(page, '#key')).toBe(true)
    await page.keyboard.type(ADMIN_KEY)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Audit trail' }).waitFor()
    expect(await tabTo(page, 'a[href="keys"]')).toBe(true)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'API keys' }).waitFor()
    expect(await tabTo(page, '.rows')).toBe(true)
  })

  it.each(VIEWS)('have nothing for axe to say, $view', async ({ options }) => {
    const { page } = await openPage(browser, { ...options, bypassCSP: true })
    await page.goto(`${origin}/admin/login`)
    expect(await violations(page)).toEqual([])
    await logIn(page)
    for (const name of ['audit', 'switches', 'keys', 'replies', 'rejections', 'proof']) {
      await page.goto(`${origin}/admin/${name}`)
      expect([name, await violations(page)]).toEqual([name, []])
      expect([name, await scrollsSideways(page)]).toEqual([name, false])
    }
  })
})
