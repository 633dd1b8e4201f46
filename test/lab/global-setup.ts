import type { TestProject } from 'vitest/node'
import { ensureBase, pruneBases } from './base'
import { installMissingPackages, whyNoLab } from './machine'
import { reapLeftovers } from './run-registry'

declare module 'vitest' {
  interface ProvidedContext {
    /** Why the tests on real hosts are left out; null when they are not. */
    noLab: string | null
  }
}

/** Before the first test on real hosts: everything they need. After the last: nothing of them is left. */
export default async function setUp(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const why = whyNoLab()
  project.provide('noLab', why)
  if (why !== null) {
    if (process.env.CI) throw new Error(`CI must run the tests on real hosts, but ${why}`)
    console.warn(`left out: the tests on real hosts (*.e2e.test.ts), because ${why}`)
    return undefined
  }
  await installMissingPackages()
  await reapLeftovers()
  await pruneBases()
  await ensureBase()
  return async () => void (await reapLeftovers())
}
