import type { FastifyReply } from 'fastify'
import { listKeys, stateOf } from '../../administration/api-key.ts'
import { listSwitches, SWITCH_SCOPES } from '../../administration/kill-switch.ts'
import { listReplies } from '../../ingestion/reply-queue.ts'
import { hidden, notice, select } from '../pages/form-parts.ts'
import { html, type Html } from '../pages/html.ts'
import { instant, sendAdminPage, table } from './layout.ts'
import type { LoggedIn, LoginDeps } from './login.ts'

const MOST_ROWS = 200

interface AuditRow {
  readonly actor: string
  readonly act: string
  readonly subject: string
  readonly detail: unknown
  readonly at: number
}

export async function showAudit({ database }: LoginDeps, me: LoggedIn, reply: FastifyReply): Promise<FastifyReply> {
  const rows = await database.query<AuditRow>(
    'select actor, act, subject, detail, at from audit order by at desc, id desc limit $1',
    [MOST_ROWS],
  )
  const cells = rows.map(({ actor, act, subject, detail, at }) => [
    instant(at),
    actor,
    act,
    subject,
    JSON.stringify(detail) === '{}' ? '' : JSON.stringify(detail),
  ])
  const body = table(`The last ${MOST_ROWS} administrative acts`, ['When', 'Who', 'What', 'To what', 'Detail'], cells)
  return sendAdminPage(reply, 'audit', me, body)
}

export async function showSwitches(
  { database }: LoginDeps,
  me: LoggedIn,
  reply: FastifyReply,
  wrong?: string,
): Promise<FastifyReply> {
  const switches = await listSwitches(database)
  const form = hidden('form', me.formToken('switches'))
  const cells = switches.map(({ scope, name, reason, at }) => [
    instant(at),
    scope === 'all' ? 'everything' : `${scope} ${name}`,
    reason,
    html`<form method="post" action="switches">
      ${form}${hidden('scope', scope)}${hidden('name', name)}${hidden('on', 'no')}
      <button type="submit" class="quiet">Turn off</button>
    </form>`,
  ])
  const body = html`${wrong !== undefined && notice(wrong, 'warn')}
    ${
      cells.length === 0
        ? html`<p>Nothing is stopped.</p>`
        : table('Switches that are on: these messages wait', ['Since', 'What', 'Why', 'Go on'], cells)
    }
    <div class="card">
      <h2>Stop messages</h2>
      <form method="post" action="switches">
        ${form}${hidden('on', 'yes')}
        ${select({
          name: 'scope',
          label: 'What',
          value: 'all',
          options: SWITCH_SCOPES.map((scope) => ({
            value: scope,
            label: scope === 'all' ? 'everything' : `one ${scope}`,
          })),
        })}
        ${field('name', 'Its name', 'email, sms, a provider or a journey; empty for everything')}
        ${field('reason', 'Why', 'For those who find it later. No names, no addresses.')}
        <div class="actions"><button type="submit" class="no">Stop these messages</button></div>
      </form>
    </div>`
  return sendAdminPage(reply, 'switches', me, body, wrong === undefined ? 200 : 422)
}

export async function showKeys(
  { database, realNow }: LoginDeps,
  me: LoggedIn,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const now = realNow()
  const cells = (await listKeys(database)).map((key) => {
    const state = stateOf(key, now)
    const end = html`<form method="post" action="keys">
      ${hidden('form', me.formToken('keys'))}${hidden('id', key.id)}
      <button type="submit" class="no">Revoke ${key.name}</button>
    </form>`
    const used = key.lastUsedAt === null ? 'never' : instant(key.lastUsedAt)
    return [key.name, key.scope, key.id, state, used, instant(key.expiresAt), state === 'live' && end]
  })
  const body = html`${table('Keys', ['Name', 'Scope', 'Id', 'State', 'Last used', 'Until', 'End it'], cells)}
    <p>Make and rotate keys at the command line: a key is shown once, and not here.</p>`
  return sendAdminPage(reply, 'keys', me, body)
}

export async function showReplies({ database }: LoginDeps, me: LoggedIn, reply: FastifyReply): Promise<FastifyReply> {
  const replies = await listReplies(database, { open: true, limit: MOST_ROWS })
  const button = (id: number, stop: boolean): Html =>
    html`<form method="post" action="replies">
      ${hidden('form', me.formToken('replies'))}${hidden('id', id)}${hidden('stop', stop ? 'yes' : 'no')}
      <button type="submit" class="${stop ? 'no' : 'quiet'}">${stop ? 'It is a no' : 'It is not'}</button>
    </form>`
  const cells = replies.map(({ id, receivedAt, channel, text }) => [
    instant(receivedAt),
    channel,
    text,
    html`${button(id, true)} ${button(id, false)}`,
  ])
  const body = html`<p>Marketing to these people waits until somebody has read what they wrote.</p>
    ${table('Messages that may be a refusal', ['When', 'By', 'Text', 'Decide'], cells)}`
  return sendAdminPage(reply, 'replies', me, body)
}

export async function showRejections(
  { database }: LoginDeps,
  me: LoggedIn,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const rows = await database.query<{ source: string; reason: string; count: number; last: number }>(
    `select source, reason, count(*) as count, max(received_at) as last from rejection
      group by source, reason order by count(*) desc, source, reason`,
  )
  const cells = rows.map(({ source, reason, count, last }) => [source, reason, count, instant(last)])
  const body = table('What arrived and was not taken', ['From', 'Reason', 'How often', 'Last'], cells)
  return sendAdminPage(reply, 'rejections', me, body)
}

export async function showProofForm(
  _deps: LoginDeps,
  me: LoggedIn,
  reply: FastifyReply,
  wrong?: string,
): Promise<FastifyReply> {
  const body = html`${wrong !== undefined && notice(wrong, 'warn')}
    <p>Everything that one person said about being contacted, and what was sent because of it. Looking is recorded.</p>
    <form method="post" action="proof">
      ${hidden('form', me.formToken('proof'))}
      ${field('contact', 'Contact', 'The id at the shop, or the contact’s own')}
      <div class="actions"><button type="submit">Show the proof</button></div>
    </form>`
  return sendAdminPage(reply, 'proof', me, body, wrong === undefined ? 200 : 404)
}

function field(name: string, label: string, hint: string): Html {
  return html`<div class="field">
    <label for="${name}">${label}</label>
    <input type="text" id="${name}" name="${name}" value="" autocomplete="off" aria-describedby="${name}-hint" />
    <p class="hint" id="${name}-hint">${hint}</p>
  </div>`
}
