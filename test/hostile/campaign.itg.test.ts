import fc from 'fast-check'
import { expect, inject, it } from 'vitest'
import { FRESH, formatState } from '../../src/host/state'
import { forgedNote, forgedPlan } from './forged-notes'
import { mutated, mutation } from './mutations'
import { carryOutAttack, type SceneAttack } from './scene-attack'
import { at, honest } from './turn'

/** So many times four hosts; a longer one is for a night. */
const ROUNDS = Number(process.env.HOSTILE_RUNS ?? 4)
const AT_ONCE = 4

const STATE = formatState({ ...FRESH, run: 'OLD', token: 1, phase: 'update', touched: true, drained: true })
const plan = forgedPlan({
  drain: {
    traffic: [
      {
        command: {
          on: 'runner',
          drain: 'echo canary-9f2c',
          undrain: 'echo canary-9f2c',
          state: 'echo canary-9f2c',
          timeout: 5_000,
        },
      },
    ],
  },
})
const NOTE = forgedNote({ id: 'update-1', stage: 'update', plan, facts: {} })
const LEASE = 'token=1\nowner=\nrun=OLD\nboot=x\nup=1\nttl=600\nurl=-\n'
const UNDO = '# Take traffic away\n# dead-man yes\ntrue\n'
const RECORDS = 'pitstop 1 OLD update-1 b 1.00\nbegin 0 1.00\nend 0 0 1.00 0\nover 1\n'
const BASELINE = '{"units":{"ok":true,"value":[]},"listeners":{"ok":true,"value":[]}}'

const disk = fc.record({
  state: mutated(STATE),
  note: mutated(NOTE),
  lease: mutated(LEASE),
  undo: mutated(UNDO),
  records: mutated(RECORDS),
  baseline: mutated(BASELINE),
  /** Which of them are left as an honest run would leave them. */
  isValid: fc.record({ state: fc.boolean(), note: fc.boolean(), lease: fc.boolean(), records: fc.boolean() }),
})

const wire = fc.record({
  kind: fc.constantFrom('hello', 'lease', 'questions', 'start', 'renewal', 'notes', 'honest', 'honest'),
  nth: fc.integer({ min: 0, max: 6 }),
  change: mutation,
})

const one = fc.record({ disk, wire, mode: fc.constantFrom('run', 'recover', 'verify', 'plan') })

type One = typeof one extends fc.Arbitrary<infer T> ? T : never

function attackOf({ disk: d, wire: w, mode }: One): SceneAttack {
  const valid = d.isValid
  const { kind } = w
  const twist =
    kind === 'honest'
      ? honest
      : at(kind, w.nth, (turn) => turn.changed((said) => Buffer.from(w.change(said.toString('latin1')), 'latin1')))
  return {
    id: 'campaign',
    where: 'answer',
    does: 'says and keeps valid texts, changed at random',
    must: 'every host has its verdict',
    mode,
    verdicts: ['live', 'untouched', 'held', 'unreachable', 'rolled-back'],
    limitMs: 300_000,
    rogue: { twist },
    disk: (on) =>
      on
        .file('state', valid.state ? STATE : d.state)
        .file('lease', valid.lease ? LEASE : d.lease)
        .file('undo/000001-0000-drain-1-0.sh', d.undo)
        .file('baseline.json', d.baseline)
        .note('update-1', valid.note ? NOTE : d.note)
        .records('update-1', valid.records ? RECORDS : d.records),
  }
}

it('H22: whatever a host says or keeps, it stays alone', { timeout: ROUNDS * 400_000 }, async () => {
  let carried = 0
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: AT_ONCE, maxLength: AT_ONCE }), async (four) => {
      await Promise.all(four.map((single) => carryOutAttack(attackOf(single), inject('bundle'))))
      carried += four.length
    }),
    { numRuns: ROUNDS, endOnFailure: true },
  )
  expect(carried).toBe(ROUNDS * AT_ONCE)
})
