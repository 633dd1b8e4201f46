import { existsSync, readFileSync } from 'node:fs'

/** What is read of vitest's JSON report. */
interface TestReport {
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

interface Count {
  passed: number
  failed: number
  skipped: number
}

/** A file that could not be loaded has no tests to count: it counts as one that failed. */
function countTests(report: TestReport): Count {
  const count: Count = { passed: 0, failed: 0, skipped: 0 }
  for (const file of report.testResults) {
    const statuses = file.assertionResults.map((test) => test.status)
    for (const status of statuses) {
      if (status === 'passed') count.passed++
      else if (status === 'failed') count.failed++
      else count.skipped++
    }
    if (file.status === 'failed' && !statuses.includes('failed')) count.failed++
  }
  return count
}

const path = process.argv[2] ?? 'test-report.json'
if (existsSync(path)) {
  const { passed, failed, skipped } = countTests(JSON.parse(readFileSync(path, 'utf8')))
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  if (failed > 0 || passed === 0) process.exitCode = 1
} else {
  console.error(`${path} was not written: the tests ended before they could report`)
  console.log('0 passed, 1 failed')
  process.exitCode = 1
}
