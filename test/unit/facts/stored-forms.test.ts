import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { comparedFacts } from '../../../src/facts/baseline'
import { Facts, type Result } from '../../../src/facts/fact'
import { newestKernel } from '../../../src/facts/newest-kernel'
import { readStoredFacts } from '../../../src/facts/stored-forms'

const CASES = join(import.meta.dirname, '../../cases/facts')

/** What a real Debian 12 answered, read by the facts themselves. */
function baseline(): Record<string, Result<unknown>> {
  return Object.fromEntries(
    [...comparedFacts, newestKernel].map((fact) => {
      const { rc, out } = JSON.parse(readFileSync(join(CASES, fact.id, 'debian-12-root.json'), 'utf8'))
      return [fact.id, fact.parse(out, rc)]
    }),
  )
}

describe('a baseline that is kept on a host', () => {
  it('reads back as the facts it was made of', () => {
    const facts = baseline()
    const read = readStoredFacts(JSON.stringify(new Facts(new Map(Object.entries(facts)))))
    expect(read?.toJSON()).toEqual(facts)
    expect(Object.values(facts).filter((fact) => fact.ok).length).toBeGreaterThan(8)
  })

  it.each(Object.keys(baseline()))('promise 6: %s in another form is unknown, and every other fact as it was', (id) => {
    for (const value of [null, 7, 'x'.repeat(5_000), { items: 'x' }, [{ id: 1 }], [[]]]) {
      const forged = { ...baseline(), [id]: { ok: true, value } }
      const read = readStoredFacts(JSON.stringify(forged))?.toJSON() ?? {}
      expect(read[id]).toEqual({ ok: false, why: 'it is stored in no form of ours' })
      expect({ ...read, [id]: null }).toEqual({ ...baseline(), [id]: null })
    }
  })

  it('brings along nothing that nobody compares', () => {
    expect(readStoredFacts('{"package-transaction":{"ok":true,"value":{}}}')?.toJSON()).toEqual({})
  })

  it.each(['', '{', 'null', '[]', '7', '"x"'])('that is torn, or no facts at all, is none (%j)', (text) => {
    expect(readStoredFacts(text)).toBeUndefined()
  })
})
