import { describe, expect, it } from 'vitest'
import { matchesGlob } from '../../../src/compare/glob'

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

  it('stays fast on a pattern made to be slow', () => {
    const started = performance.now()
    expect(matchesGlob('*a'.repeat(200), `${'a'.repeat(20_000)}b`)).toBe(false)
    expect(performance.now() - started).toBeLessThan(500)
  })
})
