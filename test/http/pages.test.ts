import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { html } from '../../src/http/pages/html.ts'
import { renderDocument } from '../../src/http/pages/page.ts'
import { PAGE_STYLE, PAGE_STYLE_HASH } from '../../src/http/pages/style.ts'
import { ENGLISH } from '../../src/http/pages/words/english.ts'
import { SPANISH } from '../../src/http/pages/words/spanish.ts'

describe('the HTML of pages', () => {
  it('lets no value out of the text or the attribute that it stands in', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const { text } = html`<a title="${value}">${value}</a>`
        expect(text).toMatch(/^<a title="[^"<>']*">[^<>]*<\/a>$/)
      }),
    )
  })

  it('escapes once: a part of a part stays what it was', () => {
    expect(html`<p>${[html`<b>${'a & b'}</b>`, ' <c>', 7, undefined, false]}</p>`.text).toBe(
      '<p><b>a &amp; b</b> &lt;c&gt;7</p>',
    )
  })

  it('holds exactly the style whose hash the policy lets in', () => {
    const page = renderDocument({ title: 'A', body: html`<p>b</p>` })
    expect(page).toContain(`<style>${PAGE_STYLE}</style>`)
    expect(page).not.toMatch(/<script|<img|<link| style=|\son\w+=/)
    expect(PAGE_STYLE_HASH).toMatch(/^'sha256-[\w+/]+=*'$/)
    expect(PAGE_STYLE).not.toContain('</')
  })
})

it('says everything in every language, and nothing twice', () => {
  const said = (value: unknown): readonly string[] => {
    if (typeof value === 'string') return [value]
    return typeof value === 'object' && value !== null ? Object.values(value).flatMap(said) : []
  }
  const [english, spanish] = [said(ENGLISH), said(SPANISH)]
  expect(spanish).toHaveLength(english.length)
  expect(english.filter((words) => spanish.includes(words))).toEqual([])
  expect([...english, ...spanish].filter((words) => words.trim() === '')).toEqual([])
})
