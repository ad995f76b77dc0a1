import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openPreferenceShop, type PreferenceShop } from '../http/preference-shop.ts'
import { rows } from '../ingestion/shop.ts'
import { scrollsSideways, tabTo, VIEWS, violations } from './accessibility.ts'
import { chromiumPath, launchChromium, openPage, unlessAbsent } from './chromium.ts'

let browser: Browser
let shop: PreferenceShop
let origin: string

describe.runIf(chromiumPath !== undefined)(`the sign-up page in a browser${unlessAbsent}`, () => {
  beforeAll(async () => {
    shop = await openPreferenceShop()
    origin = await shop.surface.app.listen({ port: 0, host: '127.0.0.1' })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    await shop.close()
  })
  beforeEach(() => shop.reset())

  const asked = () =>
    rows(shop.surface.shop.database, 'select channel, purpose, state from consent_event order by channel')

  it('takes a sign-up without JavaScript, after a mistake that it names and links to its field', async () => {
    const { page } = await openPage(browser, { javaScriptEnabled: false })
    await page.goto(`${origin}/join/cart-reminders`)
    for (const box of await page.getByRole('checkbox').all()) expect(await box.isChecked()).toBe(false)
    await page.getByLabel('Send me emails').check()
    await page.getByLabel('Email address').fill('not an address')
    await page.getByRole('button', { name: 'Sign up' }).click()

    const summary = page.getByRole('alert', { name: 'Please check this' })
    const mistake = summary.getByRole('link', { name: 'Enter an email address such as name@example.com.' })
    expect(await page.locator(`${await mistake.getAttribute('href')}`).getAttribute('aria-invalid')).toBe('true')
    expect(await page.title()).toMatch(/^Please check this/)
    expect(await page.getByLabel('Email address').inputValue()).toBe('not an address')
    expect(await page.getByLabel('Send me emails').isChecked()).toBe(true)

    await page.getByLabel('Email address').fill('kim@example.com')
    await page.getByRole('button', { name: 'Sign up' }).click()
    await page.getByRole('heading', { name: 'One more step' }).waitFor()
    expect(await asked()).toEqual([{ channel: 'email', purpose: 'cart-reminders', state: 'requested' }])
  })

  it('is filled in with Tab, Space, the keys and Enter; nobody reaches the trap for programs', async () => {
    const { page, requested, errors } = await openPage(browser)
    await page.goto(`${origin}/join/cart-reminders`)
    expect(await tabTo(page, '[value=sms]')).toBe(true)
    await page.keyboard.press('Space')
    expect(await tabTo(page, '#phone')).toBe(true)
    await page.keyboard.type('(202) 555-0177')
    await page.keyboard.press('Tab')
    expect(await page.evaluate<string>('document.activeElement.textContent')).toBe('Sign up')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'One more step' }).waitFor()
    expect(await asked()).toEqual([{ channel: 'sms', purpose: 'cart-reminders', state: 'requested' }])
    expect(requested.filter((url) => new URL(url).origin !== origin)).toEqual([])
    // The address book of the browser offers nothing to the trap, and no script ran: only the page's own style.
    expect(errors).toEqual([])
  })

  it('speaks the language of the browser, and another one at a link', async () => {
    const { page } = await openPage(browser, { locale: 'es-MX', javaScriptEnabled: false })
    await page.goto(`${origin}/join/newsletter`)
    await page.getByRole('heading', { name: '¿Cómo podemos escribirle?' }).waitFor()
    expect(await page.locator('html').getAttribute('lang')).toBe('es')
    await page.getByRole('link', { name: 'English' }).click()
    await page.getByRole('heading', { name: 'How may we reach you?' }).waitFor()
  })

  it.each(VIEWS)('has nothing that axe objects to and never scrolls sideways: $view', async ({ options }) => {
    const { page } = await openPage(browser, { ...options, bypassCSP: true })
    const look = async (): Promise<void> => {
      expect(await violations(page)).toEqual([])
      expect(await scrollsSideways(page)).toBe(false)
    }
    await page.goto(`${origin}/join/cart-reminders`)
    await look()
    await page.getByLabel('Send me text messages').check()
    await page.getByRole('button', { name: 'Sign up' }).click()
    await page.getByRole('alert').waitFor()
    await look()
    await page.goto(`${origin}/join/cart-reminders?asked=email+sms`)
    await look()
  })

  it('fits a phone that is zoomed to 200 %', async () => {
    const { page } = await openPage(browser, { viewport: { width: 320, height: 500 } })
    await page.goto(`${origin}/join/cart-reminders?lang=es`)
    expect(await scrollsSideways(page)).toBe(false)
  })
})
