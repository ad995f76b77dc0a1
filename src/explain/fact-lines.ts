import type { ConsentEvidence } from './evidence.ts'
import type { ExplainedFact } from './explanation.ts'
import { capInWords, type CapFact, isCap, type Told, words } from './sentences.ts'
import { counted, instantIn, listed, spanOf, textOf } from './words.ts'

/** Every fact of a decision with its value, where it is from, and since when. A fact that nobody has words for is shown as it is. */
export function factLines(told: Told): readonly ExplainedFact[] {
  return Object.entries(told.decision.facts).flatMap(([name, value]) => lineOf(told, name, value))
}

function lineOf(told: Told, name: string, value: unknown): readonly ExplainedFact[] {
  const fact = (source: string, says: string, at: number | null = null): ExplainedFact => ({
    name,
    value,
    source,
    at,
    says,
  })
  const time = (at: unknown): string => (typeof at === 'number' ? instantIn(told.message.zone, at) : 'never')
  const dated = (source: string, says: string): readonly ExplainedFact[] => [
    fact(source, `${says} ${time(value)}.`, typeof value === 'number' ? value : null),
  ]
  switch (name) {
    case 'due_at':
      return dated('the run', 'It was due at')
    case 'give_up_at':
      return dated('the policy and the journey', 'It was of use until')
    case 'opens_at':
      return dated('the policy and the law', 'The allowed hours open at')
    case 'last_contact_at':
      return value === null
        ? [fact('the messages', 'No marketing message had gone to this person or address lately.')]
        : dated('the messages', 'The last marketing message to this person or address was at')
    case 'offer_valid_until':
      return dated('the offer', 'The code is valid until')
    case 'paused_until':
      return dated('the preference centre', 'The person asked for no marketing before')
    case 'doubt_since':
      return dated('the replies', 'Something that may be a refusal was written at')
    case 'replied_at':
      return dated('the replies', 'The person wrote at')
    case 'opt_out_said_at':
      return value === null
        ? [fact('the messages', 'No text had told this person how to opt out yet.')]
        : dated('the messages', 'A text last told how to opt out at')
    case 'engaged_at':
      return dated('clicks, orders, replies and consents', 'The last sign of life was at')
    case 'turn_at':
      return dated('the queue in front of the number', 'Its turn came at')
    case 'outranked_due_at':
      return dated('the run of the other journey', 'Its message is due at')
    case 'min_gap_ms':
    case 'channel_gap_ms':
    case 'sunset_after_ms':
      return [fact('the live policy', `${GAPS[name]}: ${typeof value === 'number' ? spanOf(value) : textOf(value)}.`)]
    case 'if':
    case 'unless':
      return [fact('the journey', `The step says ${name}: ${textOf(value)}.`)]
    case 'condition':
      return read(value).map(([path, was]) => ({
        ...fact('the contact, the trigger and the run', `${path} was ${textOf(was)}.`),
        name: path,
        value: was,
      }))
    case 'consent':
      return consents(told, value, fact)
    case 'suppressions':
      return suppressions(told, value, fact)
    case 'caps':
      return (Array.isArray(value) ? value.filter(isCap) : []).map((cap) =>
        fact('policy, journey and law', filled(told, cap)),
      )
    case 'personal_cap':
      return isCap(value) ? [fact('the preference centre', `As the person asked: ${capInWords(value)}.`)] : []
    case 'place':
      return place(told, value, fact)
    case 'held_out':
      return [fact('the assignment at entry', value === true ? 'The run is held out.' : 'The run is not held out.')]
    case 'workspace':
      return value === null
        ? []
        : [fact('the live workspace', `The policy was that of the workspace ${textOf(value)}.`)]
    case 'erased':
      return [fact('erasure', 'The facts were erased with the person.')]
    default:
      return [fact('the gate', `${name.replaceAll('_', ' ')}: ${textOf(value)}.`)]
  }
}

const GAPS = {
  min_gap_ms: 'Between two marketing messages lie at least',
  channel_gap_ms: 'After marketing on the other channel lie at least',
  sunset_after_ms: 'Marketing ends without a sign of life for',
} as const

type Fact = (source: string, says: string, at?: number | null) => ExplainedFact

