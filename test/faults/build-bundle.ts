import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'esbuild'

const ROOT = join(import.meta.dirname, '../..')

export interface Bundle {
  readonly folder: string
  /** What was run: the last commit, and a digest of the bundle itself, as sources may have changed since. */
  readonly version: string
}

/** The command line as a single file, from the sources as they are now. */
export async function buildBundle(folder: string): Promise<Bundle> {
  await mkdir(folder, { recursive: true })
  const file = join(folder, 'cli.js')
  await build({
    entryPoints: [join(ROOT, 'src/cli.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Native parts are optional to ssh2, and dist has none either.
    external: ['*.node', 'cpu-features'],
    logLevel: 'error',
  })
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 8)
  const commit = execFileSync('git', ['-C', ROOT, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  return { folder, version: `${commit}/${digest}` }
}
