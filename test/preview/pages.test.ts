import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CompiledJourney, MessageAction } from '../../src/core/compiled-journey.ts'
import type { LiveWorkspace, Snapshot } from '../../src/preview/live-workspace.ts'
import { framedMail } from '../../src/preview/mail-frame.ts'
import { bodiesOf } from '../../src/preview/previewed-message.ts'
import { get, openWorkspace, previewOf, type EditableWorkspace } from './workspace.ts'

let workspace: EditableWorkspace
let app: ReturnType<typeof previewOf>

beforeAll(async () => {
  workspace = await openWorkspace()
  app = previewOf(workspace.live)
})
afterAll(async () => {
  await app.close()
  await workspace.close()
})

const page = async (url: string): Promise<string> => (await get(app, url)).text

describe('the first page', () => {
  it('has every message of every journey: all subjects, the fallback, and what a text costs at worst', async () => {
    const text = await page('/')
    for (const words of [
      'You left something behind',
      'Still thinking it over?',
      'Maya, your basket is saved',
      'sms-code, fallback',
      '10% off what you picked',
      'GSM-7, 1 segment at worst',
      'UCS-2, 3 segments at worst',
      '48h after entry',
      '24h after hello, then up to 1h later',
    ]) {
      expect(text).toContain(words)
    }
  })
})

describe('the page of an email', () => {
  it('shows each arm in the inbox, the preheader, both schemes on two sizes, links with their parameters, and the plain part', async () => {
    const text = await page('/journeys/cart-recovery/first-email')
    for (const arm of ['plain', 'question', 'personal']) expect(text).toContain(`<span class="chip">${arm}</span>`)
    expect(text).toContain('what you picked is still in your basket.')
    for (const look of ['light, desktop', 'light, phone', 'dark, desktop', 'dark, phone']) {
      expect(text).toContain(`title="How the email looks: ${look}"`)
    }
    expect(text).toContain('https://shop.example.com/basket/A-1042?utm_source=segue&amp;utm_medium=journey')
    expect(text).toMatch(/Plain text part[^]*Back to your basket https:\/\/go\.example\.com\/l\/[\w-]{10}/)
    expect(text).toContain('List-Unsubscribe-Post')
  })

  it('has the condition of its step', async () => {
    expect(await page('/journeys/cart-recovery/final-email')).toContain('unless clicked(&quot;sms-code&quot;)')
  })

  it('has a frame that answers for its scheme, runs nothing, and asks nobody', async () => {
    const light = await get(app, '/mail/cart-recovery/first-email?scheme=light')
    const dark = await get(app, '/mail/cart-recovery/first-email?scheme=dark')
    expect(light.text).toContain('@media (max-width: 0px)')
    expect(dark.text).toContain('@media (min-width: 0px)')
    expect(dark.text).toContain(':root { color-scheme: dark }')
    expect(light.text + dark.text).not.toContain('prefers-color-scheme')
    expect(dark.policy).toBe(
      "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
    )
  })

  it('asks no other server for a picture', () => {
    const framed = framedMail(
      `<head></head><img alt="A lamp" src="https://shop.example.com/lamp.png"><td background='https://x.example/b.png'>`,
      'light',
    )
    expect(framed).not.toContain('https:')
    expect(framed).toContain('<img alt="A lamp" src="data:image/svg+xml,')
  })
})

describe('the page of a text', () => {
  it('shows the bubble, the cost for everybody, the opt-out wording, short links, and the fallback below', async () => {
    const text = await page('/journeys/cart-recovery/sms-code')
    expect(text).toMatch(/<p class="bubble">Fernway Goods: 10% off your basket with CART10-7QK2M9XD until/)
    expect(text).toContain('written in the template')
    expect(text).toContain('In the text each link is a short one of 35 characters')
    expect(text).toContain('Fallback: an email when the message is undeliverable')
  })

  it('marks the most expensive reader', async () => {
    const text = await page('/journeys/welcome/hello-text')
    expect(text).toMatch(
      /<tr\s+class="worst">\s*<td\s*>made up, letters that cost more<\/td><td\s+class="number">3<\/td>/,
    )
  })

  it('is written to whoever is chosen', async () => {
    expect(await page('/journeys/welcome/hello-text?person=~long')).toContain(
      'Welcome to Fernway Goods, Maximiliana Christabelle!',
    )
  })
})

