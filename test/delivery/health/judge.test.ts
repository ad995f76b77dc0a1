import { describe, expect, test } from 'vitest'
import { DEFAULT_HEALTH, type Figures, judge } from '../../../src/delivery/health/judge.ts'
import { healthReport, reasonInWords } from '../../../src/delivery/health/report.ts'

const figures = (more: Partial<Figures>): Figures => ({
  emails: 0,
  bounced: 0,
  complained: 0,
  texts: 0,
  undelivered: 0,
  ...more,
})

describe('the health of a journey', () => {
  test.each<[string, Partial<Figures>, readonly string[]]>([
    ['nothing was sent', {}, []],
    ['all is well', { emails: 10_000, bounced: 199, complained: 9 }, []],
    ['a warning of complaints', { emails: 1_000, complained: 1 }, ['warn complaints']],
    ['just below a stop', { emails: 1_000, complained: 2 }, ['warn complaints']],
    ['a stop at 0.3 %', { emails: 1_000, complained: 3 }, ['stop complaints']],
    ['one person alone never stops a journey', { emails: 200, complained: 1 }, ['warn complaints']],
    ['two of the fewest do', { emails: 200, complained: 2 }, ['stop complaints']],
    ['too few messages to say', { emails: 199, complained: 50, bounced: 100 }, []],
    ['a warning of bounces', { emails: 1_000, bounced: 20 }, ['warn bounces']],
    ['a stop at 5 %', { emails: 1_000, bounced: 50 }, ['stop bounces']],
    [
      'what bounced cannot be reported',
      { emails: 1_000, bounced: 400, complained: 2 },
      ['stop complaints', 'stop bounces'],
    ],
    ['every email bounced', { emails: 200, bounced: 200 }, ['stop bounces']],
    ['texts that do not arrive never stop a journey', { texts: 200, undelivered: 200 }, ['warn undelivered texts']],
    ['a few texts that do not arrive are usual', { texts: 1_000, undelivered: 49 }, []],
  ])('%s', (_case, more, expected) => {
    const findings = judge(figures(more), DEFAULT_HEALTH)
    expect(findings.map(({ level, what }) => `${level} ${what}`)).toEqual(expected)
  })

  test('is measured by the policy where it names shares', () => {
    const strict = { complaintWarn: 0, complaintStop: 0.002, bounceWarn: 0, bounceStop: 0, leastMessages: 10 }
    expect(judge(figures({ emails: 1_000 }), strict)).toEqual([])
    expect(judge(figures({ emails: 1_000, complained: 2 }), strict)).toMatchObject([{ level: 'stop', limit: 0.002 }])
    expect(judge(figures({ emails: 9, complained: 9 }), strict)).toEqual([])
  })

  test('is told in figures, with what to do next', () => {
    const findings = judge(figures({ emails: 1_000, complained: 4, bounced: 20 }), DEFAULT_HEALTH)
    expect(reasonInWords(findings)).toBe(
      'complaints: 4 of 980 emails, 0.41 % (stops at 0.3 %); bounces: 20 of 1000 emails, 2 % (warns at 2 %)',
    )
    const { subject, markdown } = healthReport('welcome', 'stop', findings)
    expect(subject).toBe('Paused: welcome')
    expect(markdown).toContain('`segue resume journey:welcome`')
    expect(healthReport('welcome', 'warn', findings).subject).toBe('Warning: welcome')
  })
})
