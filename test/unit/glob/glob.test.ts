import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesGlob } from '../../../src/glob/glob'
import { matchesName } from '../../../src/packages/name-pattern'

describe('matchesGlob', () => {
  it.each([
    ['port:tcp/*:9100', 'port:tcp/0.0.0.0:9100', true],
    ['port:tcp/*:9100', 'port:tcp/[::]:9100', true],
    ['port:tcp/*:9100', 'port:tcp/0.0.0.0:91000', false],
    ['mount:/srv/*', 'mount:/srv/a/b', true],
    ['*', '', true],
    ['a*a', 'a', false],
    ['a*b*a', 'aba', true],
    ['unit:x.service', 'unit:xyservice', false],
    ['unit:[a].service', 'unit:a.service', false],
    ['unit:nginx.service', 'unit:nginx.service2', false],
  ])('%s on %s is %s', (pattern, text, want) => {
    expect(matchesGlob(pattern, text)).toBe(want)
  })

  it.each([
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['a?c', 'a?c', true],
    ['?', '', false],
    ['*?', 'a', true],
    ['*??', 'a', false],
  ])('%s on %s is %s where a question mark is any character', (pattern, text, want) => {
    expect(matchesGlob(pattern, text, { question: true })).toBe(want)
  })

  const word = (letters: string) => fc.string({ unit: fc.constantFrom(...letters), maxLength: 8 })

  it.each([true, false])('says what its definition says (question marks: %s)', (question) => {
    fc.assert(
      fc.property(word('ab*?.['), word('ab?.['), (pattern, text) => {
        expect(matchesGlob(pattern, text, { question })).toBe(byDefinition(pattern, text, question))
      }),
      { numRuns: 20_000 },
    )
  })

  it.each([
    ['stars and letters', 'a*'.repeat(200), 'b'],
    ['stars before letters', '*a'.repeat(200), 'b'],
    ['stars alone', '*'.repeat(400), 'b'],
    ['stars and question marks', '*?'.repeat(200), ''],
    ['a long piece', `*${'a'.repeat(400)}`, 'b'],
  ])('takes time that grows with the text alone on a pattern made to be slow: %s', (_, pattern, end) => {
    const took = (characters: number) => {
      const text = `${'a'.repeat(characters)}${end}`
      const began = performance.now()
      for (let i = 0; i < 5; i++) matchesGlob(`${pattern}c`, text, { question: true })
      return performance.now() - began
    }
    took(10_000)
    const [small, large] = [took(50_000), took(200_000)]
    expect(large / Math.max(small, 1)).toBeLessThan(12)
  })

  it('matches a package name in a moment, whatever the pattern', () => {
    const began = performance.now()
    expect(matchesName([`${'a*'.repeat(60)}b`], 'a'.repeat(200))).toBe(false)
    // Trying again from each star took longer than the universe is old.
    expect(performance.now() - began).toBeLessThan(5_000)
  })
})

/** The meaning of a pattern, letter by letter: too slow for any but short ones. */
function byDefinition(pattern: string, text: string, question: boolean): boolean {
  if (pattern === '') return text === ''
  const [first, rest] = [pattern[0], pattern.slice(1)]
  if (first === '*')
    return Array.from({ length: text.length + 1 }, (_, i) => text.slice(i)).some((t) => byDefinition(rest, t, question))
  const fits = text !== '' && (first === text[0] || (question && first === '?'))
  return fits && byDefinition(rest, text.slice(1), question)
}
