import type { Channel } from '../../core/compiled-journey.ts'
import { EVERY_PURPOSE } from '../ledger.ts'
import type { Language } from './language.ts'
import type { Person } from './person.ts'
import { type Fewer, isOn, pageVersion, type PreferenceView, type Switch } from './view.ts'

/** What somebody asked for with one press of a button. */
export type Wish =
  | {
      readonly kind: 'save'
      /** Epoch milliseconds at which the page that was filled in was made. A "no" that was said since outranks its "yes". */
      readonly shownAt: number
      /** {@link pageVersion} of what was shown: nobody agrees to words that they did not see. */
      readonly version: string
      /** Switches that were left otherwise than they were shown. A switch that was not touched says nothing. */
      readonly changes: readonly SwitchChange[]
      /** Absent: left as it was shown. */
      readonly fewer?: Fewer
      readonly language?: Language
    }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'stop' }

export interface SwitchChange {
  readonly purpose: string
  readonly channel: Channel
  readonly on: boolean
}

/** One thing to write. Purposes and channels are those of the page; nothing else can be asked for. */
export type Act =
  | { readonly kind: 'revoke'; readonly purpose: string; readonly channel: Channel }
  | { readonly kind: 'grant'; readonly purpose: string; readonly channel: Channel; readonly shown: Switch }
  | { readonly kind: 'ask'; readonly purpose: string; readonly channel: Channel; readonly shown: Switch }
  | { readonly kind: 'suppress'; readonly channel: Channel }
  | { readonly kind: 'lift'; readonly channel: Channel }

export interface Plan {
  readonly acts: readonly Act[]
  /** A "yes" that was not taken: the page was made before a "no", or showed other words. The person is asked to look again. */
  readonly outdated: boolean
}

/**
 * What to write for a wish, from what holds now. Pure.
 *
 * Only what was touched counts, so an old tab never brings back what was turned off in another; a "no" counts from however old a
 * page; a "yes" only from a page that is newer than every "no" and showed today's words.
 */
export function planWish(person: Person, view: PreferenceView, wish: Wish, now: number): Plan {
  switch (wish.kind) {
    case 'pause':
    case 'resume':
      return { acts: [], outdated: false }
    case 'stop':
      return { acts: view.addresses.flatMap(({ channel }) => stopped(view, channel)), outdated: false }
    case 'save':
      return planSave(person, view, wish, now)
    default:
      return wish satisfies never
  }
}

/**
 * Every marketing purpose, one by one, so that the ledger says what was stopped; and the address, for purposes that come later. The
 * button says what it stops, so a policy's wider reading of a bare STOP is not for it.
 */
function stopped(view: PreferenceView, channel: Channel): readonly Act[] {
  return [
    ...view.topics.map(({ purpose }): Act => ({ kind: 'revoke', purpose, channel })),
    { kind: 'suppress', channel },
  ]
}

function planSave(person: Person, view: PreferenceView, wish: Wish & { kind: 'save' }, now: number): Plan {
  const acts: Act[] = []
  const version = pageVersion(view)
  let outdated = false
  for (const { channel } of view.addresses) {
    const kinds = new Map<string, Act['kind'] | undefined>()
    for (const { purpose, switches } of view.topics) {
      const shown = switches.find((one) => one.channel === channel)
      const change = wish.changes.find((one) => one.purpose === purpose && one.channel === channel)
      if (shown === undefined) continue
      const act = change === undefined ? undefined : actFor(person, wish, purpose, shown, change.on, version, now)
      if (act === 'outdated') outdated = true
      else if (act !== undefined) acts.push(act)
      kinds.set(purpose, act === 'outdated' ? undefined : (act?.kind ?? (shown.on ? 'grant' : undefined)))
    }
    const has = (kind: Act['kind']): boolean => acts.some((act) => act.channel === channel && act.kind === kind)
    const left = [...kinds.values()].filter((kind) => kind === 'grant' || kind === 'ask')
    if ((has('grant') || has('ask')) && isBlocked(person, channel)) {
      // The block of the address ends with the "yes", now or when it is confirmed. What is off on the page, though it was granted
      // once, must not come back with it.
      for (const [purpose, kind] of kinds) if (kind === undefined) acts.push({ kind: 'revoke', purpose, channel })
      if (has('grant')) acts.push({ kind: 'lift', channel })
    } else if (has('revoke') && left.length === 0) acts.push({ kind: 'suppress', channel })
  }
  return { acts, outdated }
}

function actFor(
  person: Person,
  wish: Wish & { kind: 'save' },
  purpose: string,
  shown: Switch,
  on: boolean,
  version: string,
  now: number,
): Act | 'outdated' | undefined {
  const { channel } = shown
  // Pressed twice, or already so through another tab.
  if (isOn(person, purpose, channel, now) === on) return undefined
  if (!on) return { kind: 'revoke', purpose, channel }
  // A page from the future was not made by us.
  if (wish.shownAt > now || saidNoSince(person, purpose, channel, wish.shownAt)) return 'outdated'
  if (wish.version !== version) return 'outdated'
  switch (shown.turnOn.kind) {
    case 'at_once':
      return { kind: 'grant', purpose, channel, shown }
    case 'after_confirmation':
      return { kind: 'ask', purpose, channel, shown }
    case 'not_here':
      return 'outdated'
    default:
      return shown.turnOn satisfies never
  }
}

function isBlocked(person: Person, channel: Channel): boolean {
  return person.blocks.some((block) => block.channel === channel && block.reason === 'unsubscribe')
}

function saidNoSince(person: Person, purpose: string, channel: Channel, shownAt: number): boolean {
  const revoked = person.consents.some(
    (fact) =>
      fact.channel === channel &&
      fact.state === 'revoked' &&
      (fact.purpose === purpose || fact.purpose === EVERY_PURPOSE) &&
      fact.at >= shownAt,
  )
  return revoked || person.blocks.some((block) => block.channel === channel && block.at >= shownAt)
}
