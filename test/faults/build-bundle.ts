import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build, type Plugin } from 'esbuild'

const ROOT = join(import.meta.dirname, '../..')

export interface Bundle {
  readonly folder: string
  /** What was run: the last commit, and a digest of the bundle itself, as sources may have changed since. */
  readonly version: string
}

/** A fault that is put into the product itself: whoever judges it must see it. */
export interface Mutation {
  /** Below src. */
  readonly file: string
  readonly from: string
  readonly to: string
}

/** The command line as a single file, from the sources as they are now. @throws for a mutation that changes nothing */
export async function buildBundle(folder: string, mutation?: Mutation): Promise<Bundle> {
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
    plugins: mutation === undefined ? [] : [mutated(mutation)],
  })
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 8)
  const commit = execFileSync('git', ['-C', ROOT, 'rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  return { folder, version: `${commit}/${digest}` }
}

function mutated({ file, from, to }: Mutation): Plugin {
  const path = join(ROOT, 'src', file)
  const text = readFileSync(path, 'utf8')
  if (!text.includes(from)) throw new Error(`${file} has no ${from}: nothing would be mutated`)
  return {
    name: 'mutation',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\.ts$/ }, (at) =>
        at.path === path ? { contents: text.replace(from, to), loader: 'ts' } : null,
      ),
  }
}
