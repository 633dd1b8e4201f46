import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder with index.js, post.js and cli.js, built from src for this test run: dist itself may be of yesterday. */
    bundle: string
  }
}

/** Once per test run: the entries of the action as single files, as the runner gets them. Takes a second, dist takes a minute. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'))
  const source = join(import.meta.dirname, '../../src')
  await build({
    entryPoints: ['index', 'post', 'cli'].map((entry) => join(source, `${entry}.ts`)),
    outdir: folder,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    // Native parts are optional to ssh2, and dist has none either.
    external: ['*.node', 'cpu-features'],
    logLevel: 'error',
  })
  project.provide('bundle', folder)
  return () => rm(folder, { recursive: true, force: true })
}
