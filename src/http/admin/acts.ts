import { createHash } from 'node:crypto'
import type { FastifyReply } from 'fastify'
import { revokeKey } from '../../administration/api-key.ts'
import { recordAct } from '../../administration/audit-trail.ts'
import { setSwitch, SWITCH_SCOPES } from '../../administration/kill-switch.ts'
import { renderProofPage } from '../../consent/proof-page.ts'
import { proofOf } from '../../consent/proof.ts'
import { closeReply } from '../../ingestion/reply-queue.ts'
import { resumePaused } from '../../ingestion/resume-paused.ts'
import type { LoggedIn, LoginDeps } from './login.ts'
import { showProofForm, showSwitches } from './pages.ts'

/** Longer reasons are essays; longer names are none. */
const MOST_TEXT = 200

const again = (reply: FastifyReply, page: string): FastifyReply => reply.redirect(page, 303)
const text = (fields: URLSearchParams, name: string): string => (fields.get(name) ?? '').trim().slice(0, MOST_TEXT)

export async function turnSwitch(
  deps: LoginDeps,
  me: LoggedIn,
  fields: URLSearchParams,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const scope = SWITCH_SCOPES.find((one) => one === fields.get('scope'))
  const name = scope === 'all' ? '' : text(fields, 'name')
  const on = fields.get('on') === 'yes'
  const reason = text(fields, 'reason')
  if (scope === undefined || (scope !== 'all' && name === '')) return showSwitches(deps, me, reply, 'Say what to stop.')
  if (on && reason === '') return showSwitches(deps, me, reply, 'Say why, for those who find it later.')
  const at = deps.clock.now()
  await deps.database.transaction((statements) =>
    setSwitch(statements, { scope, name, on, reason, actor: me.principal.name, at }),
  )
  if (!on) await resumePaused(deps.database, { scope, name }, at)
  return again(reply, 'switches')
}

export async function revoke(
  { database, realNow }: LoginDeps,
  me: LoggedIn,
  fields: URLSearchParams,
  reply: FastifyReply,
): Promise<FastifyReply> {
  await revokeKey(database, { id: text(fields, 'id'), actor: me.principal.name, at: realNow() })
  return again(reply, 'keys')
}

export async function closeOpenReply(
  { database, clock, addressKeys: keys }: LoginDeps,
  me: LoggedIn,
  fields: URLSearchParams,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const id = Number(fields.get('id'))
  const stop = fields.get('stop') === 'yes'
  if (Number.isSafeInteger(id)) {
    await closeReply(database, { keys }, { id, stop, actor: me.principal.name, at: clock.now() })
  }
  return again(reply, 'replies')
}

/** Personal data leaves the store here: who took it is on the trail. */
export async function showProof(
  deps: LoginDeps,
  me: LoggedIn,
  fields: URLSearchParams,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const at = deps.clock.now()
  const proof = await deps.database.transaction(async (statements) => {
    const [contact] = await statements.query<{ id: string }>(
      'select id from contact where external_id = $1 or id::text = $1 order by external_id = $1 desc nulls last limit 1',
      [(fields.get('contact') ?? '').trim()],
    )
    if (contact === undefined) return undefined
    await recordAct(statements, { actor: me.principal.name, act: 'consent.proof', subject: contact.id, at })
    return proofOf(statements, contact.id, { keys: deps.addressKeys, at })
  })
  if (proof === undefined) return showProofForm(deps, me, reply, 'There is no contact with this id.')
  const page = renderProofPage(proof)
  // The page brings its own style, for paper; only this one is let in.
  const style = createHash('sha256').update(/<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '')
  return reply
    .header(
      'content-security-policy',
      `default-src 'none'; style-src 'sha256-${style.digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
    .header('x-robots-tag', 'noindex')
    .type('text/html; charset=utf-8')
    .send(page)
}
