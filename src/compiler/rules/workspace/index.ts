import { addressesSecure } from './addresses-secure.ts'
import { environmentsSound } from './environments-sound.ts'
import { fieldsRequired } from './fields-required.ts'
import { filesNamed } from './files-named.ts'
import { healthOrdered } from './health-ordered.ts'
import { keywordsExplained } from './keywords-explained.ts'
import { keywordsFree } from './keywords-free.ts'
import { keywordsUnique } from './keywords-unique.ts'
import { policiesSound } from './policies-sound.ts'
import { poolsSound } from './pools-sound.ts'
import { prioritiesKnown } from './priorities-known.ts'
import { purposesDeclared } from './purposes-declared.ts'
import { reportsSender } from './reports-sender.ts'
import type { WorkspaceRule } from './rule.ts'
import { sendersAgree } from './senders-agree.ts'
import { sendersSound } from './senders-sound.ts'

/** Every rule about the files that all journeys share. A new rule is a file and a line here. */
export const WORKSPACE_RULES: readonly WorkspaceRule[] = [
  environmentsSound,
  sendersSound,
  sendersAgree,
  reportsSender,
  keywordsFree,
  keywordsUnique,
  keywordsExplained,
  policiesSound,
  prioritiesKnown,
  purposesDeclared,
  healthOrdered,
  addressesSecure,
  poolsSound,
  filesNamed,
  fieldsRequired,
]
