import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { program } from '../../src/cli/segue.ts'
import { segue } from '../cli/command-line.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const UGLY = 'journey: ugly\nsegue: 1   # first\n'

let folder = ''

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segue-fmt-'))
  await cp(`${ROOT}journeys`, join(folder, 'journeys'), { recursive: true })
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const fmt = (...args: readonly string[]) => segue(['fmt', ...args], { cwd: folder })
const write = (file: string, text: string) => writeFile(join(folder, 'journeys', file), text)
const read = (file: string) => readFile(join(folder, 'journeys', file), 'utf8')

describe('segue fmt', () => {
  it('finds nothing to do in the shipped journeys', async () => {
    const { code, stdout, stderr } = await fmt('--check')
    expect(stdout).toMatch(/^\d+ files, nothing to format\n$/)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  it('rewrites a file, says so, and leaves nothing beside it', async () => {
    await write('ugly.yaml', UGLY)
    expect(await fmt()).toEqual({ code: 0, stdout: 'formatted journeys/ugly.yaml\n', stderr: '' })
    expect(await read('ugly.yaml')).toBe('segue: 1                         # first\njourney: ugly\n')
    expect((await readdir(join(folder, 'journeys'))).filter((name) => name.includes('ugly'))).toEqual(['ugly.yaml'])
    expect(await fmt()).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to format') })
  })

  it('with --check writes nothing, lists the files and exits 1', async () => {
    await write('ugly.yaml', UGLY)
    expect(await fmt('--check')).toEqual({ code: 1, stdout: 'journeys/ugly.yaml is not formatted\n', stderr: '' })
    expect(await read('ugly.yaml')).toBe(UGLY)
  })

  it('leaves a file with syntax errors to the byte, shows the error, exits 1, and does the others', async () => {
    const broken = 'segue: 1\r\njourney: [ # open\n'
    await write('broken.yaml', broken)
    await write('ugly.yaml', UGLY)
    const { code, stdout } = await fmt()
    expect(code).toBe(1)
    expect(stdout).toContain(
      'journeys/broken.yaml is left as it is: it has errors of syntax\nformatted journeys/ugly.yaml\n',
    )
    expect(stdout).toContain('--> journeys/broken.yaml:')
    expect(await read('broken.yaml')).toBe(broken)
  })

  it('touches only what was named', async () => {
    await write('ugly.yaml', UGLY)
    await write('uglier.yaml', UGLY)
    expect(await fmt('journeys/ugly.yaml')).toMatchObject({ code: 0, stdout: 'formatted journeys/ugly.yaml\n' })
    expect(await read('uglier.yaml')).toBe(UGLY)
    expect(await fmt('nowhere')).toMatchObject({ code: 2, stderr: 'segue fmt: there is no file or folder nowhere\n' })
  })

  it('with --json says what became of each file', async () => {
    await write('broken.yaml', 'a: [')
    await write('ugly.yaml', UGLY)
    const { code, stdout } = await fmt('--json')
    const answer: { format: string; files: { file: string; state: string }[]; diagnostics: { code: string }[] } =
      JSON.parse(stdout)
    expect(code).toBe(1)
    expect(answer.format).toBe('1.0')
    expect(answer.files).toContainEqual({ file: 'journeys/ugly.yaml', state: 'formatted' })
    expect(answer.files).toContainEqual({ file: 'journeys/broken.yaml', state: 'unreadable' })
    expect(answer.files).toContainEqual({ file: 'journeys/welcome.yaml', state: 'unchanged' })
    expect(answer.diagnostics).toHaveLength(1)
  })
})

describe('the hooks for pre-commit', () => {
  it('run commands that there are, for files that there are', async () => {
    const hooks: { id: string; entry: string; files: string; language: string }[] = parse(
      await readFile(`${ROOT}.pre-commit-hooks.yaml`, 'utf8'),
    )
    expect(hooks.map(({ id, entry }) => `${id}: ${entry}`)).toEqual([
      'segue-check: segue check',
      'segue-fmt: segue fmt',
    ])
    const commands = program(silent, () => undefined).commands.map((command) => command.name())
    const manifest: { bin: Record<string, string> } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8'))
    const files = (await readdir(`${ROOT}journeys`, { recursive: true })).map((file) => `journeys/${file}`)
    for (const { entry, files: pattern, language } of hooks) {
      const [bin = '', command = ''] = entry.split(' ')
      expect(Object.keys(manifest.bin)).toContain(bin)
      expect(commands).toContain(command)
      expect(language).toBe('node')
      const touched = files.filter((file) => new RegExp(pattern).test(file))
      const wanted = files.filter((file) => file.endsWith('.yaml'))
      expect(wanted.length).toBeGreaterThan(5)
      expect(touched).toEqual(expect.arrayContaining(wanted))
    }
  })
})

const silent = { stdout: () => undefined, stderr: () => undefined, cwd: '/', env: {}, isTerminal: false }
