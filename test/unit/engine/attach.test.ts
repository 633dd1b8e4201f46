import { afterEach, describe, expect, it } from 'vitest'
import { modelStages, type StagesInput } from '../../fixtures/model/model-run'
import type { Fault } from '../../fixtures/model/model-world'
import { Scene } from '../../fixtures/model/scene'

const MINUTE = 60_000
const scenes: Scene[] = []
function scene(stages: StagesInput = modelStages(), ...faults: readonly Fault[]): Scene {
  const made = new Scene({ hosts: ['web-1'], stages }, ...faults)
  scenes.push(made)
  return made
}

afterEach(() => {
  for (const { world } of scenes.splice(0)) expect(world.wrongs).toEqual([])
})

const withApp = () =>
  modelStages({ update: { apps: [{ name: 'app', run: 'model deploy', rollback: 'model previous' }] } })

/** A run whose runner dies in a step that takes twenty minutes; its lease is over when the next run comes, the step is not. */
async function deadIn(s: Scene, step: string, kind: 'slow' | 'slow-fail' = 'slow', waitMs = 12 * MINUTE) {
  s.world.inject({ at: step, kind })
  const dead = await s.run({
    onEvent: (_, { body }, strike) => {
      if (body.type === 'step.begun' && `${body.stage}/${body.step}` === step) strike.kill()
    },
  })
  expect(dead.isDead).toBe(true)
  await s.later(waitMs)
}

