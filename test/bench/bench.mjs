// `npm run bench`: installs and builds nothing, so that what is measured is what is there; without packages it says so.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const tsx = new URL('../../node_modules/tsx/dist/cli.mjs', import.meta.url)
if (existsSync(tsx)) {
  const main = fileURLToPath(new URL('main.ts', import.meta.url))
  const child = spawn(process.execPath, [fileURLToPath(tsx), main, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM'])) process.on(signal, () => child.kill(signal))
  child.on('exit', (code) => {
    process.exitCode = code ?? 3
  })
} else {
  process.stderr.write('bench: the packages are not installed: run `npm run build` first\n')
  process.exitCode = 3
}
