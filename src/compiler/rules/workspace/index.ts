import { environmentsSound } from './environments-sound.ts'
import { fieldsRequired } from './fields-required.ts'
import { filesNamed } from './files-named.ts'
import { policiesSound } from './policies-sound.ts'
import { poolsSound } from './pools-sound.ts'
import type { WorkspaceRule } from './rule.ts'
import { sendersSound } from './senders-sound.ts'

/** Every rule about the files that all journeys share. A new rule is a file and a line here. */
export const WORKSPACE_RULES: readonly WorkspaceRule[] = [
  environmentsSound,
  sendersSound,
  policiesSound,
  poolsSound,
  filesNamed,
  fieldsRequired,
]
