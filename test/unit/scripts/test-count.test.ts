import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { countTests, type TestReport } from '../../../scripts/count-tests'

const file = (status: string, ...statuses: readonly string[]) => ({
  status,
  assertionResults: statuses.map((one) => ({ status: one })),
})
const hook = { kind: 'suite', file: 'a.test.ts', title: 'a', why: 'boom' } as const
const test = { ...hook, kind: 'test' } as const

describe('the count of tests', () => {
  it.each<[string, TestReport, string]>([
    ['a test', { testResults: [file('failed', 'passed', 'failed', 'skipped')], failures: [test] }, '1 1 1'],
    ['a hook before tests', { testResults: [file('failed', 'skipped', 'skipped')], failures: [hook] }, '0 1 2'],
    ['a hook after them', { testResults: [file('failed', 'passed', 'failed')], failures: [test, hook] }, '1 2 0'],
    ['a file that cannot be loaded', { testResults: [file('failed'), file('passed', 'passed')] }, '1 1 0'],
    [
      'an error of no test',
      { testResults: [file('passed', 'passed')], failures: [{ ...hook, kind: 'process' }] },
      '1 1 0',
    ],
    ['nothing', { testResults: [file('passed', 'passed', 'todo')], failures: [] }, '1 0 1'],
  ])('is right where what fails is %s', (_, report, expected) => {
    const { passed, failed, skipped } = countTests(report)
    expect(`${passed} ${failed} ${skipped}`).toBe(expected)
  })
})

describe('the end of a run of the tests', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pitstop-count-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const report = () => join(folder, 'report.json')
  function count() {
    const { status, stdout } = spawnSync('npx', ['--no-install', 'tsx', 'scripts/test-count.ts', report()], {
      encoding: 'utf8',
    })
    return { status, lines: stdout.trimEnd().split('\n') }
  }
  /** As `npm test` runs them, in a folder of their own. */
  function run(text: string): TestReport {
    writeFileSync(join(folder, 'a.test.js'), text)
    const reporter = join(process.cwd(), 'scripts/test-reporter.ts')
    const words = ['vitest', 'run', '--globals', '--root', folder, '--reporter', reporter]
    spawnSync('npx', ['--no-install', ...words, `--outputFile.json=${report()}`])
    return JSON.parse(readFileSync(report(), 'utf8'))
  }

  it('tells what failed, hooks and errors of no test included, and the counts in its last line', () => {
    const made = run(`
      describe('one', () => { beforeAll(() => { throw new Error('no lab') }); it('a', () => {}) })
      describe('two', () => { it('b', () => { expect({ is: 1 }, 'the log').toEqual({ is: 2 }) }) })
      it('c', () => { void Promise.reject(new Error('nobody waits')) })`)
    expect(made.failures).toMatchObject([
      { kind: 'suite', title: 'one', why: expect.stringContaining('no lab') },
      { kind: 'test', title: 'two > b', why: expect.stringMatching(/the log: expected.*- {3}"is": 2/s) },
      { kind: 'process', why: expect.stringContaining('nobody waits') },
    ])
    const { status, lines } = count()
    expect(status).toBe(1)
    expect(lines.filter((line) => line.startsWith('FAILED'))).toHaveLength(3)
    expect(lines.at(-1)).toBe('1 passed, 3 failed, 1 skipped')
  })

  it('is the counts alone where all is well', () => {
    run(`it('a', () => {})`)
    expect(count()).toEqual({ status: 0, lines: ['1 passed, 0 failed'] })
  })

  it('is a failure where nothing was reported', () => {
    expect(count()).toEqual({ status: 1, lines: ['0 passed, 1 failed'] })
  })
})
