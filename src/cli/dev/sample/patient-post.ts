import { setTimeout as sleep } from 'node:timers/promises'

/** The API understood a request of the sample and said no. The message may be shown: it holds no address. */
export class SampleRefused extends Error {
  override readonly name = 'SampleRefused'
}

/** Nobody answered for so long that waiting on makes no sense. */
export class SampleUnanswered extends Error {
  override readonly name = 'SampleUnanswered'
}

export interface PatientPost {
  readonly url: string
  readonly authorization?: string
  readonly body: unknown
  readonly signal: AbortSignal
  /** Real milliseconds without any answer after which it gives up. Default: one minute. */
  readonly patienceMs?: number
}

const FIRST_DELAY_MS = 50
const LONGEST_DELAY_MS = 2000
const ATTEMPT_MS = 15_000
const LATER: ReadonlySet<number> = new Set([429, 502, 503, 504])

/**
 * Posts JSON until it is taken: busy (429), unavailable (502 to 504) and unreachable are reasons to try the very same body again.
 * Resolves to the answer. Throws {@link SampleRefused}, {@link SampleUnanswered}, and an AbortError when the signal fires.
 */
export async function patientPost(post: PatientPost): Promise<unknown> {
  const patienceMs = post.patienceMs ?? 60_000
  const path = new URL(post.url).pathname
  let delay = FIRST_DELAY_MS
  for (let waited = 0; ; waited += delay, delay = Math.min(LONGEST_DELAY_MS, delay * 2)) {
    post.signal.throwIfAborted()
    const answer = await attempt(post)
    if (answer !== undefined && answer.ok) return answer.json
    if (answer !== undefined && !LATER.has(answer.status)) {
      throw new SampleRefused(`POST ${path} answered ${answer.status}${detailOf(answer.json)}`)
    }
    if (waited >= patienceMs) {
      const last = answer === undefined ? 'nothing answers there' : `the last answer was ${answer.status}`
      throw new SampleUnanswered(`POST ${path} was not taken for ${Math.round(waited / 1000)} s: ${last}`)
    }
    delay = Math.max(delay, answer?.retryAfterMs ?? 0)
    await sleep(delay, undefined, { signal: post.signal })
  }
}

interface Answer {
  readonly ok: boolean
  readonly status: number
  readonly json: unknown
  readonly retryAfterMs?: number
}

/** Undefined: no answer, whether or not the request arrived. */
async function attempt({ url, authorization, body, signal }: PatientPost): Promise<Answer | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ATTEMPT_MS)]),
    })
    const text = await response.text()
    const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
    return {
      ok: response.ok,
      status: response.status,
      json: parsed(text),
      ...(seconds >= 0 && { retryAfterMs: Math.min(seconds * 1000, 10_000) }),
    }
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof TypeError || (error instanceof DOMException && error.name === 'TimeoutError')) return undefined
    throw error
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function detailOf(json: unknown): string {
  if (typeof json !== 'object' || json === null) return ''
  const told: unknown = Reflect.get(json, 'detail') ?? Reflect.get(json, 'problem')
  return typeof told === 'string' ? `: ${told}` : ''
}