describe('a program of an earlier run that still lives', () => {
  it('in update: is followed from its first record, and the host goes on from its end: rebooted, verified, live', async () => {
    const s = scene(modelStages({ update: { reboot: 'if-required', reboot_stable: '5s' } }))
    s.host().rebootFlag = 'yes'
    await deadIn(s, 'update/packages.upgrade')
    const bootId = s.host().bootId
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered', admitted: false })
    expect(seen.told('settled')[0]?.sentence).toMatch(
      /run-1 is gone.*update-\d+ is still at work \(pid 4242\): attached/,
    )
    const steps = seen.steps()
    expect(steps[0]).toBe('update/packages.upgrade')
    expect(steps).not.toContain('update/before-1')
    expect(steps.filter((step) => step === 'update/packages.upgrade')).toHaveLength(1)
    expect(s.host()).toMatchObject({ packageVersion: 2, isIn: true })
    expect(s.host().bootId).not.toBe(bootId)
    expect(s.host().disk.hostState).toMatchObject({ phase: 'idle', touched: false, drained: false })
  })

  it.each([
    ['names an application no more: it is not deployed, and that is told', withApp(), modelStages(), 1],
    ['names one more: it is deployed', modelStages(), withApp(), 2],
  ])('in update, and the file of today %s', async (_, then, now, version) => {
    const s = scene(then)
    await deadIn(s, 'update/packages.upgrade')
    const today = new Scene({ hosts: ['web-1'], stages: now })
    const seen = await s.run({ file: today.file })
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(s.host().appVersion).toBe(version)
    const warnings = seen.told('warning').map((w) => w.sentence)
    if (version === 1) expect(warnings.join()).toContain('no longer names the application app')
    else expect(warnings).toEqual([])
  })

  it('in update, and its baseline cannot be read: held, for after a rollback nothing would be compared', async () => {
    const stages = modelStages()
    const s = new Scene({ hosts: ['web-1'], stages, rollout: { on_failure: 'rollback' } })
    scenes.push(s)
    await deadIn(s, 'update/packages.upgrade')
    s.host().disk.baseline = '{ torn'
    const seen = await s.run()
    expect(seen.of().verdict).toBe('held')
    expect(seen.of().reason).toContain('baseline.json) cannot be read')
    expect(s.host().isIn).toBe(false)
  })

  it('in an application: what it said before is known, and it is not deployed again', async () => {
    const s = scene(
      modelStages({ update: { apps: [{ name: 'app', run: 'model deploy', rollback: 'model previous' }] } }),
    )
    await deadIn(s, 'update/app.app')
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(seen.steps().filter((step) => step.startsWith('update/'))).toEqual(['update/app.app'])
    expect(s.host().appVersion).toBe(2)
  })

  it('in update, and it fails: held as in any maintenance; nothing goes on from there', async () => {
    const s = scene(modelStages({ update: { reboot: 'always', reboot_stable: '5s' } }))
    await deadIn(s, 'update/packages.upgrade', 'slow-fail')
    const bootId = s.host().bootId
    const seen = await s.run()
    expect(seen.told('step.ended')[0]).toMatchObject({ step: 'packages.upgrade', outcome: 'failed' })
    expect(seen.of().verdict).toBe('held')
    expect(seen.of().reason).toMatch(/^update: Update 1 packages: ended with exit code 1 in run run-1/)
    expect(s.host().bootId).toBe(bootId)
    const later = await s.run()
    expect(later.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    const left = 'Recovered; left out: the update of webapp, the reboot'
    expect(later.told('observed').map(({ what }) => what)).toContainEqual(expect.objectContaining({ what: left }))
  })

  it('in update, and verify fails after it: held, out of service', async () => {
    const s = scene()
    s.host().sickBy.add('package')
    await deadIn(s, 'update/packages.upgrade')
    expect((await s.run()).of()).toMatchObject({ verdict: 'held', admitted: false })
    expect(s.host().isIn).toBe(false)
  })

  it('in update, and verify fails after it: rolled back to what the dead run had kept, as the file of then wants', async () => {
    const made = new Scene({ hosts: ['web-1'], stages: modelStages(), rollout: { on_failure: 'rollback' } })
    scenes.push(made)
    made.host().sickBy.add('package')
    await deadIn(made, 'update/packages.upgrade')
    const seen = await made.run()
    expect(seen.of(), seen.of().reason).toMatchObject({ verdict: 'rolled-back', admitted: false })
    expect(made.host()).toMatchObject({ packageVersion: 1, isIn: true })
    const orders = [...made.host().disk.programs.values()].flatMap((program) => program.orders)
    const back = orders.find((step) => step.id === 'packages.rollback')
    expect(back?.run.text).toContain('/runs/run-1/packages/installed')
  })

  it.each([
    ['prepare/packages.download', 'verified', 2],
    ['drain/traffic-1-drain', 'verified', 2],
    ['clean/package-cache', 'recovered', 2],
    ['golive/traffic-1-undrain', 'recovered', 2],
  ])('in %s: its end is waited for, and the host settled from its real state', async (step, reason, version) => {
    const s = scene()
    await deadIn(s, step)
    const seen = await s.run()
    expect(seen.of()).toMatchObject({ verdict: 'live', reason })
    expect(seen.steps()).toContain(step)
    expect(s.host().packageVersion).toBe(version)
  })

  it('over its time: held "still running", with its process; the next run attaches again and goes on', async () => {
    const s = scene()
    s.world.inject({ at: 'update/packages.upgrade', kind: 'overtime' })
    const first = (await s.run()).of()
    expect(first).toMatchObject({ verdict: 'held' })
    expect(first.reason).toContain('still running, pid 4242')
    const second = (await s.run()).of()
    expect(second).toMatchObject({ verdict: 'held' })
    expect(second.reason).toContain('still running, pid 4242')
    expect(s.host()).toMatchObject({ packageVersion: 1, isIn: false })
    await s.later(165 * MINUTE)
    expect((await s.run()).of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(s.host()).toMatchObject({ packageVersion: 2, isIn: true })
  })

  it('whose note is torn is only waited for, and the host held: nobody knows what it was to do', async () => {
    const s = scene()
    await deadIn(s, 'update/packages.upgrade')
    const { program } = s.host()
    if (program !== null) program.note = program.note?.slice(0, 100)
    const seen = await s.run()
    expect(seen.told('warning')[0]?.sentence).toContain('waiting for its end')
    expect(seen.of().verdict).toBe('held')
    expect(seen.of().reason).toMatch(
      /torn, forged or of another version.*node dist\/cli\.js release web-1 --reason TEXT/,
    )
    expect(s.host().isIn).toBe(false)
  })

  it('is left alone by post where it changes the host: post has two minutes', async () => {
    const s = scene()
    await deadIn(s, 'update/packages.upgrade', 'slow', 1_000)
    const began = s.world.clock.monotonicMs()
    const seen = await s.run({ id: 'run-1', adopt: true, mode: 'recover' })
    expect(seen.of()).toMatchObject({ verdict: 'held' })
    expect(seen.of().reason).toContain('still running')
    expect(s.world.clock.monotonicMs() - began).toBeLessThan(MINUTE)
  })
})

describe('recover, where the dead run still holds the lease', () => {
  it('waits until the lease is over, and then settles the host', async () => {
    const s = scene()
    await s.run({
      onEvent: (_, { body }, strike) => {
        if (body.type === 'step.ended' && body.step === 'packages.upgrade') strike.kill()
      },
    })
    await s.later(1_000)
    const seen = await s.run({ mode: 'recover' })
    expect(seen.told('warning')[0]?.sentence).toMatch(/run-1 holds the lease.*waiting until it is renewed, or over/)
    expect(seen.of()).toMatchObject({ verdict: 'live', reason: 'recovered' })
  })

  it('leaves a host alone whose run renews it', async () => {
    const s = scene()
    s.host().stealLease()
    const seen = await s.run({
      mode: 'recover',
      onEvent: (_, { body }) => {
        if (body.type === 'warning') void s.world.clock.sleep(8_000).then(() => s.host().stealLease())
      },
    })
    expect(seen.of()).toMatchObject({ verdict: 'untouched', rule: { name: 'lease', value: 'another' } })
  })
})
