import { CHANNELS } from '../../core/compiled-journey.ts'
import { report } from '../../diagnostics/report.ts'
import type { JourneyRule } from './rule.ts'

/** A step does one thing. Two messages at one instant are two steps, so that each can be read, moved and measured. */
export const oneAction: JourneyRule = ({ source, journey }) =>
  journey.steps.flatMap(({ id, key, actions, fallback }) => {
    const places = [
      { name: `the step ${JSON.stringify(id)}`, key, actions },
      ...(fallback === undefined ? [] : [{ name: 'the fallback', ...fallback }]),
    ]
    return places.flatMap((place) => {
      const [first, second] = place.actions
      if (first === undefined) {
        return [
          report(source, 'SEG211', {
            message: `${place.name} sends nothing`,
            at: place.key,
            expected: `exactly one of ${CHANNELS.join(', ')}`,
          }),
        ]
      }
      if (second === undefined) return []
      return [
        report(source, 'SEG211', {
          message: `${place.name} sends both ${first.channel} and ${second.channel}`,
          at: second.key,
          expected: `exactly one of ${CHANNELS.join(', ')}`,
          help: 'make it a step of its own',
          related: [{ message: `${first.channel} is here`, at: first.key }],
        }),
      ]
    })
  })
