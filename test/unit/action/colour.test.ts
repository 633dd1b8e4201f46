import { expect, test } from 'vitest'
import { type Ending, exitCodeOf, isGreen } from '../../../src/action/colour'
import type { Mode, RunReason, RunVerdict } from '../../../src/journal/event'

const modes: Mode[] = ['run', 'plan', 'verify', 'recover', 'announce', 'finish']
const verdicts: RunVerdict[] = ['failed', 'held', 'partial', 'live', 'refused', 'planned', 'announced']
const reasons: RunReason[] = ['none', 'too-early', 'missed', 'freeze', 'already-done', 'file', 'key', 'lease', 'event']
const ending = (mode: Mode | null, verdict: RunVerdict, reason: RunReason = 'none'): Ending => ({
  mode,
  verdict,
  reason,
  hosts: [],
})

test('exactly these endings are green', () => {
  const green = [...modes, null].flatMap((mode) =>
    verdicts.flatMap((verdict) =>
      reasons
        .filter((reason) => verdict === 'refused' || reason === 'none')
        .flatMap((reason) => (isGreen(ending(mode, verdict, reason)) ? [`${mode} ${verdict} ${reason}`] : [])),
    ),
  )
  const calm = (mode: Mode) => ['too-early', 'freeze', 'already-done'].map((reason) => `${mode} refused ${reason}`)
  expect(new Set(green)).toEqual(
    new Set([
      'run live none',
      ...calm('run'),
      'plan planned none',
      'verify live none',
      'recover partial none',
      'recover live none',
      ...calm('recover'),
      'announce announced none',
      ...calm('announce'),
      'finish live none',
      ...calm('finish'),
    ]),
  )
})

test('recover is red when a host is held or cannot be reached', () => {
  const recover = (...hosts: Ending['hosts']) => isGreen({ ...ending('recover', 'partial'), hosts })
  expect(recover('live', 'untouched', 'rolled-back')).toBe(true)
  expect(recover('live', 'held')).toBe(false)
  expect(recover('live', 'unreachable')).toBe(false)
})

test.each([
  [ending('run', 'live'), 0],
  [ending('run', 'refused', 'too-early'), 0],
  [ending('run', 'held'), 1],
  [ending('run', 'refused', 'missed'), 1],
  [ending('run', 'refused', 'file'), 2],
  [ending(null, 'refused', 'event'), 2],
  [ending('run', 'refused', 'lease'), 3],
  [ending('run', 'refused', 'key'), 3],
  [ending('verify', 'failed', 'key'), 3],
  [ending('plan', 'planned', 'key'), 0],
  [ending('plan', 'failed', 'none'), 1],
] as const)('%j exits %i', (end, code) => expect(exitCodeOf(end)).toBe(code))
