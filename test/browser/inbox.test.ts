import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startStage, type Stage } from '../providers/sandbox/stage.ts'
import { chromiumPath, launchChromium, openPage, unlessAbsent } from './chromium.ts'

const SHOP = '+12025550100'

let browser: Browser
let stage: Stage

describe.runIf(chromiumPath !== undefined)(`the sandbox inbox in a browser${unlessAbsent}`, () => {
  beforeAll(async () => {
    stage = await startStage()
    browser = await launchChromium()
  })
  afterAll(async () => {
    await browser.close()
    await stage.close()
  })

  it('shows a text, the STOP that is typed below it, and the answer to that as bubbles of one thread', async () => {
    const person = '+12025550123'
    await text(person, 'Your code is TEN. Reply STOP to opt out')
    const { page, requested, errors } = await openPage(browser)
    await page.goto(stage.sandbox.url)
    await page.getByRole('link', { name: `Text to ${person}` }).click()
    const phone = page.getByRole('region', { name: `Phone of ${person}` })
    await phone.getByLabel(`Reply as ${person}`).fill('STOP')
    await page.keyboard.press('Enter')

    const bubbles = phone.locator('.bubble')
    await expect.poll(() => bubbles.locator('p').allTextContents()).toHaveLength(3)
    const [sent, reply, answer] = await bubbles.locator('p').allTextContents()
    expect(sent).toBe('Your code is TEN. Reply STOP to opt out')
    expect(reply).toBe('STOP')
    expect(answer).toMatch(/unsubscribed/i)
    expect(await bubbles.evaluateAll(sideOf)).toEqual(['theirs', 'mine', 'theirs'])
    const [inbound] = await stage.receiver.until((received) => received.some(({ path }) => path === '/inbound'))
    expect(inbound?.form).toMatchObject({ From: person, Body: 'STOP' })
    expect(foreign(requested)).toEqual([])
    expect(errors).toEqual([])
  })

  it('shows an email as its reader sees it, in a frame of its own', async () => {
    await email(
      'lin@example.com',
      '<h1>Your basket is saved</h1><p>See <a href="https://shop.example.com/b">it</a></p>',
    )
    const { page, requested, errors } = await openPage(browser)
    await page.goto(stage.sandbox.url)
    await page.getByRole('link', { name: 'Email to lin@example.com' }).click()
    await page.getByRole('heading', { name: 'You left something' }).waitFor()
    const mail = page.frameLocator('iframe[title="The email as its reader sees it"]')
    await mail.getByRole('heading', { name: 'Your basket is saved' }).waitFor()
    expect(await mail.getByRole('link', { name: 'it' }).getAttribute('href')).toMatch(/^\/inbox\/open\?id=/)
    expect(foreign(requested)).toEqual([])
    expect(errors).toEqual([])
  })

  it('lets no picture, script or style of an email out to another server', async () => {
    const elsewhere = stage.receiver.url
    await email(
      'kim@example.com',
      `<link rel="stylesheet" href="${elsewhere}/style.css"><img src="${elsewhere}/pixel.gif">
       <script src="${elsewhere}/script.js"></script><p style="background: url(${elsewhere}/back.png)">Hello Kim</p>`,
    )
    const { page } = await openPage(browser)
    const answered: string[] = []
    page.on('response', (response) => answered.push(response.url()))
    await page.goto(stage.sandbox.url)
    await page.getByRole('link', { name: 'Email to kim@example.com' }).click()
    await page.frameLocator('iframe').getByText('Hello Kim').waitFor()
    // Complete is what a picture is when it has been loaded, or refused.
    await expect.poll(() => page.frameLocator('iframe').locator('img').evaluate(isComplete)).toBe(true)
    expect(foreign(answered)).toEqual([])
    expect(stage.receiver.received.filter(({ method }) => method === 'GET')).toEqual([])
  })

  it('is worked by keyboard alone: the list by Tab and arrows, the thread, the reply box and its buttons by Tab', async () => {
    const [first, second] = ['+12025550131', '+12025550132']
    await text(first, 'First')
    await text(second, 'Second')
    const { page } = await openPage(browser)
    await page.goto(`${stage.sandbox.url}/inbox?q=1202555013`)
    const rows = page.locator('#list a')
    expect(await rows.count()).toBe(2)

    await tabTo(page, () => rows.first().evaluate(isFocused))
    await page.keyboard.press('ArrowDown')
    expect(await rows.nth(1).evaluate(isFocused)).toBe(true)
    await page.keyboard.press('Enter')
    const phone = page.getByRole('region', { name: 'Phone of' })
    await phone.waitFor()
    for (const control of [
      phone.locator('#thread'),
      phone.getByLabel('Reply as'),
      phone.getByRole('button', { name: 'Send reply' }),
      ...['STOP', 'START', 'HELP'].map((name) => phone.getByRole('button', { name })),
    ]) {
      await tabTo(page, () => control.evaluate(isFocused))
    }
  })
})

/** Presses Tab until the element has the focus; fails if a whole round of the page does not reach it. */
async function tabTo(page: Page, reached: () => Promise<boolean>): Promise<void> {
  for (let pressed = 0; pressed < 40; pressed++) {
    await page.keyboard.press('Tab')
    if (await reached()) return
  }
  throw new Error('40 times Tab did not reach the element')
}

interface Shown {
  readonly complete?: boolean
  matches(selector: string): boolean
}

// These run in the page. They name what they need of an element, because tests are compiled without a browser's types.
const isComplete = (element: Shown): boolean => element.complete === true
const isFocused = (element: Shown): boolean => element.matches(':focus')
const sideOf = (elements: readonly Shown[]): readonly string[] =>
  elements.map((element) => (element.matches('.mine') ? 'mine' : 'theirs'))

/** What went to any other origin than the sandbox's. A frame's own document has no origin. */
function foreign(urls: readonly string[]): readonly string[] {
  return urls.filter((url) => new URL(url).origin !== stage.sandbox.url && !/^(?:about|data|blob):/.test(url))
}

async function text(to: string, body: string): Promise<void> {
  await stage.twilio.messages.create({ from: SHOP, to, body })
}

async function email(to: string, html: string): Promise<void> {
  await stage.mail.request({
    method: 'POST',
    url: '/v3/mail/send',
    body: {
      from: { email: 'shop@example.com', name: 'The Shop' },
      subject: 'You left something',
      content: [
        { type: 'text/plain', value: 'The plain part' },
        { type: 'text/html', value: html },
      ],
      personalizations: [{ to: [{ email: to }] }],
    },
  })
}
