import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from '@temporalio/worker'
import { beforeAll, describe, expect, it } from 'vitest'
import { bundleWorkflows } from '../../workers/bundle.ts'

const folder = fileURLToPath(new URL('../histories/', import.meta.url))
const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
let code: string

beforeAll(async () => {
  code = await bundleWorkflows('journey')
})

async function replay(history: unknown): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: { code } }, history)
}

function read(name: string): {
  events: { activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[]
} {
  return JSON.parse(readFileSync(`${folder}${name}`, 'utf8'))
}

describe('the replay gate', () => {
  it('has recorded histories to replay', () => {
    expect(files.length).toBeGreaterThanOrEqual(7)
  })

  it.each(files)('this build goes on with a run recorded as %s', async (name) => {
    await expect(replay(read(name))).resolves.toBeUndefined()
  })

  it('sees a build that would do something else: a history with another activity does not replay', async () => {
    const history = read(files.find((name) => name.includes('three-messages')) ?? '')
    const scheduled = history.events.find((event) => event.activityTaskScheduledEventAttributes !== undefined)
    if (scheduled?.activityTaskScheduledEventAttributes !== undefined) {
      scheduled.activityTaskScheduledEventAttributes.activityType.name = 'somethingElse'
    }
    await expect(replay(history)).rejects.toThrow(/[Nn]ondeterminism|TMPRL1100/)
  })
})
