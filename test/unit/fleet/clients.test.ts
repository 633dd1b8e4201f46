import { describe, expect, it } from 'vitest'
import { clientsOf } from '../../../src/fleet/clients'
import { hostConfig } from '../../fixtures/host-config'
import type { StagesInput } from '../../fixtures/model/model-run'

type Stages = StagesInput
const hook = { run: ':', on: 'lb-1' }

const fleet = (stages: Stages) => {
  const web = { ...hostConfig({ stages }), name: 'web-1' }
  const others = ['lb-1', 'jump-1', 'jump-2'].map((name) => ({ ...hostConfig({}), name, maintain: name === 'lb-1' }))
  return new Map([web, ...others].map((host) => [host.name, host]))
}

describe('a host that serves others is known by everything that names it', () => {
  const hooks = ['prepare', 'monitor', 'drain', 'clean', 'update', 'verify', 'golive'].flatMap((stage) =>
    ['before', 'after'].map((when): [string, Stages] => [
      `${when} ${stage}`,
      { [stage]: { [when]: [hook] } } as Stages,
    ]),
  )

  it.each<[string, Stages]>([
    ...hooks,
    ['a check', { verify: { checks: [{ command: { run: ':', on: 'lb-1' } }] } }],
    ['a traffic driver', { drain: { traffic: [{ command: { drain: ':', undrain: ':', on: 'lb-1' } }] } }],
  ])('%s', (_, stages) => {
    expect(clientsOf(fleet(stages)).get('lb-1')).toEqual(['web-1'])
  })

  it('a jump, and the jump before it, also on the way to a helper', () => {
    const hosts = fleet({ golive: { after: [hook] } })
    hosts.set('lb-1', { ...hostConfig({ jump: 'jump-1' }), name: 'lb-1' })
    hosts.set('jump-1', { ...hostConfig({ jump: 'jump-2' }), name: 'jump-1' })
    const clients = clientsOf(hosts)
    expect(clients.get('jump-1')).toEqual(['web-1', 'lb-1'])
    expect(clients.get('jump-2')).toEqual(['web-1', 'lb-1', 'jump-1'])
  })

  it('nobody is a client of itself, of the runner, or for a command that no target runs', () => {
    const own = fleet({
      verify: { checks: [{ command: { run: ':', on: 'web-1' } }, { command: { run: ':', on: 'runner' } }] },
    })
    expect([...clientsOf(own)]).toEqual([])
    const helper = new Map(
      [...fleet({ golive: { after: [hook] } })].map(([name, host]) => [name, { ...host, maintain: false }]),
    )
    expect([...clientsOf(helper)]).toEqual([])
  })
})
