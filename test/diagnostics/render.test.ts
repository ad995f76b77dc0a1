import { describe, expect, it } from 'vitest'
import { compareDiagnostics, type Diagnostic } from '../../src/diagnostics/diagnostic.ts'
import { renderJson } from '../../src/diagnostics/render-json.ts'
import { renderText } from '../../src/diagnostics/render-text.ts'
import { report } from '../../src/diagnostics/report.ts'
import { SourceText } from '../../src/diagnostics/source-text.ts'

const source = new SourceText('a.yaml', 'first: 1\n\tsecond: two\nthird: \u001b[31mred\n')

function finding(start: number, end: number, help?: string): Diagnostic {
  return report(source, 'SEG201', { message: 'unknown key "second" in the journey', at: { start, end }, help })
}

function text(diagnostics: readonly Diagnostic[], color = false): string {
  return renderText(diagnostics, () => source, { color })
}

describe('the text for people', () => {
  it('shows the line, marks the range, and says beside it what to do', () => {
    expect(text([finding(10, 16, 'did you mean "sceond"?')])).toBe(
      [
        'error[SEG201] unknown key "second" in the journey',
        '  --> a.yaml:2:2',
        '   |',
        ' 2 | \tsecond: two',
        '   | \t^^^^^^ did you mean "sceond"?',
        '',
        '1 error',
        '',
      ].join('\n'),
    )
  })

  it('marks one column where the range is empty, and the first line of a range over several', () => {
    expect(text([finding(0, 0)])).toContain('\n   | ^\n')
    expect(text([finding(0, 20)])).toContain('\n   | ^^^^^^^^\n')
  })

  it('shows 20 findings and counts all of them', () => {
    const rendered = text(Array.from({ length: 32 }, () => finding(0, 5)))
    expect(rendered.match(/error\[SEG201\]/g)).toHaveLength(20)
    expect(rendered.endsWith('\nand 12 more\n\n32 errors\n')).toBe(true)
  })

  it('is empty for no findings', () => {
    expect(text([])).toBe('')
  })

  it('has colours only when asked', () => {
    expect(text([finding(0, 5)])).not.toContain('\u001b')
    expect(text([finding(0, 5)], true)).toContain('\u001b[31merror[SEG201]')
  })

  it('never passes on control characters of a file to the terminal', () => {
    expect(text([finding(23, 28)])).not.toContain('\u001b')
  })

  it('shows of an endless line the part around the place', () => {
    const long = new SourceText('a.yaml', `${'x'.repeat(5000)}HERE${'y'.repeat(5000)}`)
    const diagnostic = report(long, 'SEG201', { message: 'm', at: { start: 5000, end: 5004 } })
    const [, , , line = '', carets = ''] = renderText([diagnostic], () => long, { color: false }).split('\n')
    expect(line.length).toBeLessThan(260)
    expect(line.slice(carets.indexOf('^'), carets.lastIndexOf('^') + 1)).toBe('HERE')
  })

  it('names the place where the file itself is not at hand', () => {
    const rendered = renderText([finding(0, 5, 'add it')], () => undefined, { color: false })
    expect(rendered).toContain('--> a.yaml:1:1 add it\n')
  })
})

describe('the JSON for machines', () => {
  it('has a format, counts, and every finding with range, path and docs', () => {
    const json: unknown = JSON.parse(renderJson(Array.from({ length: 30 }, () => finding(0, 5))))
    expect(json).toMatchObject({ format: '1.0', counts: { error: 30, warning: 0, info: 0 } })
    expect(json).toHaveProperty('diagnostics.length', 30)
    expect(json).toHaveProperty('diagnostics.0', {
      code: 'SEG201',
      severity: 'error',
      message: 'unknown key "second" in the journey',
      file: 'a.yaml',
      range: { start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 6, offset: 5 } },
      path: '',
      related: [],
      docs: 'docs/diagnostics/SEG201.md',
    })
  })
})

it('findings are ordered by file, then place, then code', () => {
  const other = report(new SourceText('A.yaml', 'x'), 'SEG202', { message: 'm', at: { start: 0, end: 1 } })
  const later = finding(10, 16)
  const earlier = finding(0, 5)
  const sameplace = report(source, 'SEG110', { message: 'm', at: { start: 0, end: 1 } })
  expect([later, earlier, other, sameplace].toSorted(compareDiagnostics)).toEqual([other, sameplace, earlier, later])
})
