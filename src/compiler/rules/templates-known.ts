import { report } from '../../diagnostics/report.ts'
import { messagesOf, type JourneyRule } from './rule.ts'
import { unknownName } from './unknown-name.ts'

const FILES = { email: '<name>.mjml or <name>.md', sms: '<name>.sms.txt' } as const

/** Every message has a template of its channel. A name may have one for each channel. */
export const templatesKnown: JourneyRule = ({ source, journey, templates }) =>
  messagesOf(journey).flatMap(({ action: { channel, template } }) => {
    const channels = templates.get(template.value)
    if (channels?.[channel] !== undefined) return []
    const other = Object.values(channels ?? {})[0]
    if (other !== undefined) {
      return [
        report(source, 'SEG304', {
          message: `the template ${JSON.stringify(template.value)} is no ${channel}`,
          at: template.node,
          help: `there is only ${other.path}; add ${FILES[channel].replaceAll('<name>', `messages/${template.value}`)}`,
        }),
      ]
    }
    const known = [...templates].filter(([, one]) => one[channel] !== undefined).map(([name]) => name)
    const declaredIn = `messages/, as ${FILES[channel].replaceAll('<name>', template.value)}`
    return [unknownName(source, template, { code: 'SEG304', noun: `${channel} template`, known, declaredIn })]
  })
