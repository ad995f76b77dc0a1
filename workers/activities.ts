import { DatabaseUnavailable } from '../src/core/database.ts'

type Activity = (...input: never[]) => Promise<unknown>

/** Activities as the worker runs them: what they throw is infrastructure or a bug, is retried, and holds no person. */
export function guarded<Named extends { readonly [name in keyof Named]: Activity }>(activities: Named): Named {
  const each = Object.entries<Activity>(activities).map(([name, activity]) => [
    name,
    async (...input: never[]) => {
      try {
        return await activity(...input)
      } catch (error) {
        throw withoutPeople(error)
      }
    },
  ])
  return Object.fromEntries(each) as Named
}

/** An activity that failed, as Temporal may keep it. */
class ActivityFailed extends Error {
  override readonly name = 'ActivityFailed'
}

/** What a path, a URL or a quoted value may hold: addresses and numbers. */
const QUOTED = /"[^"]*"|'[^']*'|`[^`]*`|\S*@\S*|\+\d[\d ().-]{5,}\d|\b\d{7,15}\b/g

/**
 * The error without people in it. The engine keeps the message and the cause of every failed attempt in the run's history, and
 * stores and libraries quote values in theirs: so a coded error keeps its name and code only, and any other loses what is quoted
 * or looks like an address. The frames stay, because they name code.
 */
export function withoutPeople(error: unknown): Error {
  if (error instanceof DatabaseUnavailable) return error
  if (!(error instanceof Error)) return new ActivityFailed('something that is no error was thrown')
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const message =
    code === undefined ? `${error.name}: ${error.message.replace(QUOTED, '(…)')}` : `${error.name} ${code}`
  const failed = new ActivityFailed(message)
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  failed.stack = [`ActivityFailed: ${message}`, ...frames].join('\n')
  return failed
}
