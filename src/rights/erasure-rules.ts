/**
 * What erasing a person does to each table that speaks of people. Data, so that it can be read by whoever has to answer for it.
 *
 * - `delete`: the rows go.
 * - `clear`: the rows stay, because counts, callbacks or other rows need them, and lose what says anything about a person. Every
 *   column that holds text is either set or kept with its reason; a test asks for that.
 * - `keep`: the rows stay as they are, and why that is right.
 * - `own`: a part of its own does it.
 */
export type ErasureRule =
  | { readonly kind: 'delete' }
  | {
      readonly kind: 'clear'
      /** SQL expressions by column; `$2` is now, epoch milliseconds. */
      readonly set: Readonly<Record<string, string>>
      /** Columns that hold text and stay, and why they say nothing about a person. */
      readonly keeps: Readonly<Record<string, string>>
    }
  | { readonly kind: 'keep'; readonly why: string }
  | { readonly kind: 'own'; readonly by: string }

const DEFINED = 'written by the journey or by Segue, the same for everybody'
const CARRIER = "the carrier's opaque id or code; a late callback is matched by it"

/** The host alone: paths and parameters may name the person, or what they bought. A later click still ends up at the shop. */
const HOST_ONLY = `coalesce(substring(t.url from '^https?://[^/?#@]+(?=[/?#]|$)'), 'about:blank')`

export const ERASURE_RULES: Readonly<Record<string, ErasureRule>> = {
  contact: {
    kind: 'clear',
    set: {
      external_id: 'null',
      anonymous_id: 'null',
      email: 'null',
      phone: 'null',
      traits: `'{}'`,
      updated_at: '$2',
      erased_at: 'coalesce(t.erased_at, $2)',
    },
    keeps: {},
  },
  event: {
    kind: 'clear',
    set: { properties: `'{}'` },
    keeps: {
      message_id: 'a repeated call must still be known; replaced when it holds an address, an id or a name',
      kind: DEFINED,
      name: DEFINED,
    },
  },
  enrollment: {
    kind: 'clear',
    set: { trigger: `'{}'`, key: 't.id::text' },
    keeps: {
      journey: DEFINED,
      version: DEFINED,
      state: DEFINED,
      outcome: DEFINED,
      end_reason: DEFINED,
      trigger_message_id: 'as event.message_id',
    },
  },
  send: {
    kind: 'clear',
    set: { address_hash: 'null', code: 'null', body_hash: 'null' },
    keeps: {
      step: DEFINED,
      branch: DEFINED,
      journey: DEFINED,
      version: DEFINED,
      channel: DEFINED,
      purpose: DEFINED,
      class: DEFINED,
      arm: DEFINED,
      state: DEFINED,
      reason: DEFINED,
      provider: DEFINED,
      provider_id: CARRIER,
    },
  },
  decision: {
    kind: 'clear',
    set: { facts: `'{"erased": true}'` },
    keeps: { step: DEFINED, branch: DEFINED, verdict: DEFINED, reason: DEFINED, version: DEFINED },
  },
  inbound_message: {
    kind: 'clear',
    set: { body: `''`, address_hash: 'null', key_version: 'null', state: 'null' },
    keeps: {
      provider: DEFINED,
      provider_id: CARRIER,
      meaning: DEFINED,
      channel: DEFINED,
      rule: DEFINED,
      scope: DEFINED,
      hints: DEFINED,
      closed_by: 'who of the operators answered',
    },
  },
  link: { kind: 'clear', set: { url: HOST_ONLY }, keeps: { token: 'random; a late click is counted by it' } },
  service_message: {
    kind: 'clear',
    set: {
      address: 'null',
      body: 'null',
      subject: 'null',
      html: 'null',
      address_hash: 'null',
      state: `case when t.state = 'reserved' then 'refused' else t.state end`,
      reason: `case when t.state = 'reserved' then 'erased' else t.reason end`,
    },
    keeps: {
      kind: DEFINED,
      dedupe_key: 'opaque ids; the same reason must not write the message again',
      channel: DEFINED,
      sender: DEFINED,
      purpose: DEFINED,
      provider: DEFINED,
      provider_id: CARRIER,
    },
  },
  reply_webhook: {
    kind: 'clear',
    set: {
      state: `case when t.state = 'pending' then 'failed' else t.state end`,
      reason: `case when t.state = 'pending' then 'erased' else t.reason end`,
    },
    keeps: { url: "the shop's own endpoint" },
  },
  assignment: { kind: 'delete' },
  opt_in_request: { kind: 'delete' },
  contact_preference: { kind: 'delete' },
  consent: { kind: 'own', by: 'eraseFromLedger' },
  consent_event: { kind: 'own', by: 'eraseFromLedger' },
  consent_chain: { kind: 'keep', why: 'the heads of chains that go on verifying without their evidence' },
  consent_reliance: { kind: 'keep', why: 'when a consent was last relied on; its retention counts from there' },
  rejection: { kind: 'own', by: 'eraseRejections' },
  erasure_task: { kind: 'own', by: 'workErasureTasks: the address goes with the answer of the carrier' },
  feedback: { kind: 'keep', why: "the carriers' codes and instants of a send; no address, no text" },
  click: { kind: 'keep', why: 'a random token and an instant' },
  outbox: { kind: 'keep', why: 'kinds and instants of what the engine was told' },
  offer_code: {
    kind: 'keep',
    why: "the shop's code, which must never be given out again; it leads to a run of nobody",
  },
  suppression: { kind: 'keep', why: 'the "no" outlives erasure as a keyed hash: GDPR Art. 17(3)(b) and (e)' },
  audit: { kind: 'keep', why: 'who did what, with opaque ids only' },
}
