import { describe, expect, it } from 'vitest'
import { checkedScenes } from '../../fixtures/model/checked-scenes'
import { modelStages } from '../../fixtures/model/model-run'
import type { Scene, Seen } from '../../fixtures/model/scene'

const scene = checkedScenes()

/** The runner dies when the step is begun; its lease is over by now. */
async function diesAt(s: Scene, step: string) {
  const dead = await s.run({
    onEvent: (_, { body }, strike) => {
      if (body.type === 'step.begun' && body.step === step) strike.kill()
    },
  })
  expect(dead.isDead).toBe(true)
  await s.later()
}

const warningsOf = (seen: Seen) =>
  seen
    .told('warning')
    .map((w) => w.sentence)
    .join()

describe('a host that an earlier run held or left changed, and whose users are back on it', () => {
  const behindDriver = modelStages({ drain: { ...modelStages().drain, services: ['app'] } })

  /** Held by its first run, and mended since; somebody, or a balancer that forgot the drain, has put it in. */
  async function heldAndIn(stages = modelStages()) {
    const s = scene({ hosts: ['web-1'], stages })
    s.host().sickBy.add('package')
    expect((await s.run()).of().verdict).toBe('held')
    s.host().isIn = true
    return s
  }

  it.each(['run', 'recover'] as const)('is drained again before it is verified, and told so (%s)', async (mode) => {
    const s = await heldAndIn()
    s.host().sickBy.clear()
    const seen = await s.run({ mode })
    const steps = seen.steps()
    expect(steps.filter((step) => step.startsWith('verify/'))).toContain('verify/traffic-1-drain')
    expect(steps.indexOf('golive/traffic-1-undrain')).toBeGreaterThan(steps.indexOf('verify/traffic-1-drain'))
    expect(warningsOf(seen)).toMatch(
      /in traffic, not by us: it is drained again .*node dist\/cli\.js release web-1 --reason TEXT/,
    )
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(s.host().isIn).toBe(true)
  })

  it('stays out where its gate stays shut', async () => {
    const s = await heldAndIn()
    expect((await s.run()).of().reason).toContain('still shut')
    expect(s.host().isIn).toBe(false)
  })

  it('has no service started in view of its users', async () => {
    const s = scene({ hosts: ['web-1'], stages: behindDriver })
    await diesAt(s, 'packages.upgrade')
    expect(s.host().service).toMatchObject({ isHeld: true, isActive: false })
    s.host().isIn = true
    const inView: boolean[] = []
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'step.begun' && body.step.startsWith('start-1')) inView.push(s.host().isIn)
      },
    })
    expect(inView).toEqual([false])
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
  })

  it('is drained again too where they come back in the middle of verify', async () => {
    const s = await heldAndIn()
    const seen = await s.run({
      onEvent: (_, { body }) => {
        if (body.type === 'round') s.host().isIn = true
      },
    })
    expect(seen.of().verdict).toBe('held')
    expect(s.host().isIn).toBe(false)
  })

  it.each([
    ['cannot be read', { at: '?traffic-1-state', kind: 'unknown', times: 99 } as const, /traffic reads unknown/],
    ['cannot be taken away', { at: 'verify/traffic-1-drain', kind: 'fail', times: 9 } as const, /traffic reads in/],
  ])('is not verified, and no service started, where they %s: held', async (_, fault, why) => {
    const s = scene({ hosts: ['web-1'], stages: behindDriver })
    await diesAt(s, 'packages.upgrade')
    s.host().isIn = true
    s.world.inject(fault)
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'held', admitted: false })
    expect(seen.of().reason).toMatch(why)
    expect(seen.steps()).not.toContain('verify/start-1-app.service')
    expect(s.host().disk.hostState).toMatchObject({ phase: 'held', drained: true, touched: true })
  })

  it('is left to them where no run took them away, and verified', async () => {
    const s = scene({ hosts: ['web-1'] })
    s.host().hasUpdate = false
    await diesAt(s, 'package-cache')
    const seen = await s.run()
    expect(seen.steps().filter((step) => step.includes('traffic'))).toEqual([])
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
  })
})
