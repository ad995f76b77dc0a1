#!/usr/bin/env node
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const entry = new URL('../../dist/src/cli/segue.js', import.meta.url)
const bootstrap = new URL('./bootstrap.mjs', import.meta.url)

// In a fresh clone the first command installs and builds; it says so on stderr.
if (!existsSync(entry) && existsSync(bootstrap)) {
  spawnSync(process.execPath, [fileURLToPath(bootstrap), 'build'], { stdio: ['ignore', 2, 2] })
}
if (existsSync(entry)) {
  const { main } = await import(entry.href)
  process.exitCode = await main(process.argv.slice(2), {
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
    cwd: process.cwd(),
    env: process.env,
    isTerminal: process.stdout.isTTY === true,
  })
} else {
  process.stderr.write('segue is not built: run `npm run build` in its folder first\n')
  process.exitCode = 3
}
