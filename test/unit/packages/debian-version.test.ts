import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { compareDebianVersions } from '../../../src/packages/debian-version'

/** Each below the next one: the examples of deb-version(7) and the versions that real archives hold. */
const ASCENDING = [
  '0.9~~',
  '0.9~~a',
  '0.9~',
  '0.9',
  '0.9-1',
  '0.9-1+deb12u1',
  '0.9-1+deb12u10',
  '0.9-1.1',
  '0.9-2~bpo12+1',
  '0.9-2',
  '0.9a',
  '0.9+b1',
  '0.10',
  '1.0~rc1',
  '1.0',
  '1.0.1',
  '5.2.15-2+b8',
  '5.2.15-2+b13',
  '1:0.1',
  '1:4.13+dfsg1-1+deb12u1',
  '1:4.13+dfsg1-1+deb12u2',
  '2:0',
]

describe('compareDebianVersions', () => {
  it('orders versions as deb-version(7) says', () => {
    for (const [i, a] of ASCENDING.entries())
      for (const [j, b] of ASCENDING.entries())
        expect([a, b, Math.sign(compareDebianVersions(a, b))]).toEqual([a, b, Math.sign(i - j)])
  })

  it.skipIf(!existsSync('/usr/bin/dpkg'))('agrees with dpkg', () => {
    for (const [i, a] of ASCENDING.entries()) {
      const next = ASCENDING[i + 1]
      if (next !== undefined) execFileSync('/usr/bin/dpkg', ['--compare-versions', a, 'lt', next])
    }
  })
})
