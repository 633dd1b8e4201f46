import { existsSync, readFileSync } from 'node:fs'
import { countTests, type TestReport } from './count-tests'
import { describeFailures } from './failures'

const path = process.argv[2] ?? 'test-report.json'
if (existsSync(path)) {
  const report: TestReport = JSON.parse(readFileSync(path, 'utf8'))
  const { passed, failed, skipped } = countTests(report)
  for (const line of describeFailures(report.failures ?? [])) console.log(line)
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
  if (failed > 0 || passed === 0) process.exitCode = 1
} else {
  console.error(`${path} was not written: the tests ended before they could report`)
  console.log('0 passed, 1 failed')
  process.exitCode = 1
}
