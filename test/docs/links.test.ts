import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { program } from '../../src/cli/segue.ts'
import { blocksOf, type Page, proseOf, readPages, ROOT } from './pages.ts'

const pages = await readPages()

interface Link {
  readonly from: string
  readonly target: string
}

/** Links and images that stay within the repository. */
const links: readonly Link[] = pages.flatMap((page) =>
  [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => ({ from: page.path, target }))
    .filter(({ target }) => !/^[a-z]+:/.test(target)),
)

/** As GitHub makes them: lower case, without punctuation, blanks as hyphens. */
function anchorsOf({ text }: Page): ReadonlySet<string> {
  const headings = text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/^#{1,6} (.+)$/gm)
  return new Set(
    [...headings].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

describe('the documentation', () => {
  it('has the pages that README promises, and links between them', () => {
    expect(links.length).toBeGreaterThan(50)
    const linked = new Set(links.map(({ from, target }) => normalize(join(dirname(from), target.split('#')[0] ?? ''))))
    const orphans = pages.filter(({ path }) => path !== 'README.md' && !linked.has(path))
    expect(orphans.map(({ path }) => path)).toEqual([])
  })

  it.each(links)('$from leads to $target, which is there', ({ from, target }) => {
    const [file = '', anchor] = target.split('#')
    const path = file === '' ? from : normalize(join(dirname(from), file))
    expect(existsSync(join(ROOT, path))).toBe(true)
    if (anchor === undefined) return
    const page = pages.find((one) => one.path === path)
    expect(page === undefined ? [] : [...anchorsOf(page)]).toContain(anchor)
  })

  it('has an alternative text for every picture', () => {
    const silent = pages.flatMap((page) => [...proseOf(page).matchAll(/!\[\s*\]\(/g)].map(() => page.path))
    expect(silent).toEqual([])
  })
})

interface Shown {
  readonly page: string
  readonly command: string
}

/** Commands in shell blocks and in prose, continued lines joined, comments taken off. */
const commands: readonly Shown[] = pages.flatMap((page) => {
  const shell = blocksOf(page)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
  const inline = [...proseOf(page).matchAll(/`((?:npm|npx|segue|docker compose) [^`]+)`/g)].map(([, code = '']) => code)
  return (
    [...shell, ...inline]
      .map((line) => line.replace(/\s+# .*$/, '').trim())
      // Variables set for one command: `NAME=value`, `NAME=$(...)`, `NAME="..."`.
      .map((line) => line.replace(/^(?:[A-Z_]+=(?:\$\([^)]*\)|"[^"]*"|\S*)\s+)+/, ''))
      .filter((line) => line !== '')
      .map((command) => ({ page: page.path, command }))
  )
})

describe('a command in the documentation', () => {
  it('is one of many', () => {
    expect(commands.length).toBeGreaterThan(20)
  })

  it.each(commands)('$command ($page) is one that there is', ({ command }) => {
    expect(whyNot(command)).toBeUndefined()
  })
})

const TOOLS = new Set(['openssl', 'curl'])

function whyNot(command: string): string | undefined {
  const words = command.split(/\s+/)
  const [tool = '', first = '', second = ''] = words
  if (tool === 'npm') return npmProblem(first, second, words.slice(2))
  if (tool === 'npx' || tool === 'segue') {
    const args = tool === 'npx' ? words.slice(1) : words
    return args[0] === 'segue' ? segueProblem(args.slice(1)) : `npx ${first} is not ours`
  }
  if (tool === 'docker' && first === 'compose') return composeProblem(words.slice(2))
  return TOOLS.has(tool) ? undefined : `nobody knows ${tool}`
}

function npmProblem(first: string, second: string, rest: readonly string[]): string | undefined {
  const { scripts }: { scripts: Record<string, string> } = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'))
  const script = first === 'run' ? second : first
  if (first !== 'install' && !(script in scripts)) return `package.json has no script ${script}`
  // What follows `npm start --` is given to `segue dev`.
  return first === 'start' ? segueProblem(['dev', ...rest.filter((word) => word !== '--')]) : undefined
}

function segueProblem(args: readonly string[]): string | undefined {
  const silent = { stdout: () => undefined, stderr: () => undefined, cwd: '/', env: {}, isTerminal: false }
  let command = program(silent, () => undefined)
  // Down to the command that takes the rest as its arguments: `codes load` has none below it.
  for (const name of args) {
    if (command.commands.length === 0) break
    const next = command.commands.find((one) => one.name() === name)
    if (next === undefined) return `${command.name()} has no command ${name}`
    command = next
  }
  const unknown = args.find((arg) => arg.startsWith('--') && !command.options.some(({ long }) => long === arg))
  return unknown === undefined ? undefined : `segue ${command.name()} has no option ${unknown}`
}

function composeProblem([verb = '', ...rest]: readonly string[]): string | undefined {
  if (!['build', 'up', 'ps', 'run'].includes(verb)) return `docker compose ${verb} is not checked`
  const { services }: { services: Record<string, unknown> } = parse(readFileSync(`${ROOT}docker-compose.yml`, 'utf8'), {
    merge: true,
  })
  const named = rest.filter((word) => !word.startsWith('-')).map((word) => word.split('=')[0] ?? '')
  // Behind the one service of `run` stand arguments of ours.
  const missing = (verb === 'run' ? named.slice(0, 1) : named).find((name) => !(name in services))
  if (missing !== undefined) return `docker-compose.yml has no service ${missing}`
  const ours = verb === 'run' ? rest.slice(rest.indexOf(named[0] ?? '') + 1) : []
  return ours.length === 0 ? undefined : segueProblem(ours)
}
