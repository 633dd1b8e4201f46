import { describe, expect, it } from 'vitest'
import { expectedBootAndKernel, noNewlyFailedUnit } from '../../../src/compare/builtin'
import { compareListeners } from '../../../src/compare/listeners'
import { compareMounts } from '../../../src/compare/mounts'
import { compareSecurity } from '../../../src/compare/security'
import { compareUnits } from '../../../src/compare/units'
import { bootId } from '../../../src/facts/boot-id'
import { failedUnits } from '../../../src/facts/failed-units'
import { type Listener, listeners } from '../../../src/facts/listeners'
import { newestKernel } from '../../../src/facts/newest-kernel'
import type { Unit } from '../../../src/facts/units'
import { units } from '../../../src/facts/units'
import { factsOf } from '../../fixtures/stage-input'
import { dead, listener, mount, unit } from './host-facts'

/** Right values for what people have met with other tools, case by case. */

const outcomes = (checks: readonly { outcome: string; id: string }[]) => checks.map((one) => `${one.outcome} ${one.id}`)
const judged = (before: readonly Unit[], now: readonly Unit[], more = {}) =>
  outcomes(compareUnits(before, now, { drainedServices: [], ...more }))

describe('case 1: a numbered instance of a template is a service like any other', () => {
  it.each(['postgresql@15-main', 'redis@6379-a', 'app@2-blue', 'kafka@1-10', 'db@5432-100-7', 'mysql@3306-a:b'])(
    '%s.service that is gone fails',
    (name) => {
      expect(judged([unit(`${name}.service`)], [unit(`${name}.service`, dead)])).toEqual([`fail unit:${name}.service`])
    },
  )

  it('a service with a socket of the very same instance is one too', () => {
    const one = unit('app@2-1-0.service', { triggeredBy: ['app@2-1-0.socket'], isWanted: true })
    expect(judged([one], [])).toEqual(['fail unit:app@2-1-0.service'])
  })

  it.each([
    'sshd@3-192.0.2.1:22-192.0.2.9:5000.service',
    'sshd@3-2001:db8::1:22-2001:db8::9:5000.service',
    'sshd@12-4711-192.0.2.1:22-192.0.2.9:5000.service',
    'sshd-vsock@0-2:22-4294967295:1024.service',
  ])('%s is one connection and says nothing', (id) => {
    expect(judged([unit(id)], [])).toEqual([])
  })

  it.each(['coredump@0-1234-1000.service', 'coredump@0-77-1234_9-1000.service', 'coredump@1-unknown.service'])(
    '%s of a socket without an instance is one connection',
    (id) => {
      expect(judged([unit(id, { triggeredBy: ['coredump.socket'] })], [])).toEqual([])
    },
  )

  it('a service whose name only begins like those of systemd-run or of sessions is judged', () => {
    for (const id of ['run-puppet.service', 'session-cleaner.service', 'user@home.service'])
      expect(judged([unit(id)], [])).toEqual([`fail unit:${id}`])
  })
})

describe('case 6: a service that restarted in a loop before', () => {
  it('is told where it is caught between two attempts, and fails where it gave up', () => {
    const loopedBefore = new Set(['app.service'])
    const between = unit('app.service', { active: 'activating', sub: 'auto-restart' })
    expect(judged([unit('app.service')], [between], { loopedBefore })).toEqual(['warn unit:app.service'])
    expect(judged([unit('app.service')], [between])).toEqual(['fail unit:app.service'])
    const over = unit('app.service', { active: 'failed', sub: 'failed' })
    expect(judged([unit('app.service')], [over], { loopedBefore })).toEqual(['fail unit:app.service'])
  })
})

describe('case 9: a failed unit of a single command or a connection', () => {
  const failed = (...names: string[]) => factsOf([failedUnits, names])

  it.each([
    'run-x.service',
    'clusterchk@12-192.0.2.1:9200-192.0.2.9:5000.service',
    'session-4.scope',
    'docker-0a1b.scope',
    'user@1000.service',
  ])('%s warns', (id) => {
    expect(noNewlyFailedUnit(failed(), failed(id), () => false)).toMatchObject({ outcome: 'warn' })
    expect(noNewlyFailedUnit(undefined, failed(id), () => false)).toMatchObject({ outcome: 'warn' })
    expect(noNewlyFailedUnit(failed(id), failed(id), () => false)).toMatchObject({ outcome: 'pass' })
  })

  it('a transient unit of any name warns, and a lasting one of a like name fails', () => {
    const health = `${'a1'.repeat(32)}.service`
    const now = (isTransient: boolean, id: string) =>
      factsOf([failedUnits, [id]], [units, [unit(id, { active: 'failed', isTransient })]])
    expect(noNewlyFailedUnit(failed(), now(true, health), () => false).outcome).toBe('warn')
    expect(noNewlyFailedUnit(failed(), now(false, 'run-puppet.service'), () => false).outcome).toBe('fail')
  })

  it('hides no service that failed beside it', () => {
    expect(noNewlyFailedUnit(failed(), failed('run-x.service', 'app.service'), () => false)).toMatchObject({
      outcome: 'fail',
      actual: 'app.service',
    })
  })
})

