import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compileTemplate } from '../../../src/compiler/templates/compile.ts'
import { render } from '../../../src/delivery/rendering/render.ts'
import { segmentsOf } from '../../../src/delivery/rendering/sms-encoding.ts'
import type { Reservation } from '../../../src/gate/verdict.ts'
import { CONTEXT, EMAIL, SMS } from './sample.ts'

describe('the messages that ship', () => {
  const root = new URL('../../../journeys/', import.meta.url)
  const read = (path: string) =>
    existsSync(new URL(path, root)) ? readFileSync(new URL(path, root), 'utf8') : undefined
  const context = { ...CONTEXT, links: (_url: string, index: number) => `https://go.example.com/l/k3v9x7q${index}` }

  async function shipped(name: string, reservation: Reservation) {
    const path = `messages/${name}`
    const { content } = await compileTemplate({ path, text: read(path) ?? '' }, read)
    if (content === undefined) throw new Error(`${name} does not compile`)
    const result = render(content, reservation, context)
    if (result.kind !== 'rendered') throw new Error(result.reason)
    return result.message
  }

  it.each(['cart/reminder.mjml', 'cart/code.mjml', 'cart/last-email.mjml', 'welcome/hello.md'])('%s', async (name) => {
    const message = await shipped(name, EMAIL)
    if (message.channel !== 'email') throw new Error('channel')
    const golden = `golden/${name.replaceAll(/[/.]/g, '-')}`
    await expect(message.html).toMatchFileSnapshot(`${golden}.html`)
    await expect(`Subject: ${message.subject}\n\n${message.text}\n`).toMatchFileSnapshot(`${golden}.txt`)
  })

  it.each(['cart/code.sms.txt', 'welcome/sms.sms.txt'])(
    '%s is one segment and names brand and opt-out',
    async (name) => {
      const message = await shipped(name, SMS)
      if (message.channel !== 'sms') throw new Error('channel')
      expect(segmentsOf(message.body)).toMatchObject({ encoding: 'GSM-7', segments: 1 })
      expect(message.body).toContain('Fernway Goods')
      await expect(`${message.body}\n`).toMatchFileSnapshot(`golden/${name.replaceAll(/[/.]/g, '-')}.txt`)
    },
  )

  it.each([
    'cart/reminder.mjml',
    'cart/code.mjml',
    'cart/last-email.mjml',
    'welcome/hello.md',
    'cart/code.sms.txt',
    'welcome/sms.sms.txt',
  ])('%s can be filled for a contact without a name and a cart with nothing but id and total', async (name) => {
    const reservation = name.endsWith('.txt') ? SMS : EMAIL
    const bare = { ...reservation, traits: {}, trigger: { cart: { id: 'c-1', total: 30 } } }
    expect((await shipped(name, bare)).channel).toBe(reservation.channel)
  })
})
