import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { nodeGuard } from './node-guard'

/** Programs that are shipped: `src/<entry>.ts` becomes one file `<entry>.js` that needs no node_modules. */
const entries = ['index', 'post', 'cli'] as const

/** Comes with ssh2 and is of use on Windows only. Files `*.node` are of the machine they were built on. */
const unwanted = /^pagent\.exe$|\.node$/

/** Writes the bundles and the licences of what they hold into `folder`, which is made new. @throws when ncc fails */
export function bundleInto(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const entry of entries) {
    const source = join('src', `${entry}.ts`)
    if (!existsSync(source)) throw new Error(`${source} does not exist: nothing to build ${entry}.js from`)
    const scratch = mkdtempSync(join(tmpdir(), 'bundle-'))
    try {
      // Types are checked by `npm run types`; the cache would make the result depend on what was built before.
      const options = ['--out', scratch, '--license', 'licenses.txt', '--no-cache', '--transpile-only', '--quiet']
      execFileSync('npx', ['--no-install', 'ncc', 'build', source, ...options], {
        stdio: ['ignore', 'inherit', 'inherit'],
      })
      collect(entry, scratch, folder)
    } finally {
      rmSync(scratch, { recursive: true, force: true })
    }
  }
}

function collect(entry: string, scratch: string, folder: string): void {
  for (const file of readdirSync(scratch, { recursive: true, withFileTypes: true }).filter((found) => found.isFile())) {
    const path = join(file.parentPath, file.name)
    if (unwanted.test(file.name)) continue
    if (file.name === 'index.js') writeFileSync(join(folder, `${entry}.js`), nodeGuard() + readFileSync(path, 'utf8'))
    else if (file.name === 'licenses.txt') copyFileSync(path, join(folder, `${entry}.licenses.txt`))
    // A file beside the bundle means that something is loaded at run time that a user would not have.
    else
      throw new Error(`ncc made an unexpected file ${path} for ${entry}: make its import static, or ship it on purpose`)
  }
}
