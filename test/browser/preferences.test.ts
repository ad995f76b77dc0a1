import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openPreferenceShop, type PreferenceShop } from '../http/preference-shop.ts'
import { HOUR, rows } from '../ingestion/shop.ts'
import { scrollsSideways, tabTo, VIEWS, violations } from './accessibility.ts'
import { chromiumPath, launchChromium, openPage, unlessAbsent } from './chromium.ts'

const GRANTS = [
  ['cart-reminders', 'email'],
  ['newsletter', 'email'],
  ['newsletter', 'sms'],
] as const

let browser: Browser
let shop: PreferenceShop
let origin: string

describe.runIf(chromiumPath !== undefined)(`the preference centre in a browser${unlessAbsent}`, () => {
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

  const link = async (): Promise<string> => `${origin}/p/${(await shop.person({ grants: GRANTS })).token}`
  const standing = async (): Promise<readonly string[]> =>
    (
      await rows<{ said: string }>(
        shop.surface.shop.database,
        `select channel || ' ' || purpose || ' ' || state as said from consent order by 1`,
      )
    ).map(({ said }) => said)
  const paused = () =>
    rows(shop.surface.shop.database, 'select paused_until_at is not null as paused from contact_preference')

  it('walks through everything without JavaScript: topics, fewer, language, break, stop', async () => {
    const { page } = await openPage(browser, { javaScriptEnabled: false })
    const url = await link()
    await page.goto(url)
    const topic = (name: string) => page.getByRole('group', { name })
    shop.now += HOUR
    await topic('News and offers').getByLabel('Email').uncheck()
    await topic('Cart reminders').getByLabel('Text messages').check()
    await page.getByLabel('At most one a week').check()
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Saved. It is in effect now.').waitFor()
    await page.getByText('We have sent you a text.').waitFor()
    expect(await topic('News and offers').getByLabel('Email').isChecked()).toBe(false)
    expect(await page.getByLabel('At most one a week').isChecked()).toBe(true)
    expect(await standing()).toEqual([
      'email cart-reminders granted',
      'email newsletter revoked',
      'sms newsletter granted',
    ])

    // A page is newer than every "no" that it shows.
    shop.now += HOUR
    await page.goto(url)
    await topic('News and offers').getByLabel('Email').check()
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByText('Saved. It is in effect now.').waitFor()
    expect(await standing()).toContain('email newsletter granted')

    await page.getByRole('button', { name: 'Pause for 30 days' }).click()
    await page.getByRole('heading', { name: 'You are taking a break' }).waitFor()
    expect(await paused()).toEqual([{ paused: true }])
    await page.getByRole('button', { name: 'End the break now' }).click()
    await page.getByRole('heading', { name: 'Take a break' }).waitFor()
    expect(await paused()).toEqual([{ paused: false }])

    await page.getByLabel('Language').selectOption('Español')
    await page.getByRole('button', { name: 'Save changes' }).click()
    await page.getByRole('heading', { name: 'Elija lo que recibe' }).waitFor()
    shop.now += HOUR
    await page.getByRole('button', { name: 'Detener todo el marketing' }).click()
    await page.getByText('Todo está desactivado.').waitFor()
    expect((await standing()).every((said) => said.endsWith('revoked'))).toBe(true)
  })

  it('says nothing again when the page is loaded again', async () => {
    const { page } = await openPage(browser, { javaScriptEnabled: false })
    await page.goto(await link())
    await page.getByRole('button', { name: 'Stop all marketing' }).click()
    await page.getByText('Everything is off.').waitFor()
    const before = await rows(shop.surface.shop.database, 'select id from consent_event')
    await page.reload()
    await page.getByText('Everything is off.').waitFor()
    expect(await rows(shop.surface.shop.database, 'select id from consent_event')).toEqual(before)
  })

  it('is worked with Tab, Space, arrows and Enter, with the focus to be seen, and asks nothing of any other server', async () => {
    const { page, requested, errors } = await openPage(browser)
    await page.goto(await link())
    expect(await tabTo(page, '[value="newsletter:email"]')).toBe(true)
    await page.keyboard.press('Space')
    expect(await tabTo(page, '[name=fewer]')).toBe(true)
    await page.keyboard.press('ArrowDown')
    expect(await tabTo(page, '[name=language]')).toBe(true)
    expect(await tabTo(page, '[value=save]')).toBe(true)
    await page.keyboard.press('Enter')
    await page.getByText('Saved. It is in effect now.').waitFor()
    expect(await standing()).toContain('email newsletter revoked')
    expect(await rows(shop.surface.shop.database, 'select cap_count from contact_preference')).toEqual([
      { cap_count: 1 },
    ])
    expect(await tabTo(page, '[value=stop]')).toBe(true)
    await page.keyboard.press('Enter')
    await page.getByText('Everything is off.').waitFor()
    expect(requested.filter((url) => new URL(url).origin !== origin)).toEqual([])
    expect(errors).toEqual([])
  })

  it.each(VIEWS)('has nothing that axe objects to and never scrolls sideways: $view', async ({ options }) => {
    const { page } = await openPage(browser, { ...options, bypassCSP: true })
    const url = await link()
    for (const query of ['', '?done=saved+sms', '?done=outdated']) {
      await page.goto(url + query)
      expect(await violations(page)).toEqual([])
      expect(await scrollsSideways(page)).toBe(false)
    }
  })

  it('fits a phone that is zoomed to 200 %', async () => {
    const { page } = await openPage(browser, { viewport: { width: 320, height: 500 } })
    await page.goto(await link())
    expect(await scrollsSideways(page)).toBe(false)
  })

  it('moves nothing for readers who asked for less motion', async () => {
    const { page } = await openPage(browser, { reducedMotion: 'reduce' })
    await page.goto(await link())
    const moving = `[...document.querySelectorAll('*')].some((one) => getComputedStyle(one, '::after').transitionDuration !== '0s')`
    expect(await page.evaluate<boolean>(moving)).toBe(false)
  })
})
