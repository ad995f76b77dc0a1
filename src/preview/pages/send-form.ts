import type { Person } from '../fixtures.ts'
import { html, type Fragment } from '../markup.ts'
import type { PreviewedBody, PreviewedMessage } from '../previewed-message.ts'

/** What the form for a test send needs to know. */
export interface SendForm {
  /** Names of test contacts. */
  readonly contacts: readonly string[]
  /** Unguessable for other sites: without it nothing is sent. */
  readonly token: string
  readonly journey: string
  /** Where the messages go, in words. Absent: nothing is configured. */
  readonly through?: Fragment
}

/** The button for a test send, or what is missing for one. */
export function sendForm(send: SendForm, message: PreviewedMessage, body: PreviewedBody, person: Person): Fragment {
  const { contacts, token, journey, through } = send
  const { step, branch, action } = message
  const id = `to-${branch}${body.arm === undefined ? '' : `-${body.arm}`}`
  if (through === undefined || contacts.length === 0) {
    const missing =
      through === undefined
        ? 'no provider is configured'
        : 'segue.yaml names no test_contacts: the environment variables that hold the addresses of people on your team'
    return html`<p class="soft part">No test send from here: ${missing}.</p>`
  }
  return html`<form method="post" action="/send" class="bar part">
    ${hidden({ token, journey, step: step.id, branch, arm: body.arm ?? '', person: person.name })}
    <label for="${id}">Send a test to</label>
    <select id="${id}" name="to">
      ${contacts.map((name) => html`<option value="${name}">${name}</option>`)}
    </select>
    ${
      body.subjects.length > 1 &&
      html`<label for="${id}-subject">with the subject</label>
        <select id="${id}-subject" name="subject">
          ${body.subjects.map((arm) => html`<option value="${arm}">${arm}</option>`)}
        </select>`
    }
    <button type="submit">Send test ${action.channel === 'email' ? 'email' : 'text'}</button>
    <p class="soft">${through}</p>
  </form>`
}

function hidden(fields: Readonly<Record<string, string>>): Fragment {
  return Object.entries(fields).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`)
}
