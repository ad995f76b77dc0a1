import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { main } from '../../src/cli/segue.ts'

const WORKSPACE = fileURLToPath(new URL('../journeys/workspace', import.meta.url))
const MANIFEST = fileURLToPath(new URL('../../package.json', import.meta.url))
const BROKEN =
  'segue: 1\njourney: broken\nporpuse: cart-reminders\nenter: { event: cart.abandoned }\nsteps: { a: { at: 1h, email: { template: cart/reminder } } }\n'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segue-check-'))
  await cp(WORKSPACE, join(folder, 'journeys'), { recursive: true })
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

async function segue(
  args: readonly string[],
  options: { cwd?: string; env?: Record<string, string>; isTerminal?: boolean } = {},
) {
  const out: string[] = []
  const err: string[] = []
  const code = await main(args, {
    stdout: (text) => out.push(text),
    stderr: (text) => err.push(text),
    cwd: options.cwd ?? folder,
    env: options.env ?? {},
    isTerminal: options.isTerminal ?? false,
  })
  return { code, stdout: out.join(''), stderr: err.join('') }
}

describe('segue check', () => {
  it('is clean for a sound workspace in journeys/', async () => {
    expect(await segue(['check'])).toEqual({ code: 0, stdout: '1 journey, no findings\n', stderr: '' })
  })

  it('prints findings on stdout, with paths from where it was called, and exits 1', async () => {
    await writeFile(join(folder, 'journeys', 'broken.yaml'), BROKEN)
    const { code, stdout, stderr } = await segue(['check'])
    expect(code).toBe(1)
    expect(stdout).toContain('error[SEG201] unknown key "porpuse" in the journey\n  --> journeys/broken.yaml:3:1\n')
    expect(stderr).toBe('')
    const inside = await segue(['check'], { cwd: join(folder, 'journeys', 'policies') })
    expect(inside).toMatchObject({ code: 0, stdout: '1 journey, no findings\n' })
    const beside = await segue(['check', '..'], { cwd: join(folder, 'journeys', 'policies') })
    expect(beside.stdout).toContain('--> ../broken.yaml:3:1')
  })

  it('shows only findings of the files that were named', async () => {
    await writeFile(join(folder, 'journeys', 'broken.yaml'), BROKEN)
    expect(await segue(['check', 'journeys/base.yaml'])).toMatchObject({ code: 0 })
    expect(await segue(['check', 'journeys/base.yaml', 'journeys/broken.yaml'])).toMatchObject({ code: 1 })
    expect(await segue(['check', 'journeys/policies'])).toMatchObject({ code: 0 })
  })

  it('prints one JSON document for machines, clean or not', async () => {
    const clean: unknown = JSON.parse((await segue(['check', '--json'])).stdout)
    expect(clean).toEqual({ format: '1.0', counts: { error: 0, warning: 0, info: 0 }, diagnostics: [] })
    await writeFile(join(folder, 'journeys', 'broken.yaml'), BROKEN)
    const { code, stdout } = await segue(['check', '--json'])
    const broken: unknown = JSON.parse(stdout)
    expect(code).toBe(1)
    expect(broken).toHaveProperty('diagnostics.0.file', 'journeys/broken.yaml')
    expect(broken).toHaveProperty('diagnostics.0.fix.text', 'purpose')
  })

  it('does not fail for warnings, unless it is strict', async () => {
    await writeFile(join(folder, 'journeys', 'events', 'order.yml'), 'segue: 1\n')
    expect(await segue(['check'])).toMatchObject({ code: 0, stdout: expect.stringContaining('warning[SEG321]') })
    expect(await segue(['check', '--strict'])).toMatchObject({ code: 1 })
  })

  it('shows colours at a terminal, and none when NO_COLOR says so', async () => {
    await writeFile(join(folder, 'journeys', 'broken.yaml'), BROKEN)
    expect((await segue(['check'], { isTerminal: true })).stdout).toContain('\u001b[31m')
    expect((await segue(['check'], { isTerminal: true, env: { NO_COLOR: '1' } })).stdout).not.toContain('\u001b')
    expect((await segue(['check'], { isTerminal: true, env: { TERM: 'dumb' } })).stdout).not.toContain('\u001b')
    expect((await segue(['check'], { env: { FORCE_COLOR: '1' } })).stdout).toContain('\u001b[31m')
  })

  it('exits 2 where there is no workspace, no such path, or no such option, and says so on stderr', async () => {
    const nowhere = await segue(['check'], { cwd: tmpdir() })
    expect(nowhere).toMatchObject({ code: 2, stdout: '' })
    expect(nowhere.stderr).toContain('no workspace at .')
    expect(await segue(['check', 'nothing.yaml'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'segue check: there is no file or folder nothing.yaml\n',
    })
    expect(await segue(['check', '--jsno'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--json') })
    expect(await segue(['chekc'])).toMatchObject({ code: 2, stderr: expect.stringContaining('check') })
    expect(await segue([])).toMatchObject({ code: 2, stdout: '' })
  })

  it('exits 0 for help', async () => {
    expect(await segue(['check', '--help'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Usage: segue check'),
      stderr: '',
    })
  })

  it('says which version it is', async () => {
    const { version } = JSON.parse(await readFile(MANIFEST, 'utf8')) as { version: string }
    expect(await segue(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('exits 3 with one line and no stack trace when a file cannot be read', async () => {
    const { code, stderr, stdout } = await segue(['check', `journeys${'/x'.repeat(10)}\u0000`])
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})
