import { languageOf } from '../../consent/preferences/language.ts'
import { type Fewer, FEWER } from '../../consent/preferences/view.ts'
import type { SwitchChange, Wish } from '../../consent/preferences/wish.ts'
import { CHANNELS } from '../../core/compiled-journey.ts'
import { FIELD } from './preference-page.ts'

/** What a press of a button on the preference page asks for; undefined if it was none of ours. */
export function wishOf(fields: URLSearchParams): Wish | undefined {
  const button = fields.get(FIELD.button)
  switch (button) {
    case 'pause':
    case 'resume':
    case 'stop':
      return { kind: button }
    case 'save':
      return savedBy(fields)
    default:
      return undefined
  }
}

function savedBy(fields: URLSearchParams): Wish {
  const fewer = touched(fields, FIELD.fewer, FIELD.shownFewer)
  const language = languageOf(touched(fields, FIELD.language, FIELD.shownLanguage))
  const shownAt = Number(fields.get(FIELD.shownAt) ?? '')
  return {
    kind: 'save',
    // Without an instant it is as old as can be: every "no" outranks it.
    shownAt: Number.isSafeInteger(shownAt) && shownAt > 0 ? shownAt : 0,
    version: fields.get(FIELD.version) ?? '',
    changes: changesIn(new Set(fields.getAll(FIELD.on)), new Set(fields.getAll(FIELD.shownOn))),
    ...(fewer !== undefined && isFewer(fewer) ? { fewer } : {}),
    ...(language === undefined ? {} : { language }),
  }
}

function changesIn(left: ReadonlySet<string>, shown: ReadonlySet<string>): readonly SwitchChange[] {
  return [...new Set([...left, ...shown])].flatMap((value) => {
    const at = value.lastIndexOf(':')
    const purpose = value.slice(0, at)
    const channel = CHANNELS.find((one) => one === value.slice(at + 1))
    const on = left.has(value)
    return at < 1 || channel === undefined || on === shown.has(value) ? [] : [{ purpose, channel, on }]
  })
}

/** The value of a field, if it is not the one that was shown. */
function touched(fields: URLSearchParams, name: string, shown: string): string | undefined {
  const value = fields.get(name)
  return value === null || value === fields.get(shown) ? undefined : value
}

function isFewer(value: string): value is Fewer {
  return Object.hasOwn(FEWER, value)
}
