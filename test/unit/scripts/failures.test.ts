import { describe, expect, it } from 'vitest'
import { describeFailures, type Failure } from '../../../scripts/failures'

const failure = (over: Partial<Failure> = {}): Failure => ({
  kind: 'test',
  file: 'test/e2e/unfit.e2e.test.ts',
  title: 'a host > is as before',
  why: 'expected 1 to be 0',
  ...over,
})
const size = (lines: readonly string[]) => lines.join('\n').length

describe('what is said of tests that failed', () => {
  it('is file, title and message', () => {
    expect(describeFailures([failure()])).toEqual([
      'FAILED test/e2e/unfit.e2e.test.ts > a host > is as before',
      '  expected 1 to be 0',
    ])
  })

  it('names a suite whose hook failed, a file that cannot be loaded, and an error of no test', () => {
    const all = [failure({ kind: 'suite' }), failure({ kind: 'suite', title: '' }), failure({ kind: 'process' })]
    expect(describeFailures(all).filter((line) => !line.startsWith(' '))).toEqual([
      'FAILED test/e2e/unfit.e2e.test.ts > a host > is as before (a suite: its file or a hook)',
      'FAILED test/e2e/unfit.e2e.test.ts (a suite: its file or a hook)',
      'FAILED an error of no test',
    ])
  })

  it('of a long message is its beginning and, above all, its end', () => {
    const said = describeFailures([failure({ why: Array.from({ length: 100 }, (_, i) => `line ${i}`).join('\n') })])
    expect(said).toHaveLength(29)
    expect(said[1]).toBe('  line 0')
    expect(said[8]).toBe('  … 73 lines …')
    expect(said.at(-1)).toBe('  line 99')
  })

  it.each([1, 5, 20, 29, 30, 58, 59, 60, 500])('is bounded, and names what there is room for: %d', (count) => {
    const why = `${'long '.repeat(200)}\n`.repeat(20)
    const all = Array.from({ length: count }, (_, i) => failure({ title: `test ${i}`, why }))
    const said = describeFailures(all)
    expect(said.length).toBeLessThanOrEqual(60)
    expect(size(said)).toBeLessThanOrEqual(8_100)
    const named = said.filter((line) => line.startsWith('FAILED')).length
    expect(said.at(-1)?.startsWith('…') ? said.at(-1) : '').toBe(named < count ? `… and ${count - named} more` : '')
  })

  it('of many is their names', () => {
    const all = Array.from({ length: 58 }, (_, i) => failure({ title: `test ${i}` }))
    expect(describeFailures(all).filter((line) => line.startsWith('FAILED'))).toHaveLength(58)
  })

  it('is one line where a title holds several, and neither controls nor commands for the runner come through', () => {
    const [name, why] = describeFailures([failure({ title: 'a\nb', why: '\u001b[31m::error::red\u0007\u202e' })])
    expect(name).toBe('FAILED test/e2e/unfit.e2e.test.ts > a b')
    expect(why).toBe('  : :error: :red')
  })

  it('is nothing where nothing failed', () => expect(describeFailures([])).toEqual([]))
})
