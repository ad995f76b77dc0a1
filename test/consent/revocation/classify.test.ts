import { existsSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { classify } from '../../../src/consent/revocation/classify.ts'
import { KEYWORD_SETS } from '../../../src/consent/revocation/keywords.ts'
import { isHeldOut, readSet, score } from './labelled.ts'
import { CORPUS, ordinaryTexts } from './ordinary-texts.ts'

const meaning = (text: string, country?: string) => classify(text, country === undefined ? {} : { country }).meaning

describe('the committed sets', () => {
  const sets = { en: readSet('en'), es: readSet('es') }

  it('hold at least 400 English and 250 Spanish texts, each once', () => {
    expect(sets.en.length).toBeGreaterThanOrEqual(400)
    expect(sets.es.length).toBeGreaterThanOrEqual(250)
    for (const set of [sets.en, sets.es]) expect(new Set(set.map(({ text }) => text)).size).toBe(set.length)
  })

  it.each(['en', 'es'] as const)(
    '%s: of the half that no rule was written against, 98 %% of refusals are found and 97 %% of findings are refusals',
    (language) => {
      const scores = score(sets[language].filter(isHeldOut))
      const revoke = scores.find((one) => one.meaning === 'revoke')
      expect(revoke?.recall).toBeGreaterThanOrEqual(0.98)
      expect(revoke?.precision).toBeGreaterThanOrEqual(0.97)
    },
  )

  it('never read a refusal as a request for messages or for help', () => {
    const answers = [...sets.en, ...sets.es].filter(({ label }) => label === 'revoke').map(({ text }) => meaning(text))
    expect(new Set(answers)).not.toContain('start')
    expect(new Set(answers)).not.toContain('help')
  })

  it.each(['en', 'es'] as const)(
    '%s: doubts are found, so that nobody who may have said no is texted unread',
    (language) => {
      const doubt = score(sets[language]).find((one) => one.meaning === 'ambiguous')
      expect(doubt?.recall).toBeGreaterThanOrEqual(0.95)
    },
  )
})

// Real people's texts, read where they lie. Without the file there is nothing to prove.
test.runIf(existsSync(CORPUS))('of 4,800 ordinary texts of people to people hardly any is taken for a refusal', () => {
  const texts = ordinaryTexts()
  const refusals = texts.filter((text) => meaning(text) === 'revoke')
  expect(texts.length).toBeGreaterThan(4_000)
  expect(refusals.length / texts.length).toBeLessThan(0.004)
})

test('docs/compliance.md shows the figures of the measuring half as they are', () => {
  const page = readFileSync(new URL('../../../docs/compliance.md', import.meta.url), 'utf8')
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
  const measured = (['en', 'es'] as const).flatMap((language) =>
    score(readSet(language).filter(isHeldOut)).map(
      ({ meaning, texts, precision, recall }) =>
        `| ${language === 'en' ? 'English' : 'Spanish'} | ${meaning} | ${texts} | ${percent(precision)} | ${percent(recall)} |`,
    ),
  )
  expect(page.match(/^\| (?:English|Spanish) \|.*$/gm)).toEqual(measured)
})

describe('what a text means', () => {
  test.each([
    ['STOP', 'keyword.stop'],
    ['Stop.', 'keyword.stop'],
    ['ＳＴＯＰ', 'keyword.stop'],
    ['arrêt', 'keyword.arret'],
    ['stpo', 'typo'],
    ['unsubscibe', 'typo'],
    ['🛑', 'picture.stop'],
    ["Don't text me", 'en.do_not_text'],
    ['ya no me manden mensajes', 'es.no_me_escriban'],
    ['wrong number', 'en.wrong_number'],
  ])('"%s" is a refusal by %s', (text, rule) => {
    expect(classify(text)).toMatchObject({ meaning: 'revoke', rule })
  })

  test.each([
    '',
    '👍',
    'yes',
    'cancel my order',
    'when does the sale end',
    'end of the day?',
    'stop by the shop at five',
    'do not stop',
    "please don't forget me",
    'C',
    'I will not stop by today',
    'please',
    'quitting time',
    'unstoppable',
    'shop',
    'no dejen de mandarme ofertas',
    'cancelar mi pedido',
  ])('"%s" is a reply', (text) => {
    expect(meaning(text)).toBe('reply')
  })

  test.each(['no', 'No thanks', 'not interested', 'wtf', 'this is spam', 'no me interesa'])(
    '"%s" needs a person',
    (text) => {
      expect(meaning(text)).toBe('ambiguous')
    },
  )

  test.each([
    ['START', 'start'],
    ['Unstop', 'start'],
    ['HELP', 'help'],
    ['info?', 'help'],
    ['ayuda', 'help'],
  ])('"%s" is a %s', (text, expected) => {
    expect(meaning(text)).toBe(expected)
  })

  it.each(
    KEYWORD_SETS.flatMap(({ countries, revoke, start, help }) =>
      (countries.length === 0 ? ['US', 'DE', 'BR'] : countries).map((country) => ({ country, revoke, start, help })),
    ),
  )('$country: every keyword of its carriers is what they say it is', ({ country, revoke, start, help }) => {
    for (const word of revoke) expect([word, meaning(word.toUpperCase(), country)]).toEqual([word, 'revoke'])
    for (const word of start) expect([word, meaning(word, country)]).toEqual([word, 'start'])
    for (const word of help) expect([word, meaning(word, country)]).toEqual([word, 'help'])
  })

  it('a word that only another country takes for a refusal is none here', () => {
    expect(meaning('fine', 'IT')).toBe('revoke')
    expect(meaning('fine', 'US')).toBe('reply')
    expect(meaning('fine')).toBe('reply')
  })

  it('says how far a refusal goes where the words do', () => {
    expect(classify('STOP ALL').scope).toBe('everything')
    expect(classify('never text me again').scope).toBe('everything')
    expect(classify('stop sending me ads').scope).toBe('marketing')
    expect(classify('stop').scope).toBeUndefined()
  })

  it('says in which language it was understood', () => {
    expect(classify('STOP').language).toBe('en')
    expect(classify('ALTO').language).toBe('es')
    expect(classify('ya no me escriban').language).toBe('es')
    expect(classify('ayuda por favor').language).toBe('es')
  })

  it('says what else somebody should know', () => {
    expect(classify('wrong number').hints).toContain('wrong_number')
    expect(classify('I never signed up for this, stop').hints).toContain('denies_consent')
    expect(classify('stop or my lawyer will sue you').hints).toContain('legal_threat')
    expect(classify('stop emailing me').hints).toContain('email')
  })
})

describe('whatever people write', () => {
  it('a keyword stays one in any case, with any spaces and punctuation around it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('stop', 'unsubscribe', 'cancel', 'end', 'quit', 'revoke', 'opt out', 'stopall'),
        fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
        fc.constantFrom('', ' ', '!', '...', '\n', ' 🙏', '?', '  '),
        (word, upper, after) => {
          const written = Array.from(word, (letter, i) => (upper[i] === true ? letter.toUpperCase() : letter)).join('')
          expect(meaning(`${after}${written}${after}`)).toBe('revoke')
        },
      ),
    )
  })

  it('any text at all gets an answer, in a moment', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 1_700 }), (text) => {
        expect(['revoke', 'start', 'help', 'ambiguous', 'reply']).toContain(meaning(text))
      }),
    )
  })

  // Backtracking grows with the square or worse: were there any, these would not end. Counted in steps of work, not in time.
  it.each(['stop the ', 'no more of these ', 'do not want any more ', 'dont ', 'a', 'no me ', 'deja de '])(
    'a thousand times "%s" ends',
    (part) => {
      expect(meaning(part.repeat(1_000))).toBeTypeOf('string')
    },
  )
})
