import { describe, expect, it } from 'vitest'
import { steady } from '../../../src/checks/steady'
import { units } from '../../../src/facts/units'
import { uptime } from '../../../src/facts/uptime'
import { factsOf } from '../../fixtures/stage-input'
import { unit } from '../compare/host-facts'

const look = (restarts: number, mainPid: number) => factsOf([units, [unit('app.service', { restarts, mainPid })]])
const baseline = (restarts: number, startedAt: number, up = 90_000) =>
  factsOf(
    [units, [unit('app.service', { restarts, activeAtS: startedAt })]],
    [uptime, { seconds: up, pid1Start: null }],
  )
const outcome = (before: ReturnType<typeof look> | undefined) =>
  steady.judge({ baseline: before, before: look(7, 1), now: look(8, 2) })[0]

describe('case 6: builtin:steady', () => {
  it('warns for a service that restarted in a loop before the maintenance too', () => {
    expect(outcome(baseline(3_000, 89_996))).toMatchObject({
      outcome: 'warn',
      actual: expect.stringContaining('before the maintenance too'),
    })
  })

  it('warns for a loop that is slow', () => {
    expect(outcome(baseline(300, 89_800))?.outcome).toBe('warn')
  })

  it('fails for one that came up long ago, once or never restarted, or is unknown', () => {
    expect(outcome(baseline(3_000, 80_000))?.outcome).toBe('fail')
    expect(outcome(baseline(1, 89_996))?.outcome).toBe('fail')
    expect(outcome(baseline(0, 89_996))?.outcome).toBe('fail')
    expect(outcome(undefined)?.outcome).toBe('fail')
    expect(outcome(factsOf([units, [unit('app.service', { restarts: 9, activeAtS: 89_996 })]]))?.outcome).toBe('fail')
  })

  it('fails for another service that restarts beside the one that always did', () => {
    const two = (n: number) =>
      factsOf([units, [unit('app.service', { restarts: n }), unit('web.service', { restarts: n })]])
    expect(steady.judge({ baseline: baseline(3_000, 89_996), before: two(1), now: two(2) })[0]).toMatchObject({
      outcome: 'fail',
      actual: 'web.service was restarted (1 → 2 restarts)',
    })
  })
})
