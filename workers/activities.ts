import { ApplicationFailure } from '@temporalio/common'

type Activity = (...input: never[]) => Promise<unknown>

/**
 * Activities as the worker runs them: what they throw is infrastructure or a bug and is retried, but only its kind goes to
 * Temporal. A store quotes values and a carrier quotes addresses in their messages, and a history keeps them for weeks.
 */
export function withoutErrorTexts<Named extends { readonly [name in keyof Named]: Activity }>(
  activities: Named,
): Named {
  const guarded = Object.entries<Activity>(activities).map(([name, activity]) => [
    name,
    async (...input: never[]) => {
      try {
        return await activity(...input)
      } catch (error) {
        throw scrubbed(error)
      }
    },
  ])
  return Object.fromEntries(guarded) as Named
}

function scrubbed(error: unknown): ApplicationFailure {
  const name = error instanceof Error ? error.name : 'unknown failure'
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? ` ${error.code}` : ''
  return ApplicationFailure.create({ message: `${name}${code}; the worker's log has more`, type: name })
}
