import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderProofPage } from '../../src/consent/proof-page.ts'
import { proofOf } from '../../src/consent/proof.ts'
import { fieldsOf, formOf, openPreferenceShop, type PreferenceShop } from '../http/preference-shop.ts'
import { addressKeys } from '../http/surface.ts'
import { DAY } from '../ingestion/shop.ts'
import { scrollsSideways, VIEWS, violations } from './accessibility.ts'
import { chromiumPath, launchChromium, openPage, unlessAbsent } from './chromium.ts'

let browser: Browser
let shop: PreferenceShop
let html: string

describe.runIf(chromiumPath !== undefined)(
  `the page that proves one person's consent, in a browser${unlessAbsent}`,
  () => {
    beforeAll(async () => {
      shop = await openPreferenceShop()
      browser = await launchChromium()
      html = await proofOfAStory()
    })
    afterAll(async () => {
      await browser.close()
      await shop.close()
    })

    /** A grant by form, a message that relied on it, a "yes" in the preference centre with the words shown, and a "no" to everything. */
    async function proofOfAStory(): Promise<string> {
      const { token, contactId } = await shop.person({ grants: [['cart-reminders', 'email']] })
      const { app } = shop.surface
      const press = async (fields: URLSearchParams | string): Promise<void> => {
        shop.now += DAY
        await app.inject({
          method: 'POST',
          url: `/p/${token}`,
          payload: fields.toString(),
          headers: { 'content-type': 'application/x-www-form-urlencoded', 'user-agent': 'Mozilla/5.0 (a test)' },
        })
      }
      const fields = fieldsOf((await app.inject(`/p/${token}`)).body)
      fields.append('on', 'newsletter:email')
      fields.append('do', 'save')
      await press(fields)
      await press(formOf({ do: 'stop' }))
      const proof = await proofOf(shop.surface.shop.database, contactId, { keys: addressKeys, at: shop.now })
      if (proof === undefined) throw new Error('there is no proof')
      return renderProofPage(proof)
    }

    it('tells the whole story: whether the record is whole, what holds, the words that were shown, what relied on them', async () => {
      const { page, requested, errors } = await openPage(browser, { javaScriptEnabled: false })
      await page.setContent(html)
      await page.getByRole('heading', { name: 'Proof of consent' }).waitFor()
      await page.getByText('Yes. Every entry follows').waitFor()
      await page.getByRole('blockquote').getByText('Fernway Goods may email me about: News and offers').waitFor()
      expect(await page.getByRole('article').count()).toBe(6)
      expect(await page.getByRole('table').count()).toBeGreaterThan(1)
      expect(requested).toEqual([])
      expect(errors).toEqual([])
    })

    it.each(VIEWS)('has nothing that axe objects to and never scrolls sideways: $view', async ({ options }) => {
      const { page } = await openPage(browser, options)
      await page.setContent(html)
      expect(await violations(page)).toEqual([])
      expect(await scrollsSideways(page)).toBe(false)
    })

    it('prints on pages without cutting an entry off at the side', async () => {
      const { page } = await openPage(browser)
      await page.setContent(html)
      await page.emulateMedia({ media: 'print' })
      expect(await scrollsSideways(page)).toBe(false)
      const pdf = await page.pdf({ format: 'Letter' })
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    })
  },
)
