import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OutputBound } from '../../../src/engine/output-bound'

const MIB = 2 ** 20

/** All that is told of an output that comes in these chunks. */
function told(chunks: Iterable<string>): string {
  const bound = new OutputBound()
  let text = ''
  for (const chunk of chunks) text += bound.push(chunk)
  return text + bound.end()
}

describe('the output of a step', () => {
  it('up to two MiB is told whole, however it comes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 50 })),
        fc.integer({ min: 1, max: 2 * MIB - 100_000 }),
        (chunks, size) => {
          const all = [...chunks, 'x'.repeat(size)]
          return told(all) === all.join('')
        },
      ),
      { numRuns: 30 },
    )
  })

  it('H40: of 200 MB its first and its last MiB are told, with a line that says what is missing', () => {
    const chunk = `${'y'.repeat(65_535)}\n`
    const text = told(['begin\n', ...Array.from({ length: 3_200 }, () => chunk), 'end\n'])
    expect(text.length).toBeLessThan(2 * MIB + 100)
    expect(text.startsWith('begin\n')).toBe(true)
    expect(text.endsWith('y\nend\n')).toBe(true)
    expect(text).toMatch(/\n\[207\d{6} characters are left out\]\n/)
  })
})
