import {
  CancellationScope,
  defineQuery,
  defineSignal,
  proxyActivities,
  setCurrentDetails,
  setDefaultSignalHandler,
  setHandler,
  setWorkflowOptions,
  sleep,
} from '@temporalio/workflow'
import { realDuration, virtualNow, type ClockOrigin } from '../../src/core/clock.ts'
import type { Effect, Event, State } from '../../src/core/enrollment.ts'
import { enroll, transition } from '../../src/core/transition.ts'
import {
  SIGNAL_KINDS,
  performerTaskQueue,
  type Activities,
  type JourneyInput,
  type JourneyResult,
  type JourneySignal,
} from '../protocol.ts'
import { describeDelivery, describeEffect, describeResult, describeWait } from './description.ts'

/**
 * Hosts `transition` for one enrollment of any journey. It holds no journey semantics: it turns effects into one timer
 * or one activity, and what comes back into events. Nothing else may be exported from here, because every exported
 * function could be started by its name.
 */
setWorkflowOptions({ versioningBehavior: 'AUTO_UPGRADE' }, run)

export default async function run(input: JourneyInput): Promise<JourneyResult> {
  const { zone } = input
  const inbox: Event[] = []
  let arrived = (): void => undefined
  for (const kind of SIGNAL_KINDS) {
    setHandler(defineSignal<[unknown]>(kind), (payload) => {
      const event = readSignal(kind, payload)
      if (event === undefined) return
      inbox.push(event)
      arrived()
    })
  }
  // A signal that nobody knows must neither throw (it would wedge the run) nor be kept.
  setDefaultSignalHandler(() => undefined)

  let { journey, state, effect } = enroll(input.journey, input.enrollment, input.enteredAt, input.beginning)
  setHandler(defineQuery<State>('state'), () => state)

  const clock = new RunClock(input.clock)
  let event: Event = { kind: 'woke', at: clock.now() }
  for (;;) {
    ;({ journey, state, effect } = transition(journey, state, event))
    setCurrentDetails(describeEffect({ journey, zone }, state, effect))
    // What has arrived is heard before anything is done: a goal that races a due message wins here, too.
    if (effect.kind === 'finish') return describeResult(journey, state, effect.outcome)
    event = inbox.shift() ?? (await perform(effect))
  }

  async function perform(wanted: Extract<Effect, { kind: 'wait' | 'deliver' }>): Promise<Event> {
    if (wanted.kind === 'wait') {
      const summary = describeWait(input, wanted)
      const ms = realDuration(wanted.until - clock.now(), input.clock.scale)
      // Not `condition`: it ends each wait with a cancellation that nobody asked for, and a stack trace for each costs more than the wait.
      const timer = new CancellationScope()
      await new Promise<void>((resolve, reject) => {
        arrived = resolve
        timer.run(() => sleep(ms, { summary })).then(resolve, reject)
      })
      const heard = inbox.shift()
      if (heard !== undefined) timer.cancel()
      return heard ?? { kind: 'woke', at: Math.max(wanted.until, clock.now()) }
    }
    const { step, branch, dueAt, rest, openUntil, feedbackMs } = wanted
    const { deliver } = proxyActivities<Activities>({
      taskQueue: performerTaskQueue(wanted.performer),
      // Above the hand-off's own deadline, so that an attempt is over before another one can begin.
      startToCloseTimeout: '30s',
      retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
      summary: describeDelivery(journey, wanted),
    })
    const { verdict, at, due } = await deliver({
      enrollment: input.enrollment,
      step,
      branch,
      dueAt,
      rest,
      openUntil,
      feedbackMs,
    })
    // The gate's clock is the authority: where it finds a step not yet due, the run was ahead and sets its own by it.
    if (verdict.kind === 'held' && verdict.reason === 'not_due') clock.set(at)
    return { kind: 'decided', at: Math.max(at, clock.now()), step, branch, verdict, ...(due && { due }) }
  }
}

/** Virtual time in the run: the sandbox's deterministic time, scaled. */
class RunClock {
  #origin: ClockOrigin

  constructor(origin: ClockOrigin) {
    this.#origin = origin
  }

  now(): number {
    return virtualNow(this.#origin, Date.now())
  }

  set(virtual: number): void {
    this.#origin = { virtual, real: Date.now(), scale: this.#origin.scale }
  }
}

/**
 * Signals are typed by their sender, but a run must survive whatever arrives: the kind is the signal's own, and what does not fit it
 * changes nothing in `transition`.
 */
function readSignal(kind: JourneySignal['kind'], payload: unknown): JourneySignal | undefined {
  return typeof payload === 'object' && payload !== null ? ({ ...payload, kind } as JourneySignal) : undefined
}
