import Table from 'cli-table3'
import type { Arrival, StoredSend } from './comparison.ts'
import { ANYWHERE, type Death, isOfWorker } from './reaper.ts'

/** What became of the message in whose middle a process died. */
const OUTCOMES = [
  'delivered once',
  'unknown, then found',
  'unknown, never arrived',
  'not sent: refused',
  'twice',
] as const
type Outcome = (typeof OUTCOMES)[number]

function outcomeOf(death: Death, send: StoredSend | undefined, arrivals: number): Outcome | undefined {
  if (send === undefined) return undefined
  if (arrivals > 1) return 'twice'
  if (arrivals === 0) return send.state === 'unknown' ? 'unknown, never arrived' : 'not sent: refused'
  // Taken by the attempt that died, so that nobody had its answer; or by a later one that was decided afresh.
  const began = send.attempt_real_at ?? 0
  return began <= death.at && isAfterClaim(death.place) ? 'unknown, then found' : 'delivered once'
}

function isAfterClaim(place: string): boolean {
  return ['claim/after', '/call', 'record outcome/before'].some((part) => place.includes(part))
}

/** Place of death x outcome, as a person reads it: the send path in its own order, then the API and the relay. */
export function matrixTable(
  deaths: readonly Death[],
  sends: readonly StoredSend[],
  arrivals: readonly Arrival[],
): string {
  const byId = new Map(sends.map((send) => [send.id, send]))
  const times = new Map<string, number>()
  for (const { sendKey } of arrivals) times.set(sendKey ?? '', (times.get(sendKey ?? '') ?? 0) + 1)
  const ofWorker = new Table({ head: ['the worker dies at', 'kills', ...OUTCOMES], style: { head: [], border: [] } })
  const ofApi = new Table({ head: ['the API or the relay dies at', 'kills'], style: { head: [], border: [] } })
  for (const place of [...new Set(deaths.map((death) => death.place))].toSorted(inOrder)) {
    const here = deaths.filter((death) => death.place === place)
    if (!isOfWorker(place)) {
      ofApi.push([place === ANYWHERE ? 'anywhere (any process)' : words(place), here.length])
      continue
    }
    const outcomes = here.map((death) => outcomeOf(death, byId.get(death.subject), times.get(death.subject) ?? 0))
    ofWorker.push([
      words(place),
      here.length,
      ...OUTCOMES.map((one) => outcomes.filter((other) => other === one).length || ''),
    ])
  }
  return `${ofWorker.toString()}\n${ofApi.toString()}\n`
}

/** `deliver/claim/before` as "claim, before". */
function words(place: string): string {
  const [scope = '', what = '', when = ''] = place.split('/')
  return `${scope === 'deliver' ? '' : `${scope}: `}${what}, ${when}`
}

const ORDER = [
  'lock contact',
  'read journey',
  'lock addresses',
  'read facts',
  'write decision',
  'commit',
  'claim',
  'call',
]

function inOrder(a: string, b: string): number {
  const rank = (place: string): number => {
    const found = ORDER.findIndex((word) => place.includes(`/${word}`))
    return found === -1 ? ORDER.length : found
  }
  const side = Number(isOfWorker(b)) - Number(isOfWorker(a))
  return side || rank(a) - rank(b) || a.split('/')[1]?.localeCompare(b.split('/')[1] ?? '') || b.localeCompare(a)
}
