import type { CompiledWorkspace, Registration, Sender } from '../core/workspace.ts'
import { fail, type Line, ok, warn } from './line.ts'

export interface NumberFacts {
  readonly senders: CompiledWorkspace['senders']
  /** Purposes for which a live journey texts from a sender, by the sender's name. */
  readonly purposesBySender: Readonly<Record<string, readonly string[]>>
  /** Real epoch milliseconds. */
  readonly now: number
}

type SmsSender = Extract<Sender, { readonly channel: 'sms' }>

const YEAR_MS = 365 * 86_400_000
const PROGRAMME: Readonly<Record<NonNullable<SmsSender['kind']>, Registration['programme'] | undefined>> = {
  long_code: '10dlc',
  toll_free: 'toll_free',
  short_code: 'short_code',
  alphanumeric: undefined,
}

/** United States and Canada; carriers there block traffic of numbers that are not registered (CTIA, The Campaign Registry). */
export function checkNumbers({ senders, purposesBySender, now }: NumberFacts): readonly Line[] {
  return Object.entries(senders).flatMap(([name, sender]) =>
    sender.channel === 'sms' ? checkNumber(name, sender, purposesBySender[name] ?? [], now) : [],
  )
}

function checkNumber(name: string, sender: SmsSender, purposes: readonly string[], now: number): readonly Line[] {
  const check = 'numbers.registration'
  const { registration } = sender
  const kind = sender.kind ?? 'long_code'
  const programme = PROGRAMME[kind]
  if (programme === undefined || (kind !== 'short_code' && !sender.number.startsWith('+1'))) {
    return [ok(check, name, 'no registration is needed where this sender is used')]
  }
  if (registration === undefined) {
    const mend = `register the number (${programme}) at the carrier, then write registration: under the sender ${name} in segue.yaml and deploy`
    return [
      fail(
        check,
        name,
        `nothing says that this ${kind.replaceAll('_', ' ')} is registered: carriers block texts of numbers that are not`,
        mend,
      ),
    ]
  }
  const lines: Line[] = []
  if (registration.programme !== programme) {
    const says = `it is registered as ${registration.programme}, but is a ${kind.replaceAll('_', ' ')}`
    lines.push(fail(check, name, says, `correct kind: or registration: of the sender ${name} in segue.yaml`))
  }
  const missing = purposes.filter((purpose) => !registration.purposes.includes(purpose))
  if (missing.length > 0) {
    const says = `live journeys text from it for ${missing.join(', ')}, which ${registration.id} does not cover`
    lines.push(
      fail(
        check,
        name,
        says,
        `let the campaign cover it and add it to registration: purposes of ${name}, or use another sender`,
      ),
    )
  }
  const verified = Date.parse(registration.verified)
  if (Number.isNaN(verified) || now - verified > YEAR_MS) {
    const mend = `look at the registry whether ${registration.id} is in force, then write today's date as verified: of ${name}`
    lines.push(
      warn(check, name, `nobody has looked since ${registration.verified} whether the registration is in force`, mend),
    )
  }
  return lines.length > 0 ? lines : [ok(check, name, `registered as ${registration.id}, for what live journeys send`)]
}
