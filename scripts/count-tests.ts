import type { Failure } from './failures'

/** What is read of the report: vitest's JSON, and `failures` of our reporter. */
export interface TestReport {
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
  readonly failures?: readonly Failure[]
}

export interface Count {
  passed: number
  failed: number
  skipped: number
}

/** Hooks that failed, and errors of no test, count as one each: what they should have shown was not shown. */
export function countTests(report: TestReport): Count {
  const count: Count = { passed: 0, failed: 0, skipped: 0 }
  for (const status of report.testResults.flatMap((file) => file.assertionResults.map((test) => test.status))) {
    if (status === 'passed') count.passed++
    else if (status === 'failed') count.failed++
    else count.skipped++
  }
  count.failed += report.failures?.filter((failure) => failure.kind !== 'test').length ?? 0
  // A file that failed, and nobody says why.
  if (count.failed === 0) count.failed = report.testResults.filter((file) => file.status === 'failed').length
  return count
}
