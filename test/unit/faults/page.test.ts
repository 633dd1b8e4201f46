import { describe, expect, it } from 'vitest'
import { strikesOf } from '../../faults/choose'
import { FAULTS } from '../../faults/faults'
import { pageOf } from '../../faults/page'
import { randomOf } from '../../faults/random'
import type { Result } from '../../faults/result'
import type { Variant } from '../../faults/scenario'

const result = (over: Partial<Result>): Result => ({
  at: '2026-01-01T00:00:00Z',
  seed: 7,
  version: 'abc/def',
  variant: 'gate',
  fault: 'sigkill',
  point: 'touched',
  isBroken: false,
  secondMode: 'recover',
  alone: false,
  isMissed: false,
  firstVerdict: null,
  secondVerdict: 'live',
  secondReason: 'recovered',
  isHalfConfigured: false,
  leased: ['web-1'],
  boots: 1,
  broken: [],
  evidence: null,
  seconds: 10,
  ...over,
})
const lie = { promise: 'verdict', sentence: 'web-1 is live, but it | is `off`' } as const

describe("the campaign's page", () => {
  it('counts what struck, and nothing that came too late', () => {
    const page = pageOf([result({}), result({ point: 'gate' }), result({ point: 'admitted', isMissed: true })], [])
    expect(page).toContain('**2 strikes**')
    expect(page).toContain('1 further tries')
    expect(page).not.toContain('`admitted`')
    expect(page).toContain('no promise is broken')
  })

  it('has a row an event in the order of a run', () => {
    const page = pageOf([result({ point: 'gate' }), result({ secondVerdict: 'held' })], ['touched', 'gate'])
    expect(page.indexOf('| `touched` | H |')).toBeLessThan(page.indexOf('| `gate` | L |'))
    expect(page.indexOf('| `touched` | H |')).toBeGreaterThan(0)
  })

  it('shows a broken promise as open until the same strike breaks none', () => {
    const broken = result({ broken: [lie] })
    const open = pageOf([broken], [])
    expect(open).toContain('**1 break a promise still**')
    expect(open).toContain(
      '- **open**: sigkill at `touched` (gate, `abc/def`): verdict: web-1 is live, but it   is  off',
    )
    expect(open).toContain('| `touched` | L ✗ |')
    const mended = pageOf([broken, result({ at: '2026-01-02T00:00:00Z' })], [])
    expect(mended).toContain('- mended: sigkill at `touched`')
    expect(mended).not.toContain('✗ |')
  })
})

describe('the choice of strikes', () => {
  const run = [
    'run.begun',
    'stage.begun drain',
    'admitted',
    'stage.begun update',
    'reboot.ordered',
    'stage.begun golive',
  ]
  const points = new Map<Variant, readonly string[]>([['gate', run]])
  const choice = { faults: FAULTS, variants: ['gate'] as const, at: null, points }

  it('is the same for the same seed, and another for another', () => {
    const names = (seed: number) =>
      strikesOf({ ...choice, random: randomOf(seed) }).map((want) => `${want.fault?.name} ${want.point}`)
    expect(names(7)).toEqual(names(7))
    expect(names(8)).not.toEqual(names(7))
    expect([...names(8)].sort()).toEqual([...names(7)].sort())
  })

  it('strikes with a fault only where it can strike', () => {
    const all = strikesOf({ ...choice, random: randomOf(1) })
    const where = (name: string) => all.filter((want) => want.fault?.name === name).map((want) => want.point)
    expect([...where('reboot-late')].sort()).toEqual([
      'admitted',
      'reboot.ordered',
      'stage.begun drain',
      'stage.begun update',
    ])
    expect(where('helper-cut')).toEqual([])
    expect(where('sigkill')).toHaveLength(run.length)
    expect(all.filter((want) => want.isBroken && want.point === 'stage.begun golive')).toEqual([])
  })
})
