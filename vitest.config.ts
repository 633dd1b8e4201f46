import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The file that takes longest begins first: begun last, the others would be over and one core would wait for it. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => moduleId.endsWith('/faults.e2e.test.ts')
    const sorted = await super.sort(files)
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

/**
 * *.test.ts is offline and takes seconds; *.itg.test.ts uses sockets on loopback; *.e2e.test.ts boots real hosts (root).
 * One kind after the other: tests that measure time must not share the machine with hosts that boot.
 */
export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.{itg,e2e}.test.ts'],
          // Seconds on a machine at rest; a busy one must not fail a property test.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'itg',
          include: ['test/**/*.itg.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          globalSetup: ['test/bundle/global-setup.ts'],
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/**/*.e2e.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 900_000,
          // Each file has a network and hosts of its own, and mostly waits for them: three at once keep two cores busy.
          maxWorkers: 3,
          sequence: { groupOrder: 2 },
          globalSetup: ['test/lab/global-setup.ts', 'test/bundle/global-setup.ts'],
        },
      },
    ],
  },
})
