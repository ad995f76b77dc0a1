import type { Statements } from '../core/database.ts'
import { answerWhy, type ExplainQuestion } from '../explain/answer.ts'
import { renderExplanation } from '../explain/render-text.ts'
import { findPeople } from '../rights/person.ts'
import { EXIT, type CommandIo, type ExitCode } from './command-io.ts'
import { resolvePerson } from './contact-name.ts'
import { withStore } from './operator-command.ts'

export interface ExplainOptions {
  readonly contact?: string
  readonly email?: string
  readonly phone?: string
  readonly journey?: string
  readonly step?: string
  readonly send?: string
  readonly json?: boolean
}

/** `segue explain`: why somebody got, or did not get, a message. Exit code 1 if there is nothing to explain. */
export async function runExplain(options: ExplainOptions, io: CommandIo): Promise<ExitCode> {
  return withStore(io, async ({ database, settings }) => {
    const asked = await questionOf(database, options)
    if (typeof asked === 'string') {
      io.stderr(`segue explain: ${asked}\n`)
      return EXIT.usage
    }
    const explanations = await answerWhy(database, settings.addressKeys, asked)
    if (options.json === true) io.stdout(`${JSON.stringify({ format: '1.0', explanations }, undefined, 2)}\n`)
    else if (explanations.length === 0) io.stdout('there is no such message, and nothing was decided about one\n')
    else io.stdout(explanations.map(renderExplanation).join('\n'))
    return explanations.length === 0 ? EXIT.findings : EXIT.clean
  })
}

/** What is asked, or what is wrong with how it was asked. */
async function questionOf(statements: Statements, options: ExplainOptions): Promise<ExplainQuestion | string> {
  const { contact, email, phone, journey, step, send } = options
  if (send !== undefined) {
    const others = [contact, email, phone, journey, step].some((one) => one !== undefined)
    return others ? '--send names one message; give nothing else' : { kind: 'send', send }
  }
  const named = {
    ...(email === undefined ? {} : { email }),
    ...(phone === undefined ? {} : { phone }),
  }
  const byId = contact === undefined ? [] : await findPeople(statements, { kind: 'id', value: contact })
  const found =
    byId[0] !== undefined && email === undefined && phone === undefined
      ? ({ kind: 'found', id: byId[0] } as const)
      : await resolvePerson(statements, { externalId: contact, ...named })
  if (found.kind === 'wrong') return found.complaint
  return {
    kind: 'contact',
    contact: found.id,
    ...(journey === undefined ? {} : { journey }),
    ...(step === undefined ? {} : { step }),
  }
}