describe('what is shown to a fixture', () => {
  it('has its values, and a message that could not be sent says why', async () => {
    await workspace.write(
      'messages/fixtures/noor.yaml',
      'segue: 1\ndescription: Has no cart address.\njourneys: [welcome]\ncontact: { first_name: Noor }\n',
    )
    const text = await page('/journeys/welcome/hello')
    expect(text).toMatch(/<option value="noor"\s+selected>noor<\/option>/)
    expect(text).toContain('Has no cart address.')
    expect(text).toContain('Welcome, Noor. Good to have you here')
    expect(await page('/journeys/cart-recovery/first-email')).not.toContain('noor')

    await workspace.edit('messages/welcome/hello.md', 'contact.first_name | default: "and welcome"', 'contact.city')
    expect(await page('/journeys/welcome/hello')).toContain('the send is refused: missing contact.city')
    await workspace.edit('messages/welcome/hello.md', 'contact.city', 'contact.first_name | default: "and welcome"')
  })

  it('cannot break out of the page', async () => {
    await workspace.write(
      'messages/fixtures/rude.yaml',
      `segue: 1\njourneys: [welcome]\ndescription: <b>bold</b>\ncontact: { first_name: '<script>alert(1)</script>' }\n`,
    )
    const text = await page('/journeys/welcome/hello-text?person=rude')
    expect(text).not.toMatch(/<script>alert|<b>bold/)
    expect(text).toContain('&lt;b&gt;bold&lt;/b&gt;')
  })
})

describe('arms of a template', () => {
  const action = (subject: MessageAction['subject']): MessageAction => ({
    kind: 'message',
    channel: 'email',
    template: 'a',
    content: '1',
    templates: {
      experiment: 'copy',
      arms: [
        { name: 'short', template: 'a', content: '1' },
        { name: 'long', template: 'b', content: '2' },
      ],
    },
    ...(subject === undefined ? {} : { subject }),
  })
  const arms = (...names: string[]) => names.map((name) => ({ name, text: name }))

  it('are bodies of their own, each with every subject', () => {
    expect(
      bodiesOf(action({ experiment: 'words', arms: arms('x', 'y') })).map(({ arm, subjects }) => [arm, subjects]),
    ).toEqual([
      ['short', ['x', 'y']],
      ['long', ['x', 'y']],
    ])
  })

  it('go with the subject of the same name where both are one experiment', () => {
    expect(
      bodiesOf(action({ experiment: 'copy', arms: arms('short', 'long') })).map(({ subjects }) => subjects),
    ).toEqual([['short'], ['long']])
  })

  it('are shown one below the other', async () => {
    const live = withTemplateArms(workspace.live)
    const other = previewOf(live)
    const { text } = await get(other, '/journeys/welcome/hello')
    expect(text).toMatch(
      /Arm <span class="chip">one<\/span> welcome\/hello[^]*Arm <span class="chip">two<\/span> cart\/reminder/,
    )
    const frame = await get(other, '/mail/welcome/hello?arm=two&scheme=light')
    expect(frame.text).toContain('right where you left it')
    await other.close()
  })
})

/** The welcome with the cart's reminder as a second arm, whatever the language calls it. */
function withTemplateArms(live: LiveWorkspace): LiveWorkspace {
  const snapshot = live.current()
  const contentOf = (id: string): string => {
    const [step] = snapshot.journeys.find(({ journey }) => journey.id === id)?.journey.steps ?? []
    if (step?.action.kind !== 'message') throw new Error(`${id} has no message`)
    return step.action.content
  }
  const second = contentOf('cart-recovery')
  const first = contentOf('welcome')
  const changed = (journey: CompiledJourney): CompiledJourney => ({
    ...journey,
    steps: journey.steps.map((step) =>
      step.id !== 'hello' || step.action.kind !== 'message'
        ? step
        : {
            ...step,
            action: {
              ...step.action,
              templates: {
                experiment: 'greeting',
                arms: [
                  { name: 'one', template: 'welcome/hello', content: first },
                  { name: 'two', template: 'cart/reminder', content: second },
                ],
              },
            },
          },
    ),
  })
  // The reminder shows a cart, which a newsletter's sign-up has not: the cart's own entry makes one up.
  const enter = snapshot.journeys.find(({ journey }) => journey.id === 'cart-recovery')?.journey.enter
  const other: Snapshot = {
    ...snapshot,
    journeys: snapshot.journeys.map((shown) =>
      shown.journey.id === 'welcome' && enter !== undefined
        ? { ...shown, journey: { ...changed(shown.journey), enter } }
        : shown,
    ),
  }
  return { ...live, current: () => other }
}

describe('the server', () => {
  it('lets in its own style, script and frames, and nothing from elsewhere', async () => {
    const { policy } = await get(app, '/')
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[\w+/=]+'; script-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    )
  })

  it.each(['evil.example', '127.0.0.1.evil.example', '192.0.2.1:4410'])(
    'answers nobody who calls it %s: another site may bind its name to this machine',
    async (host) => {
      const answer = await app.inject({ url: '/', headers: { host } })
      expect([answer.statusCode, answer.payload.includes('cart-recovery')]).toEqual([421, false])
    },
  )

  it.each(['/journeys/cart-recovery/nothing', '/journeys/nothing/hello', '/nothing', '/journeys/__proto__/hello'])(
    'says at %s that there is no such message',
    async (url) => {
      const { status, text } = await get(app, url)
      expect([status, text.includes('There is no such message')]).toEqual([404, true])
    },
  )

  it.each(['/mail/welcome/hello-text', '/mail/welcome/hello?branch=fallback', '/mail/welcome/hello?arm=nothing'])(
    'has no email to frame at %s',
    async (url) => {
      expect((await get(app, url)).status).toBe(404)
    },
  )
})
