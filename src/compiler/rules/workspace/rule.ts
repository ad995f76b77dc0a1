import type { Diagnostic } from '../../../diagnostics/diagnostic.ts'
import type { Names } from '../../bind/names.ts'

/** A rule about the files that all journeys share. */
export type WorkspaceRule = (names: Names) => readonly Diagnostic[]
