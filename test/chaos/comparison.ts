import { hashesOf } from '../../src/consent/address.ts'
import type { Stage } from './stage.ts'
import { type No, noesOf } from './noes-in-order.ts'

/** A hand-off as the emulator's log has it, with the real instant of its arrival. */
export interface Arrival {
  readonly id: string
  readonly channel: string
  readonly to: string
  readonly sendKey: string | null
  readonly realAt: number
}

export interface StoredSend {
  readonly id: string
  readonly enrollment_id: string
  readonly contact_id: string
  readonly step: string
  readonly branch: string
  readonly journey: string
  readonly channel: string
  readonly purpose: string
  readonly class: string
  readonly state: string
  readonly reason: string | null
  readonly attempt_real_at: number | null
}

export interface StoredRun {
  readonly id: string
  readonly journey: string
  readonly state: string
  readonly outcome: string | null
}

export interface Comparison {
  /** What is wrong, in words; empty is what is promised. */
  readonly duplicates: readonly string[]
  readonly lost: readonly string[]
  readonly afterNo: readonly string[]
  readonly capBreaches: readonly string[]
  /** Hand-offs whose call had begun when the "no" was committed and that arrived after it: bounded by the call's deadline. */
  readonly inFlightAtNo: number
  readonly longestInFlightMs: number
  readonly noes: number
}

/** A call's deadline of 20 s, and the grace after it. */
const CALL_BOUND_MS = 20_500
const DAY_REAL_MS = (scale: number): number => 86_400_000 / scale
const CAPS = [
  { count: 4, channel: undefined },
  { count: 2, channel: 'sms' },
] as const
/** States of a send whose message the carrier has. */
const HANDED_OVER = ['accepted', 'delivered', 'undelivered', 'bounced', 'complained']
/** A step that counts from one of these counts from a hand-off, or from what may have been one. */
const ANCHORING = new Set([...HANDED_OVER, 'unknown', 'held_out'])
/** Steps of the shop's journeys, and the step from which each counts. */
const STEPS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  welcome: { hello: 'entry', text: 'entry', again: 'entry' },
  cart: { code: 'entry', last: 'code' },
  receipt: { receipt: 'entry' },
}

export async function arrivalsOf(stage: Stage): Promise<readonly Arrival[]> {
  const answer = await fetch(`${stage.sandboxUrl}/sandbox/log`)
  const handOffs = (await answer.json()) as readonly (Omit<Arrival, 'realAt'> & { readonly at: number })[]
  const { virtual, real, scale } = stage.origin
  return handOffs.map(({ id, channel, to, sendKey, at }) => ({
    id,
    channel,
    to,
    sendKey,
    realAt: real + (at - virtual) / scale,
  }))
}

export function sendsOf(stage: Stage): Promise<readonly StoredSend[]> {
  return stage.database.query<StoredSend>(
    `select id, enrollment_id, contact_id, step, branch, journey, channel, purpose, class, state, reason, attempt_real_at from send`,
  )
}

/** The emulator's log against the store, after everything has come to rest. */
export async function compare(stage: Stage, expectedRuns: number): Promise<Comparison> {
  const arrivals = await arrivalsOf(stage)
  const sends = new Map((await sendsOf(stage)).map((send) => [send.id, send]))
  const runs = await stage.database.query<StoredRun>('select id, journey, state, outcome from enrollment')
  const noes = await noesOf(stage.database)
  // Confirmations and answers belong to no run; they are handed over at most once all the same.
  const services = await stage.database.query<{ id: string }>('select id from service_message')
  const known = new Set([...sends.keys(), ...services.map(({ id }) => id)])
  const after = afterNo(stage, arrivals, sends, noes)
  return {
    duplicates: duplicatesIn(arrivals, known),
    lost: [...missingRuns(runs, expectedRuns), ...missingSteps(runs, sends), ...untrue(arrivals, sends)],
    ...after,
    capBreaches: capBreaches(stage, arrivals, sends),
    noes: noes.length,
  }
}

function duplicatesIn(arrivals: readonly Arrival[], known: ReadonlySet<string>): readonly string[] {
  const times = new Map<string, number>()
  for (const { sendKey } of arrivals) times.set(sendKey ?? '', (times.get(sendKey ?? '') ?? 0) + 1)
  return [...times].flatMap(([key, count]) => {
    if (!known.has(key)) return [`${count} hand-offs with a key that no send has: ${key}`]
    return count > 1 ? [`send ${key} was handed over ${count} times`] : []
  })
}

function missingRuns(runs: readonly StoredRun[], expected: number): readonly string[] {
  const open = runs.filter(({ state }) => state !== 'ended')
  return [
    ...(runs.length === expected ? [] : [`${runs.length} runs are in the store where ${expected} were entered`]),
    ...open.map(({ id }) => `run ${id} has no ending`),
  ]
}

