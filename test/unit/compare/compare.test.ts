import { describe, expect, it } from 'vitest'
import { compareWithBaseline } from '../../../src/compare/compare'
import { type Fact, Facts, type Result } from '../../../src/facts/fact'
import { firewallState } from '../../../src/facts/firewall-state'
import { type Listener, listeners } from '../../../src/facts/listeners'
import { type Mount, mounts } from '../../../src/facts/mounts'
import { resolvers } from '../../../src/facts/resolvers'
import { routes } from '../../../src/facts/routes'
import { units } from '../../../src/facts/units'
import { factsOf } from '../../fixtures/stage-input'
import { dead, listener, mount, unit } from './host-facts'

function compared(fact: Fact<unknown>, before: unknown, now: unknown, expectChanges: string[] = []): string[] {
  const checks = compareWithBaseline(factsOf([fact, before]), factsOf([fact, now]), {
    expectChanges,
    drainedServices: [],
  })
  return checks.filter((check) => check.kind !== 'compare').map((check) => `${check.outcome} ${check.id}`)
}

const ports = (...items: Listener[]) => ({ items, ephemeralFrom: 32_768 })
const mounted = (items: Mount[], automounts: string[] = []) => ({ items, automounts })
const eth0 = { family: 4, gateway: '192.0.2.1', device: 'eth0' }

describe('compareWithBaseline: listeners', () => {
  it('fails for a listener that is gone', () => {
    expect(compared(listeners, ports(listener('tcp', '0.0.0.0', 80)), ports())).toEqual(['fail port:tcp/0.0.0.0:80'])
    expect(compared(listeners, ports(listener('tcp', '[::]', 443)), ports())).toEqual(['fail port:tcp/[::]:443'])
  })

  it('fails for a listener that answers on loopback only', () => {
    const now = ports(listener('tcp', '127.0.0.1', 80))
    expect(compared(listeners, ports(listener('tcp', '0.0.0.0', 80)), now)).toEqual([
      'fail port:tcp/0.0.0.0:80',
      'warn port:tcp/127.0.0.1:80',
    ])
  })

  it('warns where a wider listener took over', () => {
    const now = ports({ ...listener('tcp', '[::]', 80), takesIpv4: true })
    expect(compared(listeners, ports(listener('tcp', '0.0.0.0', 80)), now)[0]).toBe('warn port:tcp/0.0.0.0:80')
    const only6 = ports({ ...listener('tcp', '[::]', 80), takesIpv4: false })
    expect(compared(listeners, ports(listener('tcp', '0.0.0.0', 80)), only6)[0]).toBe('fail port:tcp/0.0.0.0:80')
  })

  it('does not judge the ephemeral range', () => {
    expect(
      compared(listeners, ports(listener('tcp', '0.0.0.0', 40_001)), ports(listener('tcp', '0.0.0.0', 40_002))),
    ).toEqual([])
  })

  it('warns for sockets that a reboot moves', () => {
    const before = [
      listener('udp', '0.0.0.0', 703, 'rpcbind'),
      listener('udp', '10.0.0.5', 68),
      listener('udp', '[fe80::1]', 123),
      listener('udp', '[2001:db8::77]', 123),
    ]
    expect(compared(listeners, ports(...before), ports()).map((one) => one.split(' ')[0])).toEqual([
      'warn',
      'warn',
      'warn',
      'warn',
    ])
  })

  it('warns where another program answers, and takes a socket of systemd for its service', () => {
    const at = (process: string) => ports(listener('tcp', '0.0.0.0', 80, process))
    expect(compared(listeners, at('nginx'), at('apache2'))).toEqual(['warn port:tcp/0.0.0.0:80'])
    expect(compared(listeners, at('systemd'), at('sshd'))).toEqual(['pass port:tcp/0.0.0.0:80'])
  })
})

