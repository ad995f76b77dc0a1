import type { Snapshot } from '../live-workspace.ts'
import { html, type Markup } from '../markup.ts'

/** For an address that names no message: a step may have been renamed while its page was open. */
export function notFound({ journeys }: Snapshot): Markup {
  return html`<h1>There is no such message</h1>
    <p>
      It may have another name now. <a href="/">Every message</a> of ${journeys.length} journeys is on the first page.
    </p>`
}
