import type { CheckResult } from '../checks/check'
import type { Facts, Result } from '../facts/fact'
import { isDrawn, type Listener, type Listeners, listenerKey, listeners } from '../facts/listeners'
import { selinux } from '../facts/selinux'
import { sshdConfig } from '../facts/sshd-config'
import { allowExpected } from './expected-changes'
import { result, sideBySide } from './side-by-side'
import { compareSshd } from './sshd'

export interface SecurityOptions {
  readonly expectChanges: readonly string[]
}

/** The host may not be more open than before: sshd, SELinux, ports that face the world. Updates still missing are told. */
export function compareSecurity(baseline: Facts, after: Facts, options: SecurityOptions): CheckResult[] {
  const checks = [
    ...sideBySide(baseline, after, sshdConfig, compareSshd),
    ...sideBySide(baseline, after, selinux, (before, now) => [
      result('selinux:mode', before === now ? 'pass' : before === 'enforcing' ? 'fail' : 'warn', before, now),
    ]),
    ...sideBySide(baseline, after, listeners, exposed),
  ]
  // A port that is announced as `port:tcp/*:9100` is announced for both checks on it.
  return allowExpected(checks, options.expectChanges, (id) =>
    id.startsWith('exposed:') ? id.replace('exposed:', 'port:') : undefined,
  )
}

/** A TCP port that nothing outside could reach before. UDP is left to `compare`: its sockets are bound by clients too. */
function exposed(before: Listeners, now: Listeners): CheckResult[] {
  const wasOpen = new Set(before.items.filter(facesWorld).map((listener) => listener.port))
  const fresh = now.items.filter((one) => facesWorld(one) && !isDrawn(one, now) && !wasOpen.has(one.port))
  if (fresh.length === 0) return [result('exposed:tcp', 'pass', 'no new port faces the network', 'none')]
  return fresh.map((one) =>
    result(`exposed:${listenerKey(one)}`, 'fail', 'not open to the network, as before', `open${by(one)}`),
  )
}

function by(listener: Listener): string {
  return listener.process === null ? '' : ` (${listener.process})`
}

function facesWorld(listener: Listener): boolean {
  return listener.proto === 'tcp' && !/^(?:127\.|\[::1\]$|\[::ffff:127\.)/.test(listener.address)
}

/** The worst answer is a warning, so not knowing it is one too. */
export function missingUpdates(pending: Result<number>): CheckResult {
  const expected = 'no security update is missing'
  if (!pending.ok) return result('security:updates', 'warn', expected, `not known: ${pending.why}`)
  const outcome = pending.value === 0 ? 'pass' : 'warn'
  return result('security:updates', outcome, expected, pending.value === 0 ? 'none' : `${pending.value} missing`)
}
