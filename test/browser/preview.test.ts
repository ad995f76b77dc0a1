import type { FastifyInstance } from 'fastify'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openWorkspace, previewOf, type EditableWorkspace } from '../preview/workspace.ts'
import { scrollsSideways, VIEWS, violations } from './accessibility.ts'
import { chromiumPath, launchChromium, openPage, unlessAbsent } from './chromium.ts'

let browser: Browser
let workspace: EditableWorkspace
let app: FastifyInstance
let origin: string

describe.runIf(chromiumPath !== undefined)(`the preview in a browser${unlessAbsent}`, () => {
  beforeAll(async () => {
    workspace = await openWorkspace()
    app = previewOf(workspace.live)
    origin = await app.listen({ port: 0, host: '127.0.0.1' })
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    await app.close()
    await workspace.close()
  })

  it('shows an email in both schemes, whatever the machine prefers, each frame as high as its email', async () => {
    const { page, requested, errors } = await openPage(browser, { viewport: { width: 1440, height: 900 } })
    await page.goto(`${origin}/journeys/cart-recovery/first-email`)
    for (const [scheme, ground] of [
      ['light', 'rgb(244, 239, 229)'],
      ['dark', 'rgb(18, 23, 20)'],
    ] as const) {
      for (const size of ['desktop', 'phone']) {
        const title = `How the email looks: ${scheme}, ${size}`
        await page.frameLocator(`iframe[title="${title}"]`).getByText('Back to your basket').waitFor()
        const shown = `document.querySelector('iframe[title="${title}"]')`
        expect(
          await page.evaluate(`getComputedStyle(${shown}.contentDocument.querySelector('.page')).backgroundColor`),
        ).toBe(ground)
        const whole = `${shown}.clientHeight >= ${shown}.contentDocument.body.scrollHeight`
        await expect.poll(() => page.evaluate<boolean>(whole)).toBe(true)
      }
    }
    expect(requested.filter((url) => new URL(url).origin !== origin && !url.startsWith('data:'))).toEqual([])
    expect(errors).toEqual([])
  })

  it('follows a save without being asked, shows a broken file over the last good state, and the mended one', async () => {
    const { page, errors } = await openPage(browser)
    await page.goto(`${origin}/journeys/welcome/hello-text`)
    const bubble = page.locator('.bubble')
    await workspace.edit('messages/welcome/sms.sms.txt', 'Welcome to', 'A warm welcome to')
    await page.getByText('A warm welcome to Fernway Goods, Theo!').waitFor()

    await workspace.edit('messages/welcome/sms.sms.txt', '{% endif %}', '')
    const broken = page.getByRole('alert', { name: 'What you see is older' })
    await broken.waitFor()
    expect(await broken.locator('pre').textContent()).toContain('messages/welcome/sms.sms.txt:1:')
    expect(await bubble.textContent()).toContain('A warm welcome to')

    await workspace.edit(
      'messages/welcome/sms.sms.txt',
      '{{ contact.first_name }}',
      '{{ contact.first_name }}{% endif %}',
    )
    await broken.waitFor({ state: 'detached' })
    await workspace.edit('messages/welcome/sms.sms.txt', 'A warm welcome to', 'Welcome to')
    await page.getByText('Welcome to Fernway Goods, Theo!', { exact: false }).waitFor()
    expect(errors).toEqual([])
  })

  it('shows somebody else as soon as they are chosen, and with a button where there are no scripts', async () => {
    const { page } = await openPage(browser)
    await page.goto(`${origin}/journeys/welcome/hello-text`)
    await page.getByLabel('Shown to').selectOption('~long')
    await page.getByText('Maximiliana Christabelle').first().waitFor()
    const plain = await openPage(browser, { javaScriptEnabled: false })
    await plain.page.goto(`${origin}/journeys/welcome/hello-text`)
    await plain.page.getByLabel('Shown to').selectOption('~long')
    await plain.page.getByRole('button', { name: 'Show' }).click()
    await plain.page.getByText('Maximiliana Christabelle').first().waitFor()
  })

  const PAGES = ['/', '/journeys/cart-recovery/first-email', '/journeys/cart-recovery/sms-code', '/nothing']
  it.each(VIEWS.flatMap(({ view, options }) => PAGES.map((path) => ({ view, options, path }))))(
    '$path has nothing that axe objects to, and fits, $view',
    async ({ options, path }) => {
      const { page } = await openPage(browser, { ...options, bypassCSP: true })
      await page.goto(`${origin}${path}`)
      expect(await violations(page)).toEqual([])
      expect(await scrollsSideways(page)).toBe(false)
    },
  )

  it('has nothing that axe objects to while a file is broken', async () => {
    await workspace.edit('welcome.yaml', 'template: welcome/hello', 'template: welcome/helo')
    const { page } = await openPage(browser, { bypassCSP: true })
    await page.goto(`${origin}/journeys/welcome/hello`)
    await page.getByRole('alert').waitFor()
    expect(await violations(page)).toEqual([])
    await workspace.edit('welcome.yaml', 'template: welcome/helo', 'template: welcome/hello')
  })
})
