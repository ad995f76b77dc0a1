import { setTimeout as sleep } from 'node:timers/promises'
import { wantsColor, type CommandIo } from '../command-io.ts'
import type { DevSecrets } from './dev-secrets.ts'
import { readProgress, type Progress } from './sample/progress.ts'
import { LiveBlock, renderProgress } from './sample/render-progress.ts'
import type { Sample } from './sample/sample.ts'
import { streamSample, type StreamProgress } from './sample/stream.ts'
import type { Stack } from './stack.ts'

export interface WalkThrough {
  readonly sample: Sample
  readonly stack: Stack
  readonly secrets: DevSecrets
  readonly stopped: Promise<NodeJS.Signals>
  /** In which virtual time is shown. */
  readonly zone: string
  /** Nobody looks on: runs that do not end are a failure. Otherwise a journey may well take months, and the stack stays up. */
  readonly mustEnd: boolean
  readonly io: CommandIo
}

/** Real time after which the walk is over. The shipped journeys end well before; only a defect of theirs takes longer. */
const MUST_END_MS = 15 * 60_000
/** Real time that carriers' last answers may take after the last run has ended. What is missing then is the result's to name. */
const LAST_ANSWERS_MS = 20_000
const LOOK_EVERY_MS = 250
/** Without a terminal a line now and then is enough. */
const LOG_EVERY_MS = 5_000

/**
 * Streams the sample and shows live what becomes of its people, until every run has ended and everything that was to be told
 * has been told. If that takes longer than it ever should it throws, naming what is still open, unless `mustEnd` is false.
 */
export async function walkThrough(walk: WalkThrough): Promise<'ended' | 'stopped'> {
  const { sample, stack, secrets, io } = walk
  const leaving = new AbortController()
  let streamed: StreamProgress & { readonly complete?: boolean } = { sent: 0, of: sample.events.length }
  const streaming = streamSample(sample, {
    apiUrl: stack.apiUrl,
    writeKey: secrets.writeKey,
    serverKey: secrets.serverKey,
    sandboxUrl: stack.sandbox.url,
    clock: stack.foundation.clock,
    signal: leaving.signal,
    onProgress: (progress) => {
      streamed = progress
    },
  }).then(({ complete, sent, rejected }) => {
    streamed = { sent, of: sample.events.length, complete }
    for (const { messageId, reason, detail } of rejected) {
      io.stderr(`segue: the API did not take ${messageId}: ${reason}, ${detail}\n`)
    }
  })
  let failure: unknown
  streaming.catch((error: unknown) => {
    failure = error
  })
  stack.failed.catch((error: unknown) => {
    failure = error
  })
  let stopped = false
  void walk.stopped.then(() => {
    stopped = true
    leaving.abort()
  })

  const show = display(walk)
  const began = performance.now()
  let allEnded: number | undefined
  for (;;) {
    const progress = await readProgress(stack.foundation.database, stack.foundation.clock.now())
    if (streamed.complete === true && progress.waiting === 0) allEnded ??= performance.now()
    const patient = allEnded !== undefined && performance.now() - allEnded < LAST_ANSWERS_MS
    const settled = allEnded !== undefined && (!patient || (await nothingPending(stack)))
    show(progress, streamed, settled || stopped)
    if (failure !== undefined) throw failure
    if (stopped) {
      await streaming.catch(() => undefined)
      return 'stopped'
    }
    if (settled) return 'ended'
    if (performance.now() - began > MUST_END_MS) {
      leaving.abort()
      if (!walk.mustEnd) return 'ended'
      throw new Error(
        `${progress.waiting} of ${progress.entered} runs had not ended after 15 minutes; see the Temporal UI`,
      )
    }
    await sleep(LOOK_EVERY_MS)
  }

  function display({ zone }: WalkThrough): (progress: Progress, sent: StreamProgress, last: boolean) => void {
    const tty = process.stderr.isTTY === true
    const block = new LiveBlock(process.stderr)
    let loggedAt = Number.NEGATIVE_INFINITY
    return (progress, sent, last) => {
      const now = performance.now()
      if (!tty && !last && now - loggedAt < LOG_EVERY_MS) return
      loggedAt = now
      const view = { now: stack.foundation.clock.now(), zone, tty, color: tty && wantsColor(io), sample: sent }
      const text = renderProgress(progress, view)
      if (tty) block.draw(text)
      else io.stderr(`${text}\n`)
    }
  }
}

/** Neither the outbox nor a carrier's answer is still under way. */
async function nothingPending({ foundation }: Stack): Promise<boolean> {
  const [row] = await foundation.database.query<{ pending: number }>(
    `select (select count(*) from outbox where done_at is null)
          + (select count(*) from send where state in ('reserved', 'attempting', 'unknown', 'accepted'))
          + (select count(*) from service_message where state in ('reserved', 'attempting', 'unknown', 'accepted')) as pending`,
  )
  return row?.pending === 0
}
