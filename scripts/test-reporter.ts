import { relative } from 'node:path'
import { JsonReporter, type SerializedError, type TestCase, type TestModule, type TestSuite } from 'vitest/node'
import type { Failure } from './failures'

type Report = Parameters<JsonReporter['onTestRunEnd']>[0]
type Errors = readonly (SerializedError & { readonly diff?: string })[]

/** vitest's JSON report, and `failures`: it leaves out why a hook of a suite failed, and errors that are of no test. */
export default class TestReporter extends JsonReporter {
  #failures: readonly Failure[] = []

  constructor() {
    super({})
  }

  override async onTestRunEnd(modules: Report, unhandled: readonly SerializedError[] = []): Promise<void> {
    this.#failures = [...[...modules].flatMap(failuresOf), ...failureOf('process', '', '', unhandled)]
    await super.onTestRunEnd(modules)
  }

  override async writeReport(report: string): Promise<void> {
    await super.writeReport(JSON.stringify({ ...JSON.parse(report), failures: this.#failures }))
  }
}

function failuresOf(module: TestModule): readonly Failure[] {
  const file = relative('.', module.moduleId)
  const suites: readonly TestSuite[] = [...module.children.allSuites()]
  const tests: readonly TestCase[] = [...module.children.allTests('failed')]
  return [
    ...failureOf('suite', file, '', module.errors()),
    ...suites.flatMap((suite) => failureOf('suite', file, suite.fullName, suite.errors())),
    ...tests.flatMap((test) => failureOf('test', file, test.fullName, test.result().errors ?? [])),
  ]
}

function failureOf(kind: Failure['kind'], file: string, title: string, errors: Errors): readonly Failure[] {
  if (errors.length === 0) return []
  return [{ kind, file, title, why: errors.map(whyOf).join('\n') }]
}

/** The stack alone tells neither what differs nor, where tools of the test threw, anything else that helps. */
function whyOf(error: Errors[number]): string {
  const own = (error.stack ?? '').split('\n').find((line) => /^\s+at .*\btest\//.test(line))
  return [error.message, error.diff, own].filter((part) => part !== undefined && part !== '').join('\n')
}