describe('case 4: services listen inside a widened range of ports', () => {
  const ports = (ephemeralFrom: number, ...items: Listener[]) => ({ items, ephemeralFrom })
  const web = listener('tcp', '0.0.0.0', 8080, 'app')

  it('a port that is gone fails, and a new one that faces the network too', () => {
    expect(outcomes(compareListeners(ports(1024, web), ports(1024)))).toEqual(['fail port:tcp/0.0.0.0:8080'])
    const exposed = compareSecurity(
      factsOf([listeners, ports(1024, web)]),
      factsOf([listeners, ports(1024, web, listener('tcp', '0.0.0.0', 9200))]),
      { expectChanges: [] },
    ).filter((check) => check.kind === 'exposed')
    expect(outcomes(exposed)).toEqual(['fail exposed:tcp/0.0.0.0:9200'])
  })

  it('a port above the usual range warns once its service listens nowhere there', () => {
    const grpc = listener('tcp', '0.0.0.0', 50_051, 'grpc')
    expect(outcomes(compareListeners(ports(32_768, grpc), ports(32_768)))).toEqual(['warn port:tcp/0.0.0.0:50051'])
    const drawn = listener('tcp', '0.0.0.0', 41_000, 'grpc')
    expect(outcomes(compareListeners(ports(32_768, grpc), ports(32_768, drawn)))).toEqual([])
  })

  it('a UDP socket of the widened range warns once its process has none any more', () => {
    const vpn = listener('udp', '0.0.0.0', 1194, 'openvpn')
    expect(outcomes(compareListeners(ports(1024, vpn), ports(1024)))).toEqual(['warn port:udp/0.0.0.0:1194'])
    expect(outcomes(compareListeners(ports(1024, vpn), ports(1024, listener('udp', '0.0.0.0', 999, 'x'))))).toContain(
      'warn port:udp/0.0.0.0:1194',
    )
  })
})

describe('case 7: a kernel that is pinned on purpose', () => {
  const boot = (id: string, running: string, installed: readonly string[]) => {
    const newest = installed.at(-1) ?? null
    const outdated = running === newest ? 'no' : 'yes'
    return factsOf([bootId, id], [newestKernel, { running, installed, newest, outdated, why: `${running} runs` }])
  }
  const [old, next] = ['6.8.12-4-pve', '6.8.12-9-pve']

  it('warns where the older kernel ran before and this run installed none', () => {
    expect(expectedBootAndKernel(boot('a', old, [old, next]), boot('b', old, [old, next]), 'yes').outcome).toBe('warn')
  })

  it('fails where this run installed the newer one, or the older did not run before', () => {
    expect(expectedBootAndKernel(boot('a', old, [old]), boot('b', old, [old, next]), 'yes').outcome).toBe('fail')
    expect(expectedBootAndKernel(boot('a', next, [old, next]), boot('b', old, [old, next]), 'yes').outcome).toBe('fail')
  })
})

describe('case 16: what is mounted on access', () => {
  const table = (items: ReturnType<typeof mount>[], more = {}) => ({ items, automounts: [], ...more })
  const share = mount('/srv/nas', { source: 'nas:/vol', type: 'nfs4' })
  const goneIs = (one: ReturnType<typeof mount>, ...also: ReturnType<typeof mount>[]) =>
    outcomes(compareMounts(table([...also, one]), table(also))).find((line) => line.endsWith(one.target))

  it('a file system below a share of the same server warns', () => {
    expect(goneIs(mount('/srv/nas/sub', { source: 'nas:/vol/sub', type: 'nfs4' }), share)).toBe(
      'warn mount:/srv/nas/sub',
    )
    const dfs = mount('/srv/d', { source: '//dc/dfs', type: 'cifs' })
    expect(goneIs(mount('/srv/d/team', { source: '//dc/dfs/team', type: 'cifs' }), dfs)).toBe('warn mount:/srv/d/team')
  })

  it('the share itself, one of another server and one beside it fail', () => {
    expect(goneIs(share)).toBe('fail mount:/srv/nas')
    expect(goneIs(mount('/srv/nas/x', { source: 'other:/vol/sub', type: 'nfs4' }), share)).toBe('fail mount:/srv/nas/x')
    expect(goneIs(mount('/srv/y', { source: 'nas:/vol/sub', type: 'nfs4' }), share)).toBe('fail mount:/srv/y')
    expect(goneIs(mount('/srv/nas/z', { source: 'nas:/volume2', type: 'nfs4' }), share)).toBe('fail mount:/srv/nas/z')
  })

  it('the home of a user warns where logins mount homes, and fails elsewhere', () => {
    const home = mount('/home/ann', { source: '//dc/ann', type: 'cifs' })
    expect(outcomes(compareMounts(table([home], { homesByLogin: true }), table([])))).toEqual(['warn mount:/home/ann'])
    expect(goneIs(home)).toBe('fail mount:/home/ann')
  })
})
