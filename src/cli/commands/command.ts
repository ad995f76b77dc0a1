import type { Command } from 'commander'
import type { CommandIo, ExitCode } from '../command-io.ts'

/**
 * Adds a family of commands to `segue`: names, arguments and options only. What a command does is a function of a file of its own,
 * imported when it is called, so that `check` does not wait for the Temporal SDK.
 */
export type CommandFamily = (segue: Command, io: CommandIo, exit: (code: ExitCode) => void) => void
