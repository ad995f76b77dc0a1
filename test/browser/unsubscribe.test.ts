import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { hashAddress } from '../../src/consent/address.ts'
import { signUnsubscribeToken } from '../../src/consent/unsubscribe-token.ts'
import { addressKeys, emptyStore, openSurface, SECRET, sentEmail, type Surface } from '../http/surface.ts'
import { rows } from '../ingestion/shop.ts'
import { chromiumPath, launchChromium, openPage, unlessAbsent } from './chromium.ts'

const ADDRESS = hashAddress(addressKeys, 'email', 'ada@example.com').hash

let browser: Browser
let surface: Surface
let origin: string

describe.runIf(chromiumPath !== undefined)(`the unsubscribe page in a browser${unlessAbsent}`, () => {
  beforeAll(async () => {
    surface = await openSurface()
    origin = await surface.app.listen({ port: 0, host: '127.0.0.1' })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    await surface.app.close()
    await surface.shop.database.close()
  })
  beforeEach(() => emptyStore(surface.shop))

  const link = async (): Promise<string> =>
    `${origin}/u/${signUnsubscribeToken(await sentEmail(surface.shop, ADDRESS), SECRET)}`
  const suppressed = () => rows(surface.shop.database, 'select address_hash, channel, reason from suppression')
  const consents = () => rows(surface.shop.database, 'select channel, purpose, state from consent')
  const once = [{ address_hash: ADDRESS, channel: 'email', reason: 'unsubscribe' }]

  it('asks first, unsubscribes at its button, and says so to whoever comes again, all without JavaScript', async () => {
    const url = await link()
    const { page } = await openPage(browser, { javaScriptEnabled: false })
    await page.goto(url)
    await page.getByRole('heading', { name: 'Stop these emails?' }).waitFor()
    expect([await suppressed(), await consents()]).toEqual([[], []])

    await page.getByRole('button', { name: 'Unsubscribe' }).click()
    await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor()
    expect(await suppressed()).toEqual(once)
    expect(await consents()).toEqual([{ channel: 'email', purpose: 'cart-reminders', state: 'revoked' }])

    await page.goto(url)
    await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor()
    expect(await suppressed()).toEqual(once)
  })

  it('is answered with Tab and Enter, and asks nothing of any other server', async () => {
    const { page, requested, errors } = await openPage(browser)
    await page.goto(await link())
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'You are unsubscribed' }).waitFor()
    expect(await suppressed()).toEqual(once)
    expect(requested.filter((url) => new URL(url).origin !== origin)).toEqual([])
    expect(errors).toEqual([])
  })

  it.each(['light', 'dark'] as const)(
    'follows a reader who prefers a %s page, on a phone without scrolling sideways',
    async (colorScheme) => {
      const { page } = await openPage(browser, { colorScheme, viewport: { width: 360, height: 640 } })
      await page.goto(await link())
      const ground = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
      const [red = 0] = (/\d+/.exec(ground) ?? []).map(Number)
      expect(red > 127 ? 'light' : 'dark').toBe(colorScheme)
      expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    },
  )
})
