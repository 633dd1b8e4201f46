import { describe, expect, it } from 'vitest'
import { compareUnits } from '../../../src/compare/units'
import type { Unit } from '../../../src/facts/units'
import { dead, unit } from './host-facts'

/** The outcome for the first unit, or "nothing" where it is not judged. */
function judged(
  before: readonly Unit[],
  now: readonly Unit[],
  options: Partial<Parameters<typeof compareUnits>[2]> = {},
): string {
  const [first] = compareUnits(before, now, { drainedServices: [], ...options })
  return first === undefined ? 'nothing' : `${first.outcome} ${first.id}`
}

describe('compareUnits', () => {
  it('fails for a service that was active and is not', () => {
    for (const after of [
      [unit('nginx.service', dead)],
      [unit('nginx.service', { active: 'failed', sub: 'failed' })],
      [],
    ]) {
      expect(judged([unit('nginx.service')], after)).toBe('fail unit:nginx.service')
    }
  })

  it('fails for a service that is still starting or restarts again and again', () => {
    for (const sub of ['start', 'auto-restart']) {
      expect(judged([unit('app.service')], [unit('app.service', { active: 'activating', sub })])).toBe(
        'fail unit:app.service',
      )
    }
  })

  it('fails for a service that somebody started by hand and that is gone after the reboot', () => {
    const byHand = { enabled: 'disabled', isWanted: false }
    expect(judged([unit('app.service', byHand)], [unit('app.service', { ...byHand, ...dead })])).toBe(
      'fail unit:app.service',
    )
  })

  it('fails for a timer that is gone', () => {
    expect(judged([unit('backup.timer', { sub: 'waiting' })], [])).toBe('fail timer:backup.timer')
  })

  it('passes what is active, also while it reloads', () => {
    expect(judged([unit('nginx.service')], [unit('nginx.service', { active: 'reloading' })])).toBe(
      'pass unit:nginx.service',
    )
  })

  it('warns for a service that will not start at the next boot', () => {
    expect(judged([unit('nginx.service')], [unit('nginx.service', { enabled: 'disabled' })])).toBe(
      'warn unit:nginx.service',
    )
  })

  it('says nothing about a unit that was not active', () => {
    expect(judged([unit('nginx.service', dead)], [unit('nginx.service', dead)])).toBe('nothing')
  })

  it('says nothing about a one-shot that was caught at work', () => {
    const chore = { type: 'oneshot', enabled: 'static', isWanted: false }
    expect(judged([unit('logrotate.service', chore)], [unit('logrotate.service', { ...chore, ...dead })])).toBe(
      'nothing',
    )
  })

  it('says nothing about sessions, transient units and single connections', () => {
    const before = [
      unit('user@1000.service'),
      unit('user-runtime-dir@1000.service', { type: 'oneshot', remainsAfterExit: true }),
      unit('run-r1.timer'),
      unit('job.service', { isTransient: true }),
      unit('pitstop-1.service'),
      unit('sshd@4-192.0.2.1:22-192.0.2.9:5000.service'),
    ]
    expect(compareUnits(before, [], { drainedServices: [] })).toEqual([])
  })

  it('fails for an enabled one-shot that stays active, as firewalls are', () => {
    const lasting = { type: 'oneshot', remainsAfterExit: true, sub: 'exited' }
    expect(judged([unit('nftables.service', lasting)], [unit('nftables.service', { ...lasting, ...dead })])).toBe(
      'fail unit:nftables.service',
    )
  })

  it('warns for a chore of booting whose condition did not hold', () => {
    const chore = { type: 'oneshot', remainsAfterExit: true, enabled: 'static' }
    const now = unit('ldconfig.service', { ...chore, ...dead, conditionMet: false })
    expect(judged([unit('ldconfig.service', chore)], [now])).toBe('warn unit:ldconfig.service')
  })

  it('fails for a service whose condition does not hold any more', () => {
    expect(judged([unit('app.service')], [unit('app.service', { ...dead, conditionMet: false })])).toBe(
      'fail unit:app.service',
    )
  })

  it('passes a service that its socket starts on demand, if that socket is active', () => {
    const onDemand = { enabled: 'static', isWanted: false, triggeredBy: ['cups.socket'] }
    const socket = unit('cups.socket', { sub: 'listening' })
    expect(
      judged([unit('cups.service', onDemand), socket], [unit('cups.service', { ...onDemand, ...dead }), socket]),
    ).toBe('pass unit:cups.service')
    expect(judged([unit('cups.service', onDemand), socket], [unit('cups.service', { ...onDemand, ...dead })])).toBe(
      'fail unit:cups.service',
    )
  })

  it('fails for a service with a socket that should have started at boot by itself', () => {
    const both = { triggeredBy: ['docker.socket'] }
    const socket = unit('docker.socket', { sub: 'listening' })
    expect(judged([unit('docker.service', both), socket], [unit('docker.service', { ...both, ...dead }), socket])).toBe(
      'fail unit:docker.service',
    )
  })

  it('passes a service that the bus starts on demand', () => {
    const onDemand = { enabled: 'static', isWanted: false, type: 'dbus', busName: 'org.freedesktop.hostname1' }
    expect(judged([unit('systemd-hostnamed.service', onDemand)], [])).toBe('pass unit:systemd-hostnamed.service')
  })

  it('lets no excuse count for a drained service', () => {
    const onDemand = { enabled: 'static', isWanted: false, type: 'dbus', busName: 'org.app' }
    expect(judged([unit('app.service', onDemand)], [], { drainedServices: ['app'] })).toBe('fail unit:app.service')
  })

  it('knows a drained service by its alias', () => {
    const aliased = {
      names: ['mariadb.service', 'mysql.service'],
      busName: 'org.x',
      enabled: 'static',
      isWanted: false,
    }
    expect(judged([unit('mariadb.service', aliased)], [], { drainedServices: ['mysql'] })).toBe(
      'fail unit:mariadb.service',
    )
  })

  it('skips what the run itself has paused', () => {
    expect(
      judged([unit('apt-daily.timer')], [unit('apt-daily.timer', dead)], { pausedUnits: ['apt-daily.timer'] }),
    ).toBe('skipped timer:apt-daily.timer')
  })

  it('warns for a service that is newly started at boot', () => {
    expect(judged([unit('x.service', dead)], [unit('x.service')])).toBe('warn unit:x.service')
  })
})
