import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Result } from '../../../src/facts/fact'
import { apt } from '../../../src/packages/apt'

/** One answer of a real (or described) host, and what the parser makes of it. */
interface Case {
  readonly host: string
  readonly rc: number
  readonly out: string
  readonly want: { readonly value: unknown } | { readonly unknown: string }
}

const parsers: Readonly<Record<string, (out: string, rc: number) => Result<unknown>>> = {
  simulation: apt.upgradable.parse,
  transaction: apt.transaction([]).parse,
  consistency: apt.consistency.parse,
  lock: apt.lock.parse,
  'left-configuration': apt.leftConfiguration.parse,
  'asked-configuration': apt.askedConfiguration('/r').parse,
}
const folder = join(import.meta.dirname, '../../cases/apt')

for (const [kind, parse] of Object.entries(parsers)) {
  describe(`apt ${kind}`, () => {
    for (const file of readdirSync(join(folder, kind))) {
      const one = JSON.parse(readFileSync(join(folder, kind, file), 'utf8')) as Case
      it(`reads ${file.replace('.json', '').replaceAll('-', ' ')} (${one.host})`, () => {
        expect(parse(one.out, one.rc)).toEqual(
          'value' in one.want ? { ok: true, value: one.want.value } : { ok: false, why: one.want.unknown },
        )
      })
    }
  })
}