function consents(told: Told, value: unknown, fact: Fact): readonly ExplainedFact[] {
  const { message, decision } = told
  const facts = Array.isArray(value) ? value.map((one) => Object.fromEntries(read(one))) : []
  if (facts.length === 0)
    return [fact('the consent ledger', `There was no word on ${message.purpose} by ${message.channel}.`)]
  return facts.map((said) => {
    const at = typeof said['at'] === 'number' ? said['at'] : null
    const entry = decision.consents.find(
      (one) => one.purpose === said['purpose'] && one.state === said['state'] && one.at === at,
    )
    const purpose = said['purpose'] === '*' ? 'every purpose' : textOf(said['purpose'])
    const day = at === null ? '' : ` at ${instantIn(message.zone, at)}`
    return fact(
      'the consent ledger',
      `${purpose} by ${message.channel} was ${textOf(said['state'])}${day}${entry === undefined ? '' : how(entry, told)}.`,
      at,
    )
  })
}

/** How it was said. Addresses and names of the evidence stay in the ledger: an explanation is passed around. */
const TELLABLE = ['page', 'keyword', 'wordingVersion', 'version', 'confirmedBy', 'jurisdiction', 'method'] as const

function how({ source, proof, at, recordedAt }: ConsentEvidence, { message }: Told): string {
  const told = TELLABLE.flatMap((name) => (typeof proof?.[name] === 'string' ? [`${name} ${proof[name]}`] : []))
  const known = recordedAt === at ? '' : `, recorded at ${instantIn(message.zone, recordedAt)}`
  const evidence = proof === null ? ', its evidence is gone' : told.length === 0 ? '' : ` (${told.join(', ')})`
  return `, by ${source.replaceAll('_', ' ')}${evidence}${known}`
}

function suppressions({ message, decision }: Told, value: unknown, fact: Fact): readonly ExplainedFact[] {
  const reasons = words(value)
  if (reasons.length === 0) return [fact('the suppressions', 'The address was not blocked.')]
  return reasons.map((reason) => {
    const known = decision.suppressions.find((one) => one.reason === reason)
    if (known === undefined) return fact('the suppressions', `The address was blocked: ${reason}.`)
    return fact(
      'the suppressions',
      `The address was blocked: ${reason}, at ${instantIn(message.zone, known.at)}, by ${known.source}.`,
      known.at,
    )
  })
}

/** A cap with the messages that filled it, as far as they are known now. */
function filled({ message, decision }: Told, cap: CapFact): string {
  const within = decision.contacts.filter(
    ({ at, channel, purpose }) =>
      at > decision.at - cap.windowMs &&
      (cap.channel === undefined || cap.channel === channel) &&
      (cap.purpose === undefined || cap.purpose === purpose),
  )
  const which = within.map(
    ({ journey, step, channel, at, state }) =>
      `${channel} ${journey}/${step} at ${instantIn(message.zone, at)} (${state})`,
  )
  return `Cap: ${capInWords(cap)}${which.length === 0 || cap.used === 0 ? '' : `, namely ${listed(which)}`}.`
}

function place({ decision }: Told, value: unknown, fact: Fact): readonly ExplainedFact[] {
  const { evidence, zones, laws } = Object.fromEntries(read(value))
  const known = words(evidence)
  const where = typeof zones === 'string' ? zones : listed(words(zones))
  const lines = [
    fact(
      'traits and the number',
      `The person may be in ${where}${known.includes('none') ? ', because nothing says where' : `, by ${listed(known.map((one) => one.replaceAll('_', ' ')))}`}.`,
    ),
  ]
  if (typeof laws === 'string') return [...lines, fact('the law', `The hours of ${laws} hold.`)]
  return [
    ...lines,
    ...decision.laws.map(({ jurisdiction, source, basis, confidence, reviewed, cap }) =>
      fact(
        `${jurisdiction}: ${source}`,
        `The hours of ${jurisdiction} hold: ${source} (${basis}, ${confidence} source, reviewed ${reviewed})${cap === undefined ? '' : `, at most ${counted(cap.count, 'text')} in ${spanOf(cap.windowMs)}`}.`,
      ),
    ),
  ]
}

function read(value: unknown): readonly [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : []
}
