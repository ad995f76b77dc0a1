import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Content } from '../../../src/core/content.ts'
import { OPT_OUT_WORDING } from '../../../src/delivery/rendering/opt-out-wording.ts'
import { render } from '../../../src/delivery/rendering/render.ts'
import { segmentsOf } from '../../../src/delivery/rendering/sms-encoding.ts'
import type { Reservation } from '../../../src/gate/verdict.ts'
import { CONTEXT, EMAIL, email, NOW, POLICY, sms, SMS } from './sample.ts'

function emailOf(content: Content, reservation: Reservation = EMAIL, context = CONTEXT) {
  const result = render(content, reservation, context)
  if (result.kind !== 'rendered' || result.message.channel !== 'email') throw new Error(JSON.stringify(result))
  return result.message
}

function bodyOf(body: string, reservation: Reservation = SMS): string {
  const result = render(sms(body), reservation, CONTEXT)
  if (result.kind !== 'rendered' || result.message.channel !== 'sms') throw new Error(JSON.stringify(result))
  return result.message.body
}

function reasonOf(content: Content, reservation: Reservation): string {
  const result = render(content, reservation, CONTEXT)
  return result.kind === 'unrenderable' ? result.reason : 'rendered'
}

const withName = (reservation: Reservation, first_name: unknown): Reservation => ({
  ...reservation,
  traits: { first_name },
})
const untracked = { ...CONTEXT, links: (url: string) => url }

describe('holes', () => {
  it.each([undefined, null, '', '   '])(
    'a name that is %j makes "Hi {{ contact.first_name }}" unrenderable',
    (name) => {
      expect(reasonOf(sms('Hi {{ contact.first_name }}, hello'), withName(SMS, name))).toBe(
        'missing contact.first_name',
      )
    },
  )

  it('are filled by default and avoided by if', () => {
    const text = 'Hi {{ contact.first_name | default: "there" }}{% if contact.first_name %} (known){% endif %}. STOP'
    expect(bodyOf(text, withName(SMS, undefined))).toBe('Hi there. STOP')
    expect(bodyOf(text, withName(SMS, ''))).toBe('Hi there. STOP')
    expect(bodyOf(text, withName(SMS, 'Ada'))).toBe('Hi Ada (known). STOP')
  })

  it('are found in subject, HTML and text alike, also inside of loops', () => {
    expect(reasonOf(email('x', { subject: '{{ contact.nick }}' }), EMAIL)).toBe('missing contact.nick')
    expect(reasonOf(email('<p>{{ trigger.cart.nope }}</p>'), EMAIL)).toBe('missing trigger.cart.nope')
    expect(reasonOf(email('x', { text: '{% for i in trigger.cart.items %}{{ i.quantity }}{% endfor %}' }), EMAIL)).toBe(
      'missing i.quantity',
    )
  })

  it('a list or an object is no text', () => {
    expect(reasonOf(sms('{{ trigger.cart.items }}'), SMS)).toBe('the template cannot be filled')
    expect(reasonOf(sms('{{ trigger.cart }}'), SMS)).toBe('the template cannot be filled')
  })

  it('a step without an offer cannot fill a code', () => {
    const { offer: _offer, ...reservation } = SMS
    expect(reasonOf(sms('{{ offer.code }}'), reservation)).toBe('missing offer')
  })

  it('the reason names no value', () => {
    const secret = { ...SMS, traits: { first_name: 'Ada', born: 'secret' } }
    expect(reasonOf(sms('{{ contact.born | date: "%Y" }}'), secret)).toBe('the template cannot be filled')
    expect(reasonOf(sms('{{ 3 | money: contact.born }}'), secret)).toBe('the template cannot be filled')
  })
})

describe('what a value can do', () => {
  const evil = `<script>alert("x")</script>'&{{ brand }}`

  it('is not to write HTML', () => {
    const { html } = emailOf(
      email('<p title="{{ contact.first_name }}">{{ contact.first_name | append: "<b>" }}</p>'),
      withName(EMAIL, evil),
    )
    expect(html).not.toMatch(/<script|<b>/)
    expect(html).toContain('title="&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;{ brand }}"')
  })

  it('is not to add a header', () => {
    const reservation = { ...EMAIL, trigger: { name: 'Ada\r\nBcc: eve@example.org\u2028x' } }
    const { subject } = emailOf(email('x', { subject: 'Hi {{ trigger.name }}' }), reservation)
    expect(subject).toBe('Hi Ada Bcc: eve@example.org x')
  })

  it('is not to turn text around or to hide in it', () => {
    expect(bodyOf('{{ contact.first_name }}. STOP', withName(SMS, 'A\u202Ed\u0000a\u2066'))).toBe('Ada. STOP')
  })

  it('is not to advertise: a name with an address in it is no name', () => {
    for (const name of ['Win at https://evil.example', 'www.evil.example', 'cheap-pills.com', 'x'.repeat(100)]) {
      expect(bodyOf('Hi {{ contact.first_name | default: "there" }}. STOP', withName(SMS, name))).toBe('Hi there. STOP')
    }
  })

  it.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'java\tscript:alert(1)',
    '/relative',
    'vbscript:x',
  ])('is not to be a link to %s', (url) => {
    const reservation = { ...EMAIL, trigger: { url } }
    expect(reasonOf(email('<a href="{{ trigger.url }}">x</a>'), reservation)).toBe(
      'a link or picture has no web address',
    )
  })

  it('is not to be a picture from elsewhere than the web', () => {
    expect(reasonOf(email('<img src="{{ trigger.url }}">'), { ...EMAIL, trigger: { url: 'file:///etc/passwd' } })).toBe(
      'a link or picture has no web address',
    )
  })
})

