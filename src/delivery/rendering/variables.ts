import type { Reservation } from '../../gate/verdict.ts'

/** What Liquid sees. A value that is not there is not in it, so that strict rendering refuses instead of leaving a hole. */
export interface MessageVariables {
  readonly contact: Readonly<Record<string, unknown>>
  readonly trigger: Readonly<Record<string, unknown>>
  readonly brand: string
  readonly postal_address: string
  readonly offer?: Readonly<Record<string, unknown>>
  readonly unsubscribe_url?: string
  readonly preferences_url?: string
}

export function messageVariables(
  reservation: Reservation,
  zone: string,
  urls: { readonly unsubscribe: string; readonly preferences: string },
): MessageVariables {
  const { offer, policy, channel } = reservation
  return {
    contact: realNames(present(reservation.traits)),
    trigger: present(reservation.trigger),
    brand: policy.brand,
    postal_address: policy.postalAddress,
    ...(channel === 'email' ? { unsubscribe_url: urls.unsubscribe, preferences_url: urls.preferences } : {}),
    ...(offer === undefined
      ? {}
      : {
          offer: present({
            code: offer.code,
            percent: offer.percent,
            amount: offer.amount,
            valid_until: instantInWords(offer.validUntil, zone),
          }),
        }),
  }
}

/** The contact's own time zone if their profile names a real one, else the workspace's. */
export function zoneOf(traits: Readonly<Record<string, unknown>>, workspaceZone: string): string {
  const zone = traits['timezone']
  return typeof zone === 'string' && zone.length <= 64 && instantFormat(zone) !== undefined ? zone : workspaceZone
}

/** Such as `Fri, Nov 27 at 3:30 PM EST`. Whole minutes, rounded down: never later than the code is really valid. */
function instantInWords(ms: number, zone: string): string | undefined {
  const format = instantFormat(zone)
  // Intl puts a narrow no-break space before "PM", which is outside of GSM-7.
  return format && `${format.day.format(ms)} at ${format.time.format(ms)}`.replaceAll(/[\u00A0\u202F]/g, ' ')
}

interface InstantFormat {
  readonly day: Intl.DateTimeFormat
  readonly time: Intl.DateTimeFormat
}

/** Making a format costs as much as filling a template. Bounded, because zones come with profiles. */
const formats = new Map<string, InstantFormat>()
const FORMATS_BOUND = 200

/** Undefined for what is no IANA zone. */
function instantFormat(zone: string): InstantFormat | undefined {
  const known = formats.get(zone)
  if (known !== undefined) return known
  try {
    const day = new Intl.DateTimeFormat('en-US', { timeZone: zone, weekday: 'short', month: 'short', day: 'numeric' })
    const clock = { hour: 'numeric', minute: '2-digit', timeZoneName: 'short' } as const
    const format = { day, time: new Intl.DateTimeFormat('en-US', { timeZone: zone, ...clock }) }
    if (formats.size < FORMATS_BOUND) formats.set(zone, format)
    return format
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** Without nulls and blank texts: `Hi {{ contact.first_name }},` must not become `Hi ,` because the name is "". */
function present(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = Object.create(null)
  for (const [name, value] of Object.entries(record)) {
    const inner = presentValue(value)
    if (inner !== undefined) kept[name] = inner
  }
  return kept
}

function presentValue(value: unknown): unknown {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'string') return value.trim() === '' ? undefined : value
  if (Array.isArray(value)) return value.map(presentValue).filter((element) => element !== undefined)
  return typeof value === 'object' ? present(Object.fromEntries(Object.entries(value))) : value
}

/** Sign-up forms are abused to mail advertisements under a brand's name: a "first name" with an address in it is no name. */
function realNames(traits: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(traits).filter(([trait, value]) => !(trait.endsWith('name') && isAddress(value))),
  )
}

function isAddress(value: unknown): boolean {
  return (
    typeof value === 'string' && (value.length > 80 || /:\/\/|\bwww\.|\.(com|net|org|io|ru|cn|xyz|top)\b/i.test(value))
  )
}
