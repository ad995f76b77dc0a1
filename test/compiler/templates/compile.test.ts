import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compileTemplate } from '../../../src/compiler/templates/compile.ts'
import type { TemplateProblem } from '../../../src/compiler/templates/compile.ts'

const compile = (path: string, text: string, files: Readonly<Record<string, string>> = {}) =>
  compileTemplate({ path, text }, (name) => files[name])

async function only(
  path: string,
  text: string,
  files: Readonly<Record<string, string>> = {},
): Promise<TemplateProblem> {
  const { content, problems } = await compile(path, text, files)
  const [problem] = problems
  if (problem === undefined || problems.length !== 1 || content !== undefined) throw new Error(JSON.stringify(problems))
  return problem
}

async function email(path: string, text: string, files: Readonly<Record<string, string>> = {}) {
  const { content, problems } = await compile(path, text, files)
  expect(problems).toEqual([])
  if (content?.kind !== 'email') throw new Error('not an email')
  return content
}

const page = (inner: string) =>
  `<mjml><mj-body><mj-section><mj-column>${inner}</mj-column></mj-section></mj-body></mjml>`

describe('MJML', () => {
  it('becomes HTML in which the Liquid is untouched', async () => {
    const { html, reads } = await email(
      'a.mjml',
      page(
        `<mj-text>{% if trigger.cart.total < 50 %}Hi {{ contact.first_name | default: "there" }}{% endif %}</mj-text>
         <mj-button href="{{ trigger.cart.url }}">Go</mj-button>`,
      ),
    )
    expect(html).toContain('{% if trigger.cart.total < 50 %}Hi {{ contact.first_name | default: "there" }}{% endif %}')
    expect(html).toContain('href="{{ trigger.cart.url }}"')
    expect(html).not.toContain('<mj-')
    expect(reads).toEqual(['contact.first_name', 'trigger.cart.total', 'trigger.cart.url'])
  })

  it('links no web font and loads nothing', async () => {
    const { html } = await email('a.mjml', page('<mj-text font-family="Ubuntu, Roboto">Hello</mj-text>'))
    expect(html).not.toMatch(/fonts\.googleapis|@import|<link/)
  })

  it('names the line of a misspelt element, front matter included', async () => {
    const text = `---\nsubject: Hi\n---\n<mjml>\n<mj-body>\n<mj-section><mj-column><mj-txt>x</mj-txt></mj-column></mj-section>\n</mj-body></mjml>`
    expect(await only('a.mjml', text)).toMatchObject({ code: 'SEG353', line: 6 })
  })

  it('finds what is not closed, which MJML closes by itself somewhere', async () => {
    expect(
      await only(
        'a.mjml',
        '<mjml>\n<mj-body>\n<mj-section><mj-column><mj-text>Hello</mj-text></mj-column>\n</mj-body></mjml>',
      ),
    ).toMatchObject({
      code: 'SEG353',
      line: 3,
      message: '<mj-section> is not closed',
    })
    expect((await only('a.mjml', 'no markup at all')).code).toBe('SEG353')
  })

  it('finds Liquid that MJML would drop without a word', async () => {
    const text =
      '<mjml><mj-body>\n<mj-section>{% if contact.vip %}<mj-column><mj-text>x</mj-text></mj-column>{% endif %}</mj-section></mj-body></mjml>'
    const { problems } = await compile('a.mjml', text)
    expect(problems.map(({ code, line }) => ({ code, line }))).toEqual([
      { code: 'SEG355', line: 2 },
      { code: 'SEG355', line: 2 },
    ])
    expect(problems[0]?.message).toContain('{% if contact.vip %}')
  })

  it('keeps line numbers behind Liquid of several lines', async () => {
    const text = `<mjml>\n<mj-body><mj-section><mj-column><mj-text>{{ contact.first_name\n | default: "x" }}</mj-text>\n<mj-txt>y</mj-txt></mj-column></mj-section></mj-body></mjml>`
    expect(await only('a.mjml', text)).toMatchObject({ code: 'SEG353', line: 4 })
  })

  it('includes files by their path within the messages folder, and never from outside', async () => {
    const files = {
      'partials/foot.mjml': '<mj-section><mj-column>\n<mj-text>{{ postal_address }}</mj-text></mj-column></mj-section>',
    }
    const text = (path: string) => `<mjml><mj-body>\n<mj-include path="${path}" />\n</mj-body></mjml>`
    expect((await email('cart/a.mjml', text('../partials/foot.mjml'), files)).reads).toEqual(['postal_address'])
    expect(await only('cart/a.mjml', text('foot.mjml'), files)).toMatchObject({
      code: 'SEG354',
      line: 2,
      column: 1,
      message: 'there is no file "cart/foot.mjml" to include',
    })
    expect((await only('cart/a.mjml', text('../../../etc/passwd'), files)).code).toBe('SEG354')
    const loop = { 'x.mjml': '<mj-include path="x.mjml" />' }
    expect((await only('a.mjml', text('x.mjml'), loop)).message).toBe('files include each other too deeply')
  })

  it('warns of an email that Gmail would clip, and compiles it', async () => {
    const { content, problems } = await compile('a.mjml', page(`<mj-text>${'word '.repeat(22_000)}</mj-text>`))
    expect(content?.kind).toBe('email')
    expect(problems.map((problem) => problem.code)).toEqual(['SEG358'])
  })

  it('puts the preheader first and out of sight, and not into the text', async () => {
    const { html, text, preheader } = await email(
      'a.mjml',
      `---\npreheader: "Saved for {{ contact.first_name }}"\n---\n${page('<mj-text>Body</mj-text>')}`,
    )
    expect(preheader).toBe('Saved for {{ contact.first_name }}')
    expect(html).toMatch(/<body[^>]*>\s*<div style="display:none[^>]*>Saved for \{\{ contact\.first_name \}\}<\/div>/)
    expect(text).toBe('Body')
  })
})

describe('Markdown', () => {
  it('comes in a layout with brand, postal address and unsubscribe link', async () => {
    const { html, text, reads, subject } = await email('a.md', '---\nsubject: Hello\n---\n# Hi\n\nSome *text*.\n')
    expect(subject).toBe('Hello')
    expect(reads).toEqual(['brand', 'postal_address', 'preferences_url', 'unsubscribe_url'])
    expect(html).toMatch(/<h1[^>]*>Hi<\/h1>/)
    expect(html).toContain('prefers-color-scheme: dark')
    expect(html).toContain('href="{{ unsubscribe_url }}"')
    expect(text).toBe(
      '{{ brand }}\n\nHi\n\nSome text.\n\n{{ brand }} · {{ postal_address }}\nUnsubscribe {{ unsubscribe_url }} · Choose what you get {{ preferences_url }}',
    )
  })

  it('does not take Liquid for Markdown', async () => {
    const { html } = await email(
      'a.md',
      'A_{{ trigger.a_b_c }}_b and [a link]({{ trigger.url }}) & {{ contact.x | default: "<b>*no*</b>" }}',
    )
    expect(html).toContain('A_{{ trigger.a_b_c }}_b and <a href="{{ trigger.url }}"')
    expect(html).toContain('&amp; {{ contact.x | default: "<b>*no*</b>" }}')
  })

  it('keeps tags on lines of their own out of paragraphs and list items', async () => {
    const { html } = await email('a.md', '{% for item in trigger.items %}\n- {{ item.name }}\n{% endfor %}\n')
    expect(html).toMatch(
      /\{% for item in trigger\.items %\}\s*<ul[^>]*>\s*<li[^>]*>\{\{ item\.name \}\}<\/li>\s*<\/ul>\s*\{% endfor %\}/,
    )
  })

  it('makes a button of a bold link that stands alone', async () => {
    const { html } = await email('a.md', '**[Go](https://shop.example.com/?a=1&b=2)**')
    expect(html).toMatch(/<p class="button"[^>]*><a href="https:\/\/shop\.example\.com\/\?a=1&amp;b=2"/)
  })
})

describe('text messages', () => {
  it('are the file without its outer white space', async () => {
    expect(await compile('cart/code.sms.txt', '{{ brand }}: {{ offer.code }}. Reply STOP to opt out\n')).toEqual({
      content: {
        kind: 'sms',
        body: '{{ brand }}: {{ offer.code }}. Reply STOP to opt out',
        reads: ['brand', 'offer.code'],
      },
      problems: [],
    })
  })

  it('have no subject', async () => {
    expect(await only('a.sms.txt', '---\nsubject: x\n---\nHi')).toMatchObject({ code: 'SEG351', line: 2 })
  })
})

describe('Liquid', () => {
  it.each([
    ['Hi {{ contact.first_name | upcse }}', 'SEG357', 1, 'messages have no filter "upcse"; did you mean "upcase"?'],
    ['Hi\n  {% include "secrets" %}', 'SEG357', 2, 'messages have no tag "include"'],
    ['{{ contact.first_name | raw }}', 'SEG357', 1, 'messages have no filter "raw"'],
    ['{% raw %}{{ x }}{% endraw %}', 'SEG357', 1, 'messages have no tag "raw"'],
    ['Hi\n{{ contact.first_name', 'SEG352', 2, 'output "{{ contact.first_name" not closed'],
    ['{% if contact.vip %}Hi', 'SEG352', 1, 'tag {% if contact.vip %} not closed'],
    ['Hi {% endif %}', 'SEG352', 1, '{% endif %} closes nothing'],
    ['Hi {{ contcat.first_name }}', 'SEG356', 1, 'messages have no "contcat"; did you mean "contact"?'],
    ['Code {{ offer.cod }}', 'SEG356', 1, 'an offer has code, percent, amount, valid_until, not "cod"'],
    [
      '{{ event.x }}',
      'SEG356',
      1,
      'messages have no "event"; they have contact, trigger, offer, brand, postal_address, unsubscribe_url, preferences_url',
    ],
  ])('%s', async (text, code, line, message) => {
    expect(await only('a.sms.txt', text)).toMatchObject({ code, line, message })
  })

  it('is found where it stands: column and end of a wrong variable', async () => {
    expect(await only('a.sms.txt', 'Hi {{ contcat.first_name }}')).toMatchObject({ column: 7, endColumn: 25 })
  })

  it('is checked in the front matter too', async () => {
    expect(await only('a.md', '---\nsubject: "Hi {{ contcat.name }}"\n---\nBody')).toMatchObject({
      code: 'SEG356',
      line: 2,
      column: 17,
    })
  })

  it('follows loops to the fields of the elements', async () => {
    const body =
      '{% for item in trigger.cart.items %}{% for tag in item.tags %}{{ tag.name }}{{ item.price }}{% endfor %}{% endfor %}'
    const { content } = await compile('a.sms.txt', body)
    expect(content?.reads).toEqual([
      'trigger.cart.items',
      'trigger.cart.items[].price',
      'trigger.cart.items[].tags',
      'trigger.cart.items[].tags[].name',
    ])
  })
})

describe('links', () => {
  it.each(['#top', '/basket', 'www.example.com', 'javascript:alert(1)', 'http:///x'])(
    'to %s lead nowhere',
    async (target) => {
      const text = `---\nsubject: x\n---\nHello\n\n[go](${target})\n`
      expect(await only('a.md', text)).toMatchObject({ code: 'SEG360', line: 6, column: 6 })
    },
  )

  it('are web addresses, mail, telephone, or filled in later', async () => {
    await email(
      'a.md',
      '[a](https://example.com) [b](mailto:help@example.com) [c](tel:+12025550100) [d]({{ trigger.url }})',
    )
  })

  it('of pictures are web addresses', async () => {
    expect(
      (await only('a.mjml', page('<mj-image alt="" src="data:image/png;base64,xx" /><mj-text>x</mj-text>'))).code,
    ).toBe('SEG360')
  })
})

describe('front matter', () => {
  it.each([
    ['subjct: x', 'unknown key "subjct"; did you mean "subject"?'],
    ['subject: 12', '"subject" must be text; put it in quotes'],
    ['subject: {{ brand }}', '"subject" must be text; put it in quotes'],
    ['subject: a: b', 'the front matter is not valid YAML; text with ": " or "{{" at its beginning needs quotes'],
    ['- x', 'the front matter must be keys and values'],
  ])('%s', async (yaml, message) => {
    expect(await only('a.md', `---\n${yaml}\n---\nBody`)).toMatchObject({ code: 'SEG351', line: 2, message })
  })

  it('may bring its own text part', async () => {
    const { text } = await email('a.md', '---\nsubject: x\ntext: |\n  Hi {{ contact.first_name }}\n---\n# Loud\n')
    expect(text).toBe('Hi {{ contact.first_name }}')
  })

  it('is optional, and a Windows line ending changes nothing', async () => {
    const unix = await email('a.md', '---\nsubject: x\n---\nBody\n')
    expect(await email('a.md', '---\r\nsubject: x\r\n---\r\nBody\r\n')).toEqual(unix)
    expect((await email('a.md', 'Body\n')).subject).toBe('')
  })
})

describe('files', () => {
  it('of no known kind, or without a message, are refused', async () => {
    expect((await only('a.html', '<p>x</p>')).code).toBe('SEG359')
    expect((await only('a.md', '---\nsubject: x\n---\n\n')).code).toBe('SEG359')
    expect((await only('a.mjml', page('<mj-spacer />'))).code).toBe('SEG359')
  })
})

describe('the templates that ship', () => {
  const root = new URL('../../../journeys/', import.meta.url)
  const read = (path: string) =>
    existsSync(new URL(path, root)) ? readFileSync(new URL(path, root), 'utf8') : undefined

  it.each([
    'cart/reminder.mjml',
    'cart/code.mjml',
    'cart/last-email.mjml',
    'cart/code.sms.txt',
    'welcome/hello.md',
    'welcome/sms.sms.txt',
  ])('%s compiles without a finding', async (name) => {
    const path = `messages/${name}`
    const { content, problems } = await compileTemplate({ path, text: read(path) ?? '' }, read)
    expect(problems).toEqual([])
    if (content?.kind === 'email') {
      expect(content.reads).toEqual(expect.arrayContaining(['brand', 'postal_address', 'unsubscribe_url']))
      expect(content.html).not.toMatch(/<img|url\(|fonts\.g/)
    } else expect(content?.body).toMatch(/^.*\{\{ brand \}\}.*\bSTOP\b/)
  })
})
