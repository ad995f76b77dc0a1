import type { ExplainedMessage, Explanation } from './explanation.ts'

/** An explanation to read. Says what the document says, and nothing besides. */
export function renderExplanation({ contact, journey, run, messages }: Explanation): string {
  const head = `${journey}, contact ${contact}, run ${run}`
  return `${[head, ...messages.map(renderMessage)].join('\n\n')}\n`
}

function renderMessage(message: ExplainedMessage): string {
  const { step, branch, channel, purpose, summary, decisions, outcome, version } = message
  const lines = [
    `${step}${branch === 'fallback' ? ' (fallback)' : ''}, ${channel}, for ${purpose}`,
    `  ${summary}`,
    ...decisions.flatMap(({ says, facts, passed }) => [
      `  ${says}`,
      ...(passed.length === 0 ? [] : [`    checked before: ${passed.join('; ')}`]),
      ...facts.map((fact) => `    - ${fact.says} [${fact.source}]`),
    ]),
    ...outcome.map((line) => `  ${line}`),
    `  ${version.says}`,
  ]
  return lines.join('\n')
}
