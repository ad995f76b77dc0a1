import { evaluate } from '../../../../conditions/evaluate.ts'
import type { LoggedHandOff } from '../hand-off.ts'
import type { SamplePerson } from '../sample.ts'
import { type Evidence, nameOf, type Run, type Send } from './evidence.ts'

const EVERY_PURPOSE = '*'

interface Told {
  readonly handOff: LoggedHandOff
  readonly send: Send
  readonly run: Run
}

/** Nothing went to anybody who had not consented, was suppressed, or had opted out before the sample began. */
export function nobodyWasContactedWithoutPermission(evidence: Evidence): readonly string[] {
  return everyHandOff(evidence).flatMap(({ handOff, send, run }) => {
    const person = evidence.people.get(run.user ?? '')
    if (person === undefined) return []
    const what = `${nameOf(run)}: the ${send.channel} of ${send.step} went out`
    const suppressed = person.suppressions.some(
      ({ channel, address }) => channel === send.channel && address === handOff.to,
    )
    return [
      ...(suppressed ? [`${what} to a suppressed address`] : []),
      ...(consents(person, send) ? [] : [`${what} without consent`]),
    ]
  })
}

function consents(person: SamplePerson, send: Send): boolean {
  const last = person.consents
    .filter(({ channel, purpose }) => channel === send.channel && purpose === send.purpose)
    .toSorted((a, b) => a.at - b.at)
    .at(-1)
  return last?.state === 'granted'
}

/** Nothing went out after a person had said STOP or unsubscribed. */
export function nothingWentOutAfterANo(evidence: Evidence): readonly string[] {
  return everyHandOff(evidence).flatMap(({ handOff, send, run }) => {
    const recorded = evidence.revocations.some(
      (no) =>
        no.user === run.user &&
        no.channel === send.channel &&
        (no.purpose === send.purpose || no.purpose === EVERY_PURPOSE) &&
        send.reservedAt > no.recordedAt + evidence.slackMs,
    )
    const said = repliedAt(evidence, handOff) + evidence.slackMs < send.reservedAt
    return recorded || said ? [`${nameOf(run)}: the ${send.channel} of ${send.step} went out after an opt-out`] : []
  })
}

/** The sandbox's delivery takes a second or so; that the answer takes a minute on its way is more than it ever needs. */
const ON_ITS_WAY_MS = 60_000

/** When the person answered STOP to the first text, whether or not the store heard of it. Never: infinity. */
function repliedAt({ people, handOffs, runs, sends }: Evidence, { to, channel, sendKey }: LoggedHandOff): number {
  const send = sends.find((candidate) => candidate.id === sendKey)
  const person = people.get(runs.find((run) => run.id === send?.enrollment)?.user ?? '')
  const reply = person?.behaviours.find((behaviour) => behaviour.address === to)?.replies
  if (channel !== 'sms' || reply === undefined) return Number.POSITIVE_INFINITY
  const texts = handOffs.filter((handOff) => handOff.channel === 'sms' && handOff.to === to)
  return Math.min(...texts.map((text) => text.at)) + reply.afterMs + ON_ITS_WAY_MS
}

/** Nothing went out after the goal: judged by the sample's own orders, not by what the store made of them. */
export function nothingWentOutAfterTheGoal(evidence: Evidence): readonly string[] {
  const { sample, versions, receivedAt, slackMs } = evidence
  return everyHandOff(evidence).flatMap(({ send, run }) => {
    const goal = versions.get(run.version)?.goal
    if (goal === undefined) return []
    const reached = sample.events.find((event) => {
      const known = receivedAt.get(event.messageId)
      if (event.event !== goal.event || event.userId !== run.user || known === undefined) return false
      if (event.at < run.enteredAt || event.at > run.enteredAt + (goal.withinMs ?? Number.POSITIVE_INFINITY))
        return false
      const facts = { contact: {}, trigger: run.trigger, event: event.properties, steps: {}, now: event.at }
      const matches = goal.if === undefined || evaluate(goal.if, facts).kind === 'true'
      return matches && send.reservedAt > known + slackMs
    })
    return reached === undefined ? [] : [`${nameOf(run)}: ${send.step} went out after the goal, ${reached.messageId}`]
  })
}

const OPENS = 8
const CLOSES = 21

/**
 * 47 CFR 64.1200(c)(1): no marketing text before 8 or after 21 o'clock where the person is. What a carrier logs was on its way for
 * a moment before, which under an accelerated clock is minutes.
 */
export function noTextWentOutAtNight(evidence: Evidence): readonly string[] {
  return everyHandOff(evidence).flatMap(({ handOff, send, run }) => {
    const zone = evidence.people.get(run.user ?? '')?.zone
    if (send.channel !== 'sms' || send.class !== 'marketing' || zone === undefined) return []
    const local = localTime(handOff.at, zone)
    const isOpen = hourOf(local) >= OPENS && hourOf(localTime(handOff.at - evidence.slackMs, zone)) < CLOSES
    return isOpen ? [] : [`${nameOf(run)}: the text of ${send.step} went out at ${local} in ${zone}`]
  })
}

function localTime(at: number, zone: string): string {
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: zone }).format(at)
}

function hourOf(local: string): number {
  return Number(local.slice(0, 2))
}

/** Hand-offs that the store knows; the others are another expectation's matter. */
function everyHandOff({ handOffs, sends, runs }: Evidence): readonly Told[] {
  const sendOf = new Map(sends.map((send) => [send.id, send]))
  const runOf = new Map(runs.map((run) => [run.id, run]))
  return handOffs.flatMap((handOff) => {
    const send = sendOf.get(handOff.sendKey ?? '')
    const run = runOf.get(send?.enrollment ?? '')
    return send === undefined || run === undefined ? [] : [{ handOff, send, run }]
  })
}
