import { describe, expect, it } from 'vitest'
import { freshKnowledge, type HostContext } from '../../../src/engine/host-context'
import { TrafficGuard } from '../../../src/engine/traffic-guard'
import { ConnectError } from '../../../src/errors'
import { FRESH } from '../../../src/host/state'
import type { EventBody } from '../../../src/journal/event'
import { FakeMachine } from '../../fixtures/model/fake-machine'
import { modelFile, modelStages, settleWorld } from '../../fixtures/model/model-run'
import { ModelWorld } from '../../fixtures/model/model-world'

/** A drained host behind a balancer that is reached for as long as `reaches` says so. */
function watched(reaches: () => boolean, more: readonly unknown[] = []) {
  const file = modelFile({ hosts: ['web-1'], stages: modelStages({}, 'lb-1') })
  const world = settleWorld(new ModelWorld(), file)
  world.add('lb-1', 'helpers')
  const runner = { run: 'r1', adopt: false, isDead: false }
  const told: EventBody[] = []
  const machine = new FakeMachine(world, world.host('web-1'), runner)
  const lb = new FakeMachine(world, world.host('lb-1'), runner)
  Object.defineProperty(machine, 'state', { value: { ...FRESH, drained: true, touched: true } })
  const found = file.hosts.get('web-1')
  if (found === undefined) throw new Error('the file has a host web-1')
  const traffic = [...found.stages.drain.traffic, ...more] as typeof found.stages.drain.traffic
  const host = { ...found, stages: { ...found.stages, drain: { ...found.stages.drain, traffic } } }
  const x: HostContext = {
    host,
    machine,
    place: async () => {
      if (!reaches()) throw new ConnectError('lb-1 does not answer')
      return lb
    },
    clock: world.clock,
    signal: new AbortController().signal,
    tell: (body) => told.push(body),
    run: { id: 'r1', mode: 'run', url: '', file: 'maintenance.yml' },
    mask: (text) => text,
    mayBegin: () => null,
    ledgerKey: () => null,
    known: freshKnowledge(),
  }
  return { x, told, world }
}

describe('the watch over the traffic of a drained host', () => {
  it('goes on, and says why, when the balancer is gone in the middle of a look', async () => {
    let asked = 0
    // The state is read, users are found back; then nobody answers.
    const { x, told } = watched(() => ++asked === 1)
    const guard = new TrafficGuard(x)
    await guard.look()
    await guard[Symbol.asyncDispose]()
    expect(told.filter((e) => e.type === 'warning').map((e) => e.sentence)).toEqual([
      'traffic was back on the drained host, not by us: it is drained again',
      'the host could not be drained again: Take traffic away (command on lb-1): lb-1 does not answer',
      'traffic reads unknown: command on lb-1: lb-1 does not answer',
    ])
  })

  it('users that one of two balancers has brought back are taken away, though the other cannot be read', async () => {
    const second = modelFile({ hosts: ['web-1'], stages: modelStages({}, 'lb-1') }).hosts.get('web-1')?.stages.drain
    const { x, told, world } = watched(() => true, second?.traffic)
    world.inject({ at: 'web-1 ?traffic-2-state', kind: 'fail' })
    const guard = new TrafficGuard(x)
    await guard.look()
    await guard[Symbol.asyncDispose]()
    expect(told.filter((e) => e.type === 'warning').map((e) => e.sentence)).toContain(
      'traffic was back on the drained host, not by us: it is drained again',
    )
  })

  it('never hides the error of the work it watches over', async () => {
    let asked = 0
    const { x } = watched(() => ++asked === 1)
    const work = async () => {
      await using guard = new TrafficGuard(x)
      await guard.look()
      throw new Error('the disk is on fire')
    }
    await expect(work()).rejects.toThrow('the disk is on fire')
  })
})
