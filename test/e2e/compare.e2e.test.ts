import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CheckResult } from '../../src/checks/check'
import { expectedBootAndKernel, noNewlyFailedUnit } from '../../src/compare/builtin'
import { compareWithBaseline } from '../../src/compare/compare'
import { compareSecurity } from '../../src/compare/security'
import { systemClock } from '../../src/engine/clock'
import { baselineFacts } from '../../src/facts/baseline'
import type { Facts } from '../../src/facts/fact'
import { readFacts } from '../../src/facts/read'
import { compileQuestions, parseAnswers } from '../../src/host/question'
import type { Question } from '../../src/host/remote'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'

/** Damage an update could do, and the check that has to notice it. */
const DAMAGE: readonly (readonly [string, string])[] = [
  ['systemctl stop nginx', 'unit:nginx.service'],
  ['systemctl stop systemd-tmpfiles-clean.timer', 'timer:systemd-tmpfiles-clean.timer'],
  ['umount /tmp', 'mount:/tmp'],
  ['ip route del default', 'route:default'],
  ['echo nameserver 192.0.2.1 >/etc/resolv.conf', 'resolver:127.0.0.1'],
  ['nft flush ruleset', 'firewall:input'],
  [
    'printf "[Service]\\nType=oneshot\\nExecStart=/bin/false\\n" >/etc/systemd/system/doomed.service; systemctl daemon-reload; systemctl start doomed || :',
    'builtin:units',
  ],
]

describeOnLab('facts and compare on a real host', () => {
  let lab: Lab
  let host: LabHost
  let before: Facts

  const read = () => {
    const ask = async (questions: readonly Question[]) => {
      const printed = await host.must('eval "$(cat)"', { input: compileQuestions(questions) })
      return parseAnswers(Buffer.from(printed), questions)
    }
    return readFacts({ rights: 'root', ask }, baselineFacts, new AbortController().signal, systemClock)
  }
  const compared = (now: Facts, rebooted: 'yes' | 'no'): CheckResult[] => [
    ...compareWithBaseline(before, now, { expectChanges: [], drainedServices: [] }),
    ...compareSecurity(before, now, { expectChanges: [] }),
    noNewlyFailedUnit(before, now, () => false),
    expectedBootAndKernel(before, now, rebooted),
  ]
  const shutting = (checks: readonly CheckResult[]) =>
    checks.filter((check) => !['pass', 'warn', 'skipped'].includes(check.outcome)).map((check) => check.id)

  beforeAll(async () => {
    lab = await startLab(['web-1'])
    host = lab.host('web-1')
    await host.must(
      "nft 'add table inet filter; add chain inet filter input { type filter hook input priority 0; policy accept; }; add rule inet filter input tcp dport 9999 drop'; { echo 'flush ruleset'; nft list ruleset; } >/etc/nftables.conf; systemctl enable -q --now nftables; systemd-run -q --on-active=1h true",
    )
    before = await read()
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  it('reads every fact of a Debian host as root', () => {
    const unread = baselineFacts.flatMap((fact) => {
      const read = before.get(fact)
      return read.ok ? [] : [`${fact.id}: ${read.why}`]
    })
    expect(unread).toEqual([])
  })

  it('raises no alarm when nothing happened', async () => {
    expect(shutting(compared(await read(), 'no'))).toEqual([])
  })

  it('raises no alarm for what a reboot changes by itself', async () => {
    await host.reboot()
    await host.must('systemctl is-system-running --wait || true')
    expect(shutting(compared(await read(), 'yes'))).toEqual([])
  })

  it.each(DAMAGE)('notices "%s"', async (command, id) => {
    await host.must(command)
    const ids = shutting(compared(await read(), 'yes'))
    expect(ids).toContain(id)
  })
})
