import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { get, openWorkspace, previewOf, type EditableWorkspace } from './workspace.ts'

let workspace: EditableWorkspace

beforeEach(async () => {
  workspace = await openWorkspace()
})
afterEach(() => workspace.close())

describe('a workspace that is followed', () => {
  it('has both shipped journeys, in order, and nothing against them', () => {
    const { journeys, diagnostics } = workspace.live.current()
    expect(journeys.map(({ journey, stale }) => [journey.id, stale])).toEqual([
      ['cart-recovery', false],
      ['welcome', false],
    ])
    expect(diagnostics).toEqual([])
  })

  it('shows what was saved, under another version', async () => {
    const before = workspace.live.current().version
    const after = await workspace.edit('cart-recovery.yaml', 'You left something behind', 'Your basket is waiting')
    expect(after.version).toBeGreaterThan(before)
    expect(JSON.stringify(after.journeys)).toContain('Your basket is waiting')
  })

  it('keeps a journey as it was while its file has an error, says so, and goes on when it is mended', async () => {
    const broken = await workspace.edit('cart-recovery.yaml', 'template: cart/reminder', 'template: cart/remainder')
    expect(broken.diagnostics.map(({ code, file }) => [code, file])).toEqual([['SEG304', 'cart-recovery.yaml']])
    expect(broken.journeys.map(({ journey, stale }) => [journey.id, stale])).toEqual([
      ['cart-recovery', true],
      ['welcome', false],
    ])
    const app = previewOf(workspace.live)
    const { text } = await get(app, '/journeys/cart-recovery/first-email')
    expect(text).toContain('What you see is older')
    expect(text).toMatch(/error\[SEG304\][^]*cart-recovery\.yaml:\d+:\d+[^]*template: cart\/remainder[^]*\^{10}/)
    expect(text).toContain('You left something behind')
    await app.close()

    const mended = await workspace.edit('cart-recovery.yaml', 'template: cart/remainder', 'template: cart/reminder')
    expect(mended.diagnostics).toEqual([])
    expect(mended.journeys.map(({ stale }) => stale)).toEqual([false, false])
  })

  it('keeps everything while the file that all share cannot be read', async () => {
    const broken = await workspace.edit('segue.yaml', 'timezone: America/New_York', 'timezone: [')
    expect(broken.journeys.map(({ journey, stale }) => [journey.id, stale])).toEqual([
      ['cart-recovery', true],
      ['welcome', true],
    ])
    const app = previewOf(workspace.live)
    expect((await get(app, '/')).status).toBe(200)
    await app.close()
  })

  it('takes a journey away with its file', async () => {
    const gone = new Promise<readonly string[]>((resolve) => {
      workspace.live.onChange(({ journeys }) => {
        if (journeys.length === 1) resolve(journeys.map(({ journey }) => journey.id))
      })
    })
    await rm(join(workspace.folder, 'welcome.yaml'))
    expect(await gone).toEqual(['cart-recovery'])
  })

  it('looks into folders that come later', async () => {
    await mkdir(join(workspace.folder, 'messages', 'thanks'))
    await workspace.live.refresh()
    const found = await workspace.write('messages/thanks/now.sms.txt', 'Thank you. Reply STOP to opt out')
    expect(found.sources.has('messages/thanks/now.sms.txt')).toBe(true)
  })

  it('says nothing when a file is saved as it was', async () => {
    let heard = 0
    workspace.live.onChange(() => heard++)
    await workspace.live.refresh()
    expect(heard).toBe(0)
  })
})
