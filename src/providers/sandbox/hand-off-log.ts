import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import type { EmailEvent, HandOff, HandOffStatus, Text } from './hand-off.ts'

export type SuppressionList = 'bounces' | 'blocks' | 'spam_reports' | 'unsubscribes'

export interface Suppressed {
  readonly list: SuppressionList
  readonly email: string
  readonly at: number
  readonly reason: string
}

/** Everything the emulator must still know after it was killed. One line of the log file each. */
export type LogEntry =
  | { readonly kind: 'accepted'; readonly handOff: HandOff }
  | { readonly kind: 'status'; readonly id: string; readonly status: HandOffStatus }
  | { readonly kind: 'text'; readonly text: Text }
  | { readonly kind: 'event'; readonly id: string; readonly event: EmailEvent }
  | { readonly kind: 'redacted'; readonly id: string; readonly deleted: boolean }
  | { readonly kind: 'opted-out' | 'opted-in'; readonly recipient: string; readonly sender: string }
  | ({ readonly kind: 'suppressed' } & Suppressed)
  | { readonly kind: 'unsuppressed'; readonly list: SuppressionList; readonly email: string }
  | { readonly kind: 'erased'; readonly emails: readonly string[] }

export interface HandOffLog {
  append(entry: LogEntry): void
  handOffs(): readonly HandOff[]
  find(id: string): HandOff | undefined
  texts(): readonly Text[]
  events(id: string): readonly EmailEvent[]
  isOptedOut(recipient: string, sender: string): boolean
  suppressions(list: SuppressionList): readonly Suppressed[]
  /** Addresses that an erase job was asked for, lower case. */
  erased(): readonly string[]
  /** Grows with every entry; the inbox compares it to know whether to refresh. */
  version(): number
}

const readEntries = (file: string): readonly LogEntry[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as LogEntry]
      } catch {
        // A process killed while writing leaves half a line. The entry was not acknowledged to anybody, so it never was.
        return []
      }
    })

/**
 * The emulator's memory: a fold over its log. Every change is written to the file before it is acted on, with a
 * synchronous append, so that a message answered with 201 or 202 is never forgotten by a killed process.
 */
export const createHandOffLog = (file?: string): HandOffLog => {
  const handOffs = new Map<string, HandOff>()
  const texts: Text[] = []
  const events = new Map<string, EmailEvent[]>()
  const optedOut = new Set<string>()
  const suppressed = new Map<string, Suppressed>()
  const erased = new Set<string>()
  let version = 0

  const change = (id: string, next: (handOff: HandOff) => HandOff): void => {
    const handOff = handOffs.get(id)
    if (handOff !== undefined) handOffs.set(id, next(handOff))
  }

  const forgetText = (id: string): void => {
    const place = texts.findIndex((text) => text.id === id)
    if (place !== -1) texts.splice(place, 1)
  }
  const emptied = (handOff: HandOff): HandOff => ({ ...handOff, subject: null, body: '', html: null })

  const apply = (entry: LogEntry): void => {
    version += 1
    switch (entry.kind) {
      case 'accepted':
        handOffs.set(entry.handOff.id, entry.handOff)
        return
      case 'status':
        return change(entry.id, (handOff) => ({ ...handOff, statuses: [...handOff.statuses, entry.status] }))
      case 'text':
        texts.push(entry.text)
        return
      case 'event':
        events.set(entry.id, [...(events.get(entry.id) ?? []), entry.event])
        return
      case 'redacted':
        if (entry.deleted && !handOffs.has(entry.id)) forgetText(entry.id)
        return change(entry.id, (handOff) => ({
          ...handOff,
          body: '',
          sms: handOff.sms === null ? null : { ...handOff.sms, deleted: handOff.sms.deleted || entry.deleted },
        }))
      case 'opted-out':
        optedOut.add(`${entry.recipient} ${entry.sender}`)
        return
      case 'opted-in':
        optedOut.delete(`${entry.recipient} ${entry.sender}`)
        return
      case 'suppressed':
        suppressed.set(`${entry.list} ${entry.email}`, entry)
        return
      case 'unsuppressed':
        suppressed.delete(`${entry.list} ${entry.email}`)
        return
      case 'erased':
        for (const email of entry.emails) erased.add(email)
        for (const { id, to } of handOffs.values()) {
          if (entry.emails.includes(to.toLowerCase())) change(id, emptied)
        }
        return
      default:
        return entry satisfies never
    }
  }

  if (file !== undefined && existsSync(file)) {
    for (const entry of readEntries(file)) apply(entry)
    // Ends a half-written line, which would otherwise swallow the next entry.
    if (!readFileSync(file, 'utf8').endsWith('\n')) appendFileSync(file, '\n')
  }

  return {
    append: (entry) => {
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(entry)}\n`)
      apply(entry)
    },
    handOffs: () => [...handOffs.values()],
    find: (id) => handOffs.get(id),
    texts: () => texts,
    events: (id) => events.get(id) ?? [],
    isOptedOut: (recipient, sender) => optedOut.has(`${recipient} ${sender}`),
    suppressions: (list) => [...suppressed.values()].filter((entry) => entry.list === list),
    erased: () => [...erased],
    version: () => version,
  }
}