describe('links', () => {
  it('get the policy parameters, keep their own, and are tracked', () => {
    const { html } = emailOf(email('<a href="{{ trigger.cart.url }}">x</a>'), EMAIL, untracked)
    expect(html).toBe(
      '<a href="https://shop.example.com/basket?id=c-1&amp;utm_source=own&amp;utm_medium=email&amp;utm_campaign=cart-recovery">x</a>',
    )
  })

  it('keep the rest of the address byte for byte', () => {
    const { html } = emailOf(
      email("<a class=b href='https://shop.example.com/a%20b?q=x%20y#top'>x</a>"),
      EMAIL,
      untracked,
    )
    expect(html).toBe(
      '<a class=b href="https://shop.example.com/a%20b?q=x%20y&amp;utm_source=segue&amp;utm_medium=email&amp;utm_campaign=cart-recovery#top">x</a>',
    )
  })

  it('of the same target are one tracked link, asked for once, in HTML and text', () => {
    const seen: string[] = []
    const context = {
      ...CONTEXT,
      links: (url: string, index: number) => (
        seen.push(`${index} ${url.split('?')[0]}`),
        `https://go.example.com/l/${index}`
      ),
    }
    const message = emailOf(
      email('<a href="https://a.example.com/">a</a><a href="https://b.example.com/">b</a>', {
        text: 'b: https://b.example.com/.',
      }),
      EMAIL,
      context,
    )
    expect(seen).toEqual(['0 https://a.example.com/', '1 https://b.example.com/'])
    expect(message.text).toBe('b: https://go.example.com/l/1.')
  })

  it('to unsubscribe, to write or to call are left alone', () => {
    const html =
      '<a href="{{ unsubscribe_url }}">u</a><a href="mailto:help@example.com">m</a><a href="tel:+12025550100">t</a>'
    expect(emailOf(email(html)).html).toBe(html.replace('{{ unsubscribe_url }}', CONTEXT.unsubscribeUrl))
    expect(emailOf(email('x', { text: 'Stop: {{ unsubscribe_url }}' })).text).toBe(`Stop: ${CONTEXT.unsubscribeUrl}`)
  })

  it('in a text message are rewritten without the punctuation behind them', () => {
    const plain = { ...SMS, policy: { ...POLICY, utm: {} } }
    const body = render(sms('See (https://shop.example.com/a), or https://shop.example.com/b_(c). STOP'), plain, {
      ...CONTEXT,
      links: (_url, index) => `L${index}`,
    })
    expect(body).toMatchObject({ message: { body: 'See (L0), or L1. STOP' } })
  })

  it('a wrong parameter of the policy makes the message unrenderable', () => {
    expect(reasonOf(sms('x'), { ...SMS, policy: { ...POLICY, utm: { utm_term: '{{ nope }}' } } })).toBe('missing nope')
  })
})

describe('subject', () => {
  const experiment = {
    experiment: 'cart-subject',
    arms: [
      { name: 'plain', text: 'Plain' },
      { name: 'personal', text: 'For {{ contact.first_name }}' },
    ],
  }

  it("is the contact's arm", () => {
    const reservation: Reservation = { ...EMAIL, action: { ...EMAIL.action, subject: experiment }, arm: 'personal' }
    expect(emailOf(email('x'), reservation).subject).toBe('For Ada')
  })

  it('is never guessed when the arm is unknown', () => {
    const reservation: Reservation = { ...EMAIL, action: { ...EMAIL.action, subject: experiment }, arm: 'gone' }
    expect(reasonOf(email('x'), reservation)).toBe('the subject has no arm for this contact')
  })

  it("is the step's own before the template's, and never empty", () => {
    expect(emailOf(email('x'), { ...EMAIL, action: { ...EMAIL.action, subject: 'Own' } }).subject).toBe('Own')
    expect(emailOf(email('x')).subject).toBe('Hello')
    expect(reasonOf(email('x', { subject: ' ' }), EMAIL)).toBe('the subject is empty')
  })

  it('is not HTML', () => {
    expect(
      emailOf(email('x', { subject: '{{ contact.first_name }} & you' }), withName(EMAIL, "O'Neil <3")).subject,
    ).toBe("O'Neil <3 & you")
  })
})