describe('compareWithBaseline: mounts', () => {
  it('fails for a mount that is gone or became read-only', () => {
    expect(compared(mounts, mounted([mount('/srv')]), mounted([]))).toEqual(['fail mount:/srv'])
    expect(compared(mounts, mounted([mount('/srv')]), mounted([mount('/srv', { readOnly: true })]))).toEqual([
      'fail mount:/srv',
    ])
  })

  it('passes a mount that comes back on first use', () => {
    expect(compared(mounts, mounted([mount('/net/nas/vol')], ['/net']), mounted([], ['/net']))).toEqual([
      'pass mount:/net/nas/vol',
    ])
  })

  it('passes disks that changed their names', () => {
    const now = mounted([mount('/srv', { source: '/dev/sdb1' })])
    expect(compared(mounts, mounted([mount('/srv')]), now)).toEqual(['pass mount:/srv'])
  })

  it('warns for a mount of another kind and for a new one', () => {
    const now = mounted([mount('/srv', { source: 'tmpfs', type: 'tmpfs' }), mount('/new')])
    expect(compared(mounts, mounted([mount('/srv')]), now)).toEqual(['warn mount:/srv', 'warn mount:/new'])
  })

  it('lets no control character of a mount point into an id', () => {
    expect(compared(mounts, mounted([mount('/a\n::error::b')]), mounted([]))).toEqual(['fail mount:/a ::error::b'])
  })
})

describe('compareWithBaseline: network', () => {
  it('fails where the default route is gone, for each family by itself', () => {
    const six = { family: 6, gateway: 'fe80::1', device: 'eth0' }
    expect(compared(routes, [eth0, six], [six])).toEqual(['fail route:default', 'pass route:default-ipv6'])
  })

  it('warns for another gateway', () => {
    expect(compared(routes, [eth0], [{ ...eth0, gateway: '192.0.2.2' }])).toEqual(['warn route:default'])
  })

  it('fails for each name server that is gone', () => {
    expect(compared(resolvers, ['192.0.2.53', '192.0.2.54'], ['192.0.2.54', '192.0.2.55'])).toEqual([
      'fail resolver:192.0.2.53',
      'pass resolver:192.0.2.54',
      'warn resolver:192.0.2.55',
    ])
  })
})

describe('compareWithBaseline: firewall', () => {
  const chain = (policy: string, rules: number) => ({ name: 'inet filter input', policy, rules })
  const off = { active: false, chains: [] }

  it('fails where the firewall is inactive', () => {
    expect(compared(firewallState, { active: true, chains: [chain('accept', 3)] }, off)).toEqual([
      'fail firewall:input',
    ])
  })

  it('fails where nothing drops by default any more, whatever other rules there are', () => {
    const now = { active: true, chains: [chain('accept', 40)] }
    expect(compared(firewallState, { active: true, chains: [chain('drop', 3)] }, now)).toEqual(['fail firewall:input'])
  })

  it('says nothing where there never was one', () => {
    expect(compared(firewallState, off, off)).toEqual([])
  })
})

describe('compareWithBaseline: what cannot be read', () => {
  const some: Facts = factsOf([units, [unit('a.service')]])
  const none = new Facts(new Map<string, Result<unknown>>([[units.id, { ok: false, why: 'exit 1' }]]))
  const outcome = (before: Facts, now: Facts, expectChanges: string[] = []) =>
    compareWithBaseline(before, now, { expectChanges, drainedServices: [] }).find(
      (check) => check.id === 'compare:units',
    )?.outcome

  it('is unknown where it was known before, and no expectation changes that', () => {
    expect(outcome(some, none)).toBe('unknown')
    expect(outcome(some, none, ['*'])).toBe('unknown')
  })

  it('H30: is skipped where it never was', () => {
    expect(outcome(none, none)).toBe('skipped')
  })

  it('warns where it was not known before', () => {
    expect(outcome(none, some)).toBe('warn')
  })
})

describe('compareWithBaseline: expected changes', () => {
  it('pass with a note', () => {
    const before = factsOf([units, [unit('old.service')]])
    const now = factsOf([units, [unit('old.service', dead)]])
    const [check] = compareWithBaseline(before, now, { expectChanges: ['unit:old.*'], drainedServices: [] })
    expect(check).toMatchObject({ outcome: 'pass', actual: 'inactive (dead) (expected: unit:old.*)' })
  })

  it('cover only what their glob names', () => {
    const before = ports(listener('tcp', '0.0.0.0', 9100), listener('tcp', '0.0.0.0', 80))
    expect(compared(listeners, before, ports(), ['port:tcp/*:9100'])).toEqual([
      'pass port:tcp/0.0.0.0:9100',
      'fail port:tcp/0.0.0.0:80',
    ])
  })
})
