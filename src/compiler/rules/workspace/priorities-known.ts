import { unknownName } from '../unknown-name.ts'
import type { WorkspaceRule } from './rule.ts'

/** A misspelt journey would silently come last. */
export const prioritiesKnown: WorkspaceRule = ({ policies, journeys }) =>
  [...policies.entries.values()].flatMap(({ source, document: { priorities } }) =>
    priorities
      .filter(({ value }) => !journeys.includes(value))
      .map((name) =>
        unknownName(source, name, {
          code: 'SEG335',
          noun: 'journey',
          known: journeys,
          declaredIn: 'a file of its name beside segue.yaml',
        }),
      ),
  )