describe('unsubscribing from email', () => {
  it('is in both headers of RFC 8058, with one address', () => {
    expect(emailOf(email('x')).headers).toMatchObject({
      'List-Unsubscribe': '<https://go.example.com/u/token>',
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    })
  })

  it('is not offered for a transactional message', () => {
    expect(emailOf(email('x', { reads: [] }), { ...EMAIL, class: 'transactional' }).headers).toEqual({})
  })

  it('is offered in marketing that may leave at any hour', () => {
    const { windowClosesAt: _windowClosesAt, ...atAnyHour } = EMAIL
    expect(emailOf(email('x'), atAnyHour).headers).toHaveProperty('List-Unsubscribe')
  })

  it('comes with a Feedback-ID of four fields that names no person, and the same sender in all mail of a domain', () => {
    const idOf = (more: Partial<Reservation>) => emailOf(email('x'), { ...EMAIL, ...more }).headers['Feedback-ID']
    expect(idOf({})).toMatch(/^journey-cart-recovery:purpose-cart-reminders:cart-recovery\.first-email:[0-9a-f]{12}$/)
    const sender = { channel: 'email', provider: 'sendgrid', email: 'Team@MAIL.example.com' } as const
    expect(idOf({ step: 'last-email', sender })).toBe(idOf({})?.replace('first-email', 'last-email'))
    expect(idOf({ class: 'transactional' })).toBeUndefined()
  })

  it('a marketing email without its link and postal address is not sent', () => {
    expect(reasonOf(email('x', { reads: ['postal_address'] }), EMAIL)).toBe(
      'a marketing email needs its unsubscribe link and postal address',
    )
    expect(reasonOf(email('x', { reads: ['unsubscribe_url'] }), EMAIL)).toBe(
      'a marketing email needs its unsubscribe link and postal address',
    )
  })
})

describe('text messages', () => {
  it('say how to opt out, once', () => {
    expect(bodyOf('Hello')).toBe(`Hello. ${OPT_OUT_WORDING}`)
    expect(bodyOf('Hello!')).toBe(`Hello! ${OPT_OUT_WORDING}`)
    expect(bodyOf('Hello. Text STOP to end')).toBe('Hello. Text STOP to end')
    expect(bodyOf('Stop by our shop')).toBe(`Stop by our shop. ${OPT_OUT_WORDING}`)
  })

  it('leave the wording out where one before said it lately enough', () => {
    expect(bodyOf('Hello', { ...SMS, optOutDue: false })).toBe('Hello')
    expect(bodyOf('Hello. Text STOP to end', { ...SMS, optOutDue: false })).toBe('Hello. Text STOP to end')
  })

  it("leave from the number of the recipient's country", () => {
    const sender = { ...SMS.sender, numbers: { CA: '+16475550123', GB: '+447700900123' } }
    const from = (address: string) => render(sms('x'), { ...SMS, sender, address }, CONTEXT)
    expect(from('+14165550100')).toMatchObject({ message: { from: '+16475550123' } })
    expect(from('+447700900100')).toMatchObject({ message: { from: '+447700900123' } })
    expect(from('+12025550100')).toMatchObject({ message: { from: '+12025550123' } })
  })

  it('carry their pictures to where carriers take them, and go alone elsewhere', () => {
    const media = ['https://shop.example.com/mug.jpg']
    const withMedia = (address: string) =>
      render(sms('x'), { ...SMS, address, action: { ...SMS.action, media } }, CONTEXT)
    expect(withMedia('+12025550100')).toMatchObject({ message: { mediaUrls: media } })
    expect(withMedia('+14165550100')).toMatchObject({ message: { mediaUrls: media } })
    expect(withMedia('+447700900100')).not.toHaveProperty('message.mediaUrls')
    expect(render(sms('x'), SMS, CONTEXT)).not.toHaveProperty('message.mediaUrls')
  })

  it('never hide the opt-out in a link', () => {
    expect(bodyOf('Look: https://shop.example.com/x', { ...SMS, policy: { ...POLICY, utm: {} } })).toMatch(
      /%2Fx Reply STOP to opt out$/,
    )
  })

  it('die at the carrier when the send window closes', () => {
    const validity = (windowClosesAt: number) => render(sms('x'), { ...SMS, windowClosesAt }, CONTEXT)
    expect(validity(NOW + 90_500)).toMatchObject({ message: { validitySeconds: 90 } })
    expect(validity(NOW + 86_400_000)).toMatchObject({ message: { validitySeconds: 36_000 } })
    expect(validity(NOW + 10)).toMatchObject({ message: { validitySeconds: 1 } })
    const { windowClosesAt: _windowClosesAt, ...transactional } = SMS
    expect(render(sms('x'), transactional, CONTEXT)).not.toHaveProperty('message.validitySeconds')
  })

  it('are written in GSM-7 where only look-alikes stand in the way', () => {
    const body = bodyOf('It’s “yours” – until {{ offer.valid_until }}… STOP')
    expect(body).toBe('It\'s "yours" - until Fri, Nov 27 at 12:00 PM CST... STOP')
    expect(segmentsOf(body).encoding).toBe('GSM-7')
  })

  it('have no unsubscribe address', () => {
    expect(reasonOf(sms('{{ unsubscribe_url }}'), SMS)).toBe('missing unsubscribe_url')
  })
})

