/**
 * What a command may touch of the process. Injected, so that whole runs are tested in process: `stdout` takes results only,
 * `stderr` progress and complaints about how the command was called.
 */
export interface CommandIo {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  readonly isTerminal: boolean
}

export const EXIT = {
  clean: 0,
  /** There are findings that have to be dealt with. */
  findings: 1,
  /** The command was called in a way that it does not understand. */
  usage: 2,
  /** The machine, not the author: a file that cannot be read, a service that is down. */
  infrastructure: 3,
  /** Stopped by a signal before it was done, as shells count it. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Colour for people at a terminal, unless they said no (no-color.org); FORCE_COLOR for build logs that show it. */
export function wantsColor({ env, isTerminal }: CommandIo): boolean {
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb') return false
  return isTerminal || !['', '0', undefined].includes(env['FORCE_COLOR'])
}
