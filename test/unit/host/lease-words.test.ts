import { describe, expect, it } from 'vitest'
import { describeLease } from '../../../src/engine/lease-sentence'
import { parseTake, urlOfLease } from '../../../src/host/lease'

const OURS = 'https://github.example/o/r/actions/runs/1'

describe('promise 6: what a lease on a host says of its holder', () => {
  it.each([
    ['https://github.example/o/r/actions/runs/2', true],
    ['https://evil.example/o/r/actions/runs/2', false],
    ['http://github.example/o/r/actions/runs/2', false],
    ['https://github.example@evil.example/', false],
    ['https://user@github.example/', false],
    ['javascript:alert(1)', false],
    ['command-line', false],
    ['-', false],
  ])('an address is shown only where it leads to the server of our own run (%s)', (url, isShown) => {
    expect(urlOfLease(url, OURS)).toBe(isShown ? url : null)
    expect(urlOfLease(url, 'command-line')).toBeNull()
  })

  it('is told without an address where there is none to be shown', () => {
    expect(describeLease({ t: 'held', run: 'r2', url: null, ageS: 7 }, '/s')).toBe(
      'another run holds the lease: r2, renewed 7 s ago',
    )
  })

  it.each([
    'held 7 r2 a\u001b[31mb',
    'held 7 r2 `x`',
    'held 7 <b>r2</b> -',
    `held 7 ${'r'.repeat(201)} -`,
    'alive 7 /a;b',
    'alive 7 /a\u0007b',
    `alive 7 /${'a'.repeat(500)}`,
    'taken 1 2 3',
  ])('is no answer where it holds what no lease of ours does (%j)', (line) => {
    expect(parseTake(`safe\n${line}\nend\n`)).toEqual({ t: 'unknown' })
  })

  it('a path that is not safe is shown in plain letters, and not without end', () => {
    expect(parseTake('unsafe /var/lib/x\n')).toEqual({ t: 'unsafe', path: '/var/lib/x' })
    expect(parseTake('unsafe /var/\u001b[2Jlib\n')).toEqual({ t: 'unknown' })
    expect(parseTake(`unsafe /${'x'.repeat(500)}\n`)).toEqual({ t: 'unknown' })
  })
})