describe('instants', () => {
  it("are in the contact's zone, or in the workspace's when the contact's is none", () => {
    const until = (timezone: unknown) => bodyOf('{{ offer.valid_until }}. STOP', { ...SMS, traits: { timezone } })
    expect(until('America/Chicago')).toBe('Fri, Nov 27 at 12:00 PM CST. STOP')
    expect(until('Mars/Olympus')).toBe('Fri, Nov 27 at 1:00 PM EST. STOP')
    expect(until(7)).toBe('Fri, Nov 27 at 1:00 PM EST. STOP')
  })

  it('of the data are written by the date filter in the same zone', () => {
    const reservation = { ...SMS, trigger: { starts_at: '2026-11-28T01:30:00Z' } }
    expect(bodyOf('{{ trigger.starts_at | date: "%A %H:%M" }}. STOP', reservation)).toBe('Friday 19:30. STOP')
  })

  it('cannot be "now", which nobody could explain later', () => {
    expect(reasonOf(sms('{{ "now" | date: "%Y" }}'), SMS)).toBe('the template cannot be filled')
  })
})

describe('a sender of another channel', () => {
  it('is refused', () => {
    expect(reasonOf(sms('x'), { ...SMS, sender: EMAIL.sender })).toBe('the sender is for another channel')
    expect(reasonOf(email('x'), { ...EMAIL, sender: SMS.sender })).toBe('the sender is for another channel')
  })
})

describe('properties', () => {
  const value = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom(
      '{{ brand }}',
      '{%',
      '{',
      '}}',
      '<a href="x">',
      '"',
      "' onload='x",
      '&amp;',
      '\r\nX: y',
      'https://x.example.com',
    ),
    fc.jsonValue(),
  )
  const content = email(
    '<p id="{{ contact.first_name | default: "x" }}">{{ trigger.a | default: "y" }}</p><a href="{{ trigger.url | default: "https://d.example.com" }}">z</a>',
    {
      subject: 'S {{ contact.first_name | default: "x" }}{{ trigger.a | default: "y" }}',
      text: '{{ contact.first_name | default: "x" }}{{ trigger.a | default: "y" }}',
    },
  )

  it('whatever the data: nothing throws, no Liquid is left, no tag is added, the subject is one line', () => {
    fc.assert(
      fc.property(value, value, value, (first_name, a, url) => {
        const result = render(content, { ...EMAIL, traits: { first_name }, trigger: { a, url } }, CONTEXT)
        if (result.kind === 'unrenderable') return
        if (result.message.channel !== 'email') throw new Error('channel')
        const { html, text, subject } = result.message
        for (const part of [html, text, subject]) expect(part).not.toMatch(/\{[{%]/)
        expect(html.match(/<[^>]*>/g)?.map((tag) => tag.match(/^<\/?\w+/)?.[0])).toEqual(['<p', '</p', '<a', '</a'])
        expect(html).toMatch(
          /^<p id="[^"<>]*">[^<]*<\/p><a href="https:\/\/go\.example\.com\/l\/0\?to=[^"<>]*">z<\/a>$/,
        )
        expect(subject).not.toMatch(/\p{Cc}/u)
        expect(subject).not.toBe('')
      }),
      { numRuns: 500 },
    )
  })

  it('equal arguments give equal bytes', () => {
    fc.assert(
      fc.property(value, value, (first_name, a) => {
        const reservation = { ...EMAIL, traits: { first_name }, trigger: { a } }
        expect(render(content, reservation, CONTEXT)).toEqual(render(content, reservation, CONTEXT))
      }),
      { numRuns: 50 },
    )
  })
})
