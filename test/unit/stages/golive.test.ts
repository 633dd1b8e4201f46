import { expect, it } from 'vitest'
import { decideGate } from '../../../src/gate/gate'
import { FRESH } from '../../../src/host/state'
import { hostLeftovers } from '../../../src/services/leftovers'
import { golive } from '../../../src/stages/golive'
import type { StageInput } from '../../../src/stages/stage'
import { factsOf, stageInput, stepResult } from '../../fixtures/stage-input'

function stageOf() {
  const check = { id: 'builtin:login', kind: 'builtin', outcome: 'pass', expected: '', actual: '' } as const
  const decision = decideGate([check], { host: 'web-1', run: 'run1', required: [] })
  if (!decision.open) throw new Error(decision.reason)
  return golive(decision.gate)
}

const plan = (name: string, x: StageInput) => {
  const found = stageOf().phases.find((one) => one.name === name)
  if (found === undefined) throw new Error(`no phase ${name}`)
  return found.plan(x)
}
const ids = (x: StageInput) => plan('undrain', x).steps.map((step) => step.id)
const FILE = { drain: { traffic: [{ command: { drain: 'd', undrain: 'u', state: 's' } }] } }

it('lets back a host that this run took out, and one that an earlier run did', () => {
  const back = ['traffic-1-undrain', 'traffic-1-is-in']
  const results = new Map([['drain/traffic-1-drain', stepResult('traffic-1-drain')]])
  expect(ids(stageInput(FILE, { results }))).toEqual(back)
  expect(ids(stageInput(FILE, { state: { ...FRESH, drained: true } }))).toEqual(back)
})

it('H29: does not let back a host that Pitstop did not take out', () => {
  expect(ids(stageInput(FILE))).toEqual([])
})

it('resumes paused actors from what is on the host, and says which service is still held', () => {
  const held = (unit: string, group: string) => ({ unit, was: 'active', group, phase: 'held' })
  const facts = factsOf([hostLeftovers, [held('apt-daily.timer', 'actors'), held('app.service', 'app.service')]])
  const { steps, notes } = plan('resume', stageInput({}, { facts }))
  expect(steps).toMatchObject([{ id: 'resume-actors', title: 'Resume apt-daily.timer', required: false }])
  expect(notes).toMatchObject([{ what: 'app.service is still held', severity: 'warn' }])
})

it('does not call a host clean whose holds could not be read', () => {
  expect(plan('resume', stageInput()).notes).toMatchObject([{ what: 'Holds of Pitstop could not be read' }])
})
