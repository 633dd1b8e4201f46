import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { buildEntries } from './build-entries'

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder with index.js, post.js and cli.js, built from src for this test run: dist itself may be of yesterday. */
    bundle: string
  }
}

/** Once per test run: the entries of the action. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'))
  const source = join(import.meta.dirname, '../../src')
  const entries = ['index', 'post', 'cli'].map((entry) => [entry, join(source, `${entry}.ts`)] as const)
  await buildEntries(Object.fromEntries(entries), folder)
  project.provide('bundle', folder)
  return () => rm(folder, { recursive: true, force: true })
}