/** A run that went its whole way has an answer for every step that was due. */
function missingSteps(runs: readonly StoredRun[], sends: ReadonlyMap<string, StoredSend>): readonly string[] {
  const byStep = new Map([...sends.values()].map((send) => [`${send.enrollment_id} ${send.step} ${send.branch}`, send]))
  return runs.flatMap((run) => {
    if (run.outcome !== 'completed') return []
    return Object.entries(STEPS[run.journey] ?? {}).flatMap(([step, from]) => {
      const anchor = byStep.get(`${run.id} ${from} action`)
      if (from !== 'entry' && !ANCHORING.has(anchor?.state ?? '')) return []
      const send = byStep.get(`${run.id} ${step} action`)
      if (send === undefined) return [`run ${run.id} ended without an answer for ${step}`]
      return ['reserved', 'attempting'].includes(send.state) ? [`send ${send.id} was left ${send.state}`] : []
    })
  })
}

/** What the store says of a message must be what the log says; "unknown" may stand only for what the carrier never got. */
function untrue(arrivals: readonly Arrival[], sends: ReadonlyMap<string, StoredSend>): readonly string[] {
  const arrived = new Set(arrivals.map(({ sendKey }) => sendKey))
  return [...sends.values()].flatMap(({ id, state }) => {
    const says = HANDED_OVER.includes(state)
    if (says === arrived.has(id)) return []
    return [says ? `send ${id} is ${state} and never arrived` : `send ${id} arrived and is ${state}`]
  })
}

function afterNo(
  stage: Stage,
  arrivals: readonly Arrival[],
  sends: ReadonlyMap<string, StoredSend>,
  noes: readonly No[],
): Pick<Comparison, 'afterNo' | 'inFlightAtNo' | 'longestInFlightMs'> {
  const key = stage.secrets.addressKey
  const hashOf = ({ channel, to }: Arrival): readonly string[] =>
    channel === 'sms' || channel === 'email' ? hashesOf({ current: 1, keys: { 1: key } }, channel, to) : []
  const wrong: string[] = []
  let inFlightAtNo = 0
  let longestInFlightMs = 0
  for (const arrival of arrivals) {
    const send = sends.get(arrival.sendKey ?? '')
    if (send === undefined) continue
    const hashes = hashOf(arrival)
    const first = noes.find((no) => forbids(no, send, arrival, hashes))
    if (first === undefined || arrival.realAt <= first.at) continue
    const lateMs = arrival.realAt - first.at
    // The claim looks once more, in its own statement; `attempt_real_at` is read just before it.
    if (send.attempt_real_at !== null && send.attempt_real_at < first.at && lateMs <= CALL_BOUND_MS) {
      inFlightAtNo += 1
      longestInFlightMs = Math.max(longestInFlightMs, Math.round(lateMs))
      continue
    }
    wrong.push(`send ${send.id} arrived ${Math.round(lateMs)} ms after a committed no (${first.kind})`)
  }
  return { afterNo: wrong, inFlightAtNo, longestInFlightMs }
}

function forbids(no: No, send: StoredSend, arrival: Arrival, hashes: readonly string[]): boolean {
  switch (no.kind) {
    case 'address':
      if (no.channel !== arrival.channel || !hashes.includes(no.hash)) return false
      return no.reason !== 'unsubscribe' || send.class === 'marketing'
    case 'consent':
      return (
        no.contact === send.contact_id &&
        no.channel === send.channel &&
        (no.purpose === '*' || no.purpose === send.purpose)
      )
    case 'run':
      return no.enrollment === send.enrollment_id
    default:
      return no satisfies never
  }
}

/** Taken by the carrier and certainly not brought to anybody: no place under a cap (src/gate/facts.ts). */
const CAME_BACK = new Set(['undelivered', 'bounced'])

/** Rolling, by arrival, per contact and per address: whichever counts more. */
function capBreaches(
  stage: Stage,
  arrivals: readonly Arrival[],
  sends: ReadonlyMap<string, StoredSend>,
): readonly string[] {
  const windowMs = DAY_REAL_MS(stage.origin.scale)
  const groups = new Map<string, Arrival[]>()
  for (const arrival of arrivals) {
    const send = sends.get(arrival.sendKey ?? '')
    if (send?.class !== 'marketing' || CAME_BACK.has(send.state)) continue
    for (const name of [`contact ${send.contact_id}`, `address ${arrival.to}`]) {
      groups.set(name, [...(groups.get(name) ?? []), arrival])
    }
  }
  return [...groups].flatMap(([name, all]) =>
    CAPS.flatMap(({ count, channel }) => {
      const times = all
        .filter((arrival) => channel === undefined || arrival.channel === channel)
        .map(({ realAt }) => realAt)
        .toSorted((a, b) => a - b)
      const over = times.some((at, index) => (times[index + count] ?? Number.POSITIVE_INFINITY) < at + windowMs)
      // Addresses belong to nobody's report: the group is named by its kind alone.
      return over ? [`${name.split(' ')[0] ?? ''}: more than ${count} in a day`] : []
    }),
  )
}
