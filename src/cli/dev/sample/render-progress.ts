import pc from 'picocolors'
import type { Progress, RunCounts } from './progress.ts'

export interface ProgressView {
  /** Virtual epoch milliseconds. */
  readonly now: number
  readonly zone: string
  /** Several lines with a line per journey, to be drawn over; otherwise one line for a log. */
  readonly tty: boolean
  readonly color: boolean
  readonly sample?: { readonly sent: number; readonly of: number }
}

/** The progress as text, without a line break at its end. */
export function renderProgress(progress: Progress, view: ProgressView): string {
  const clock = clockText(view.now, view.zone)
  const events = view.sample === undefined ? '' : `events ${view.sample.sent}/${view.sample.of}`
  if (!view.tty) return [clock, events, ...figures(progress)].filter((part) => part !== '').join(' · ')

  const colors = pc.createColors(view.color)
  const width = Math.max(...Object.keys(progress.journeys).map((id) => id.length), 0)
  return [
    `${colors.bold(clock)}  ${colors.dim(events)}`.trimEnd(),
    ...Object.entries(progress.journeys).map(([id, counts]) => {
      const waiting = counts.entered - counts.finished
      return `  ${colors.cyan(id.padEnd(width))}  ${bar(counts, colors)}  ${figures({ ...counts, waiting }).join(colors.dim(' · '))}`
    }),
  ].join('\n')
}

function figures(counts: RunCounts & { readonly waiting: number }): readonly string[] {
  const refused = Object.values(counts.refused).reduce((sum, n) => sum + n, 0)
  const reasons = Object.entries(counts.refused).map(([reason, n]) => `${reason} ${n}`)
  return [
    `started ${counts.entered}`,
    `waiting ${counts.waiting}`,
    `sent ${counts.sent.email} email ${counts.sent.sms} sms`,
    `held ${counts.held}`,
    `refused ${refused}${reasons.length === 0 ? '' : ` (${reasons.join(', ')})`}`,
    `held out ${counts.ghost}`,
    `converted ${counts.converted}`,
    `finished ${counts.finished}`,
  ]
}

const BAR_WIDTH = 16

function bar(counts: RunCounts, colors: ReturnType<typeof pc.createColors>): string {
  const done = counts.entered === 0 ? 0 : Math.floor((counts.finished / counts.entered) * BAR_WIDTH)
  return `${colors.green('━'.repeat(done))}${colors.dim('─'.repeat(BAR_WIDTH - done))}`
}

/** `Tue, Nov 10, 09:05 New York`. */
function clockText(now: number, zone: string): string {
  const text = new Intl.DateTimeFormat('en-US', {
    weekday: 'short',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: zone,
  }).format(now)
  return `${text} ${zone.split('/').at(-1)?.replaceAll('_', ' ') ?? zone}`
}

const CLEAR_LINE = '\u001B[2K'

/** Draws a block over the one that it drew before. Lines are cut to the terminal, because a wrapped one cannot be drawn over. */
export class LiveBlock {
  private readonly stream: { write(text: string): unknown; readonly columns?: number }
  private lines = 0

  constructor(stream: { write(text: string): unknown; readonly columns?: number }) {
    this.stream = stream
  }

  draw(text: string): void {
    const lines = text.split('\n').map((line) => cut(line, (this.stream.columns ?? 80) - 1))
    const up = this.lines === 0 ? '' : `\u001B[${this.lines}A`
    const stale = Math.max(0, this.lines - lines.length)
    const body = [...lines, ...Array.from({ length: stale }, () => '')].map((line) => `${CLEAR_LINE}${line}\n`).join('')
    this.stream.write(`${up}${body}`)
    this.lines = lines.length + stale
  }

  /** What comes next is written below the block and never over it. */
  end(): void {
    this.lines = 0
  }
}

/** Cuts to a number of visible characters; escape sequences have no width and are kept whole. */
function cut(line: string, width: number): string {
  // Built from its number: a literal escape character is easily lost in an editor.
  const parts = line.split(new RegExp(`(${String.fromCodePoint(27)}\\[[0-9;]*m)`))
  let left = width
  let text = ''
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1) text += part
    else {
      const kept = part.slice(0, left)
      left -= kept.length
      text += kept
    }
  }
  return text
}
