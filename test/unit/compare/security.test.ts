import { describe, expect, it } from 'vitest'
import { compareSecurity, missingUpdates } from '../../../src/compare/security'
import { type Fact, ok, unknown } from '../../../src/facts/fact'
import { listeners } from '../../../src/facts/listeners'
import { selinux } from '../../../src/facts/selinux'
import { sshdConfig } from '../../../src/facts/sshd-config'
import { factsOf } from '../../fixtures/stage-input'
import { listener } from './host-facts'

function compared(fact: Fact<unknown>, before: unknown, now: unknown, expectChanges: string[] = []): string[] {
  return compareSecurity(factsOf([fact, before]), factsOf([fact, now]), { expectChanges })
    .filter((check) => check.kind !== 'compare' && check.outcome !== 'pass')
    .map((check) => `${check.outcome} ${check.id}`)
}

describe('compareSecurity: sshd', () => {
  it.each([
    ['permitrootlogin', 'no', 'yes', 'fail'],
    ['permitrootlogin', 'without-password', 'yes', 'fail'],
    ['permitrootlogin', 'yes', 'no', 'warn'],
    ['passwordauthentication', 'no', 'yes', 'fail'],
    ['permitemptypasswords', 'no', 'yes', 'fail'],
    ['strictmodes', 'yes', 'no', 'fail'],
    ['permitrootlogin', 'no', 'perhaps', 'unknown'],
  ])('%s from %s to %s is %s', (keyword, was, is, outcome) => {
    expect(compared(sshdConfig, { [keyword]: [was] }, { [keyword]: [is] })).toEqual([`${outcome} sshd:${keyword}`])
  })

  it('takes the two names of one setting for the same', () => {
    expect(
      compared(sshdConfig, { permitrootlogin: ['without-password'] }, { permitrootlogin: ['prohibit-password'] }),
    ).toEqual([])
  })

  it('fails for a weak cipher that is newly offered, not for one that was there', () => {
    const strong = { ciphers: ['aes256-gcm@openssh.com'] }
    const weak = { ciphers: ['aes256-gcm@openssh.com,aes128-cbc'] }
    expect(compared(sshdConfig, strong, weak)).toEqual(['fail sshd:ciphers'])
    expect(compared(sshdConfig, weak, weak)).toEqual([])
  })
})

describe('compareSecurity: ports', () => {
  const ports = (...items: ReturnType<typeof listener>[]) => ({ items, ephemeralFrom: 32_768 })

  it('fails for a TCP port that newly faces the network', () => {
    expect(compared(listeners, ports(), ports(listener('tcp', '0.0.0.0', 6379)))).toEqual([
      'fail exposed:tcp/0.0.0.0:6379',
    ])
    const opened = ports(listener('tcp', '[::]', 6379))
    expect(compared(listeners, ports(listener('tcp', '127.0.0.1', 6379)), opened)).toEqual([
      'fail exposed:tcp/[::]:6379',
    ])
  })

  it('says nothing about loopback, UDP, the ephemeral range and ports that were open', () => {
    const now = ports(
      listener('tcp', '127.0.0.1', 1),
      listener('tcp', '[::1]', 2),
      listener('udp', '0.0.0.0', 3),
      listener('tcp', '0.0.0.0', 40_000),
      listener('tcp', '[::]', 80),
    )
    expect(compared(listeners, ports(listener('tcp', '0.0.0.0', 80)), now)).toEqual([])
  })

  it('allows a port that is announced as a change of that port', () => {
    expect(compared(listeners, ports(), ports(listener('tcp', '0.0.0.0', 9100)), ['port:tcp/*:9100'])).toEqual([])
  })
})

describe('compareSecurity: the rest', () => {
  it('fails where SELinux does not enforce any more', () => {
    expect(compared(selinux, 'enforcing', 'permissive')).toEqual(['fail selinux:mode'])
    expect(compared(selinux, 'disabled', 'enforcing')).toEqual(['warn selinux:mode'])
  })

  it('warns for security updates that are missing or cannot be counted', () => {
    const outcomes = [ok(0), ok(3), unknown('no lists')].map((pending) => missingUpdates(pending).outcome)
    expect(outcomes).toEqual(['pass', 'warn', 'warn'])
  })
})
