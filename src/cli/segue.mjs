#!/usr/bin/env node
import { existsSync } from 'node:fs'

const entry = new URL('../../dist/src/cli/segue.js', import.meta.url)
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
  process.stderr.write('segue is not built yet: run `npm run build` in its folder first\n')
  process.exitCode = 3
}
