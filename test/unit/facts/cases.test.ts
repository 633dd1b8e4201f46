import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { baselineFacts } from '../../../src/facts/baseline'
import { rights } from '../../../src/facts/rights'

/** One answer of a real (or described) host: what the script printed, how it ended, and what the parser makes of it. */
interface Case {
  readonly host: string
  readonly rc: number
  readonly out: string
  readonly want: { readonly value: unknown } | { readonly unknown: string }
}

const folder = join(import.meta.dirname, '../../cases/facts')
const facts = new Map([...baselineFacts, rights].map((fact) => [fact.id, fact]))

for (const id of readdirSync(folder)) {
  describe(id, () => {
    for (const file of readdirSync(join(folder, id))) {
      const one = JSON.parse(readFileSync(join(folder, id, file), 'utf8')) as Case
      it(`reads ${file.replace('.json', '').replaceAll('-', ' ')} (${one.host})`, () => {
        const fact = facts.get(id)
        if (fact === undefined) throw new Error(`there is no fact ${id}`)
        const got = fact.parse(one.out, one.rc)
        // Through JSON, as a baseline is stored so.
        expect(JSON.parse(JSON.stringify(got))).toEqual(
          'value' in one.want ? { ok: true, value: one.want.value } : { ok: false, why: one.want.unknown },
        )
      })
    }
  })
}

describe('every fact', () => {
  it.each(baselineFacts.map((fact) => [fact.id, fact] as const))(
    '%s is unknown where its command is missing',
    (_, fact) => {
      expect(fact.parse('', 127).ok).toBe(false)
    },
  )

  it('has an id of its own', () => {
    const ids = baselineFacts.map((fact) => fact.id)
    expect(ids).toEqual([...new Set(ids)])
  })

  it.each(baselineFacts.map((fact) => [fact.id, fact] as const))('%s survives hostile text', (_, fact) => {
    for (const out of [
      '',
      '\n',
      ' \n \n',
      '=',
      '\u0000\u001b[31m',
      'x'.repeat(100_000),
      '"users:(("'.repeat(500),
      '\\777 / a b\n',
    ]) {
      expect(fact.parse(out, 0)).toHaveProperty('ok')
    }
  })
})
