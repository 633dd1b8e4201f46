import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readStoredFacts } from '../../src/facts/stored-forms'
import { parseLook, parseTake } from '../../src/host/lease'
import { ProgramReader } from '../../src/host/program-reader'
import { parseAnswers } from '../../src/host/question'
import type { WireItem } from '../../src/host/remote'
import { FRESH, formatState, parseState } from '../../src/host/state'
import { sh } from '../../src/shell/sh'
import { shStep } from '../fixtures/steps'
import { mutated } from './mutations'

const RUNS = { numRuns: Number(process.env.HOSTILE_RUNS ?? 40) * 50 }
const SAFE_VALUE = /^[A-Za-z0-9._:@+-]*$/

const STATE = formatState({
  ...FRESH,
  run: 'r1',
  token: 7,
  phase: 'update',
  touched: true,
  drained: true,
  ledger: 'a@b',
})
const TAKE = `safe\ntaken 7 2\n${STATE}\nend\n`
const HEAD = 'pitstop 1 r1 update-1 4d1f 12.50\n'
const RECORDS = `${HEAD}begin 0 12.50\nend 0 0 12.60 6\nbegin 1 12.60\ndata 1 5 0\nhello\nend 1 0 12.70 6\nover 2\n`
const ANSWERS = '0 5\nin\nx0\n1 8\nhello\nx01\nover\n'
const BASELINE = '{"units":{"ok":true,"value":[{"name":"a"}]},"uptime":{"ok":false,"why":"x"}}'

/** Whatever is made of a changed text costs what its length allows, and throws nothing. */
function inTime<T>(text: string, work: () => T): T {
  const before = process.cpuUsage()
  const made = work()
  const { user } = process.cpuUsage(before)
  expect(user / 1000, `${text.length} characters`).toBeLessThan(2_000)
  return made
}

describe('what a host says, changed at random', () => {
  it('H22: a state is believed whole and in plain words, or not at all', () => {
    fc.assert(
      fc.property(mutated(STATE), (text) => {
        const state = inTime(text, () => parseState(text))
        if (state === null) return
        const values = [state.run, state.since, state.ledger, state.ledgerVerdict, state.lastMaintained]
        expect(values.filter((value) => !SAFE_VALUE.test(value) || value.length > 256)).toEqual([])
        expect(Number.isSafeInteger(state.token) && state.token >= 0).toBe(true)
      }),
      RUNS,
    )
  })

  it('H22: the answer to the taking of a lease is one of those that there are', () => {
    fc.assert(
      fc.property(mutated(TAKE), (text) => {
        const answer = inTime(text, () => parseTake(text))
        if (answer.t === 'taken') expect(answer.token).toBeLessThan(1e9)
        if (answer.t === 'held') expect((answer.url ?? '').length + answer.run.length).toBeLessThanOrEqual(400)
        inTime(text, () => parseLook(text.replace('safe\ntaken 7 2', 'leased no')))
      }),
      RUNS,
    )
  })

  it('H40: records begin and end each step once, in order, or the program died', () => {
    const steps = [shStep('one', 'true'), shStep('two', 'true', { output: { data: 100 } })]
    fc.assert(
      fc.property(mutated(RECORDS), fc.integer({ min: 1, max: 500 }), (text, size) => {
        const items: WireItem[] = []
        const reader = new ProgramReader(
          steps,
          (item) => items.push(item),
          () => 0,
        )
        inTime(text, () => {
          const bytes = Buffer.from(text, 'latin1')
          reader.live(Buffer.from('hello\n'))
          for (let i = 0; i < bytes.length; i += size) reader.push(bytes.subarray(i, i + size))
        })
        const end = reader.end(0, false)
        const told = items.flatMap((item) =>
          item.t === 'begin' ? [item.step] : item.t === 'end' ? [item.result.id] : [],
        )
        expect(['one', 'one', 'two', 'two'].slice(0, told.length)).toEqual(told)
        // Only what began and ended is success; a required step that failed is the last.
        if (end?.t === 'over' && told.length < 4) expect(told.length % 2).toBe(0)
      }),
      RUNS,
    )
  })

  it('H40: an answer has an exit code only where its frame came whole', () => {
    const questions = ['a', 'b'].map((id) => ({ id, sh: sh`true`, cap: 100 }))
    fc.assert(
      fc.property(mutated(ANSWERS), (text) => {
        const answers = inTime(text, () => parseAnswers(Buffer.from(text, 'latin1'), questions))
        expect(answers.map((answer) => answer.id)).toEqual(['a', 'b'])
        expect(answers.filter((a) => a.rc !== null && (a.rc < 0 || a.rc > 999 || a.out.length > 100))).toEqual([])
      }),
      RUNS,
    )
  })

  it('H22: a baseline is facts or nothing, and changes no object of the runner', () => {
    fc.assert(
      fc.property(mutated(BASELINE), (text) => {
        const facts = inTime(text, () => readStoredFacts(text))?.toJSON() ?? {}
        expect(Object.values(facts).filter((fact) => typeof fact !== 'object' || fact === null)).toEqual([])
        expect(({} as Record<string, unknown>).ok).toBeUndefined()
      }),
      RUNS,
    )
  })
})
