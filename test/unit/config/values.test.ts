import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nearest } from '../../../src/config/nearest'
import { ADDRESS, duration, positiveDuration, SECRET_NAME, share, size, USER } from '../../../src/config/values'

const UNITS = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3 }
const SIZES = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
}

describe('values of the file', () => {
  it('read every duration they allow, and only these', () => {
    fc.assert(
      fc.property(fc.nat(999_999_999), fc.constantFrom('s', 'm', 'h', 'd' as const), (n, unit) => {
        expect(duration.parse(`${n}${unit}`)).toBe(n * UNITS[unit as keyof typeof UNITS])
      }),
    )
    for (const bad of ['', '5', 's', '1.5h', '-1s', '1 m', '1w', '1h30m', ' 1s', '1s\n', '1e3s', '٣s']) {
      expect(duration.safeParse(bad).success, bad).toBe(false)
    }
    expect(duration.parse('0s')).toBe(0)
    expect(positiveDuration.safeParse('0s').success).toBe(false)
  })

  it('read every size they allow, in bytes: 1 MB = 10^6, 1 MiB = 2^20', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.constantFrom(...Object.keys(SIZES)), (n, unit) => {
        expect(size.parse(`${n}${unit}`)).toBe(n * SIZES[unit as keyof typeof SIZES])
      }),
    )
    expect(size.parse('1.5GB')).toBe(1.5e9)
    for (const bad of ['', '5', 'MB', '1 MB', '-1MB', '1mb', '1PB', '1.MB', '1MB\n'])
      expect(size.safeParse(bad).success, bad).toBe(false)
  })

  it('read shares from 0% to 100%', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100 }), (n) => {
        expect(share.parse(`${n}%`)).toBeCloseTo(n / 100)
      }),
    )
    for (const bad of ['101%', '25', '%', '-1%', '1,5%', '100.1%'])
      expect(share.safeParse(bad).success, bad).toBe(false)
  })

  it('H6: take no address or login that a program could read as an option', () => {
    const starts = fc.constantFrom('-', '--', ' ', '\t', '@', '/', '[', '%', '$', '`', ';', '\n')
    fc.assert(
      fc.property(starts, fc.string(), (start, rest) => {
        expect(ADDRESS.test(start + rest)).toBe(false)
        expect(USER.test(start + rest)).toBe(false)
      }),
    )
    for (const good of ['192.0.2.1', '2001:db8::1', 'db-1.internal', 'a']) expect(ADDRESS.test(good), good).toBe(true)
    for (const bad of ['a\n', 'a b', 'a;b', 'u@h', 'a-']) expect(ADDRESS.test(bad), bad).toBe(false)
  })

  it('H2: take no name of a variable that belongs to the runner', () => {
    for (const bad of [
      'INPUT_X',
      'GITHUB_TOKEN',
      'ACTIONS_X',
      'RUNNER_X',
      'STATE_X',
      'NODE_OPTIONS',
      'LD_PRELOAD',
      'SSH_AUTH_SOCK',
      'a',
      'A-B',
      '1A',
    ]) {
      expect(SECRET_NAME.test(bad), bad).toBe(false)
    }
    expect(SECRET_NAME.test('RESTIC_PASSWORD')).toBe(true)
  })
})

describe('the nearest word', () => {
  const words = ['stages', 'rollout', 'hosts', 'groups', 'window']
  it.each([
    ['stage', 'stages'],
    ['Hosts', 'hosts'],
    ['hsots', 'hosts'],
    ['widnow', 'window'],
    ['colour', undefined],
    ['', undefined],
  ])('of %j is %j', (word, near) => {
    expect(nearest(word, words)).toBe(near)
  })

  it('is the word itself where it is there', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 30 }).map((s) => s.toLowerCase()),
        (w) => {
          expect(nearest(w, ['zzz', w])).toBe(w)
        },
      ),
    )
  })
})
