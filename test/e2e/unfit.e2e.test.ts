import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { sudoPassword } from '../lab/base'
import { describeOnLab } from '../lab/describe-on-lab'
import { makeHostKey } from '../lab/host-key'
import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import { type FileText, Rig } from './rig'

describeOnLab('hosts that cannot be maintained now stay as they are, with one sentence', () => {
  let lab: Lab

  beforeAll(async () => {
    lab = await startLab(['web-1', 'web-2', 'web-3', 'web-4'])
    for (const host of lab.hosts) host.offer({ main: ['demo-web=2.0'] })
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  async function rigFor(names: readonly string[], over: FileText = {}, login?: 'nosudo' | 'pw' | 'root'): Promise<Rig> {
    const rig = await Rig.make(lab, login)
    await rig.write(names, over)
    return rig
  }
  /** Nothing disruptive: the old version serves, nothing is drained, no other state than "idle". */
  async function isAsBefore(host: LabHost): Promise<void> {
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 1.0 ok\n')
    expect(await host.must('ls /etc/systemd/system/demo-web.service.d 2>/dev/null || :')).toBe('')
    expect(await host.must('cat /var/lib/pitstop/state 2>/dev/null || echo touched=false')).toContain('touched=false')
  }

  it('a wrong login key, a changed host key, an unknown host: refused, and never tried again', async () => {
    const host = lab.host('web-1')
    await using rig = await rigFor(['web-1'])
    const stranger = await makeHostKey(`${rig.workspace}/stranger`, 'web-1', host.address)
    const attempts = async () =>
      Number(await host.must("journalctl -q -u ssh -o cat | grep -cE 'authenticating user|Failed publickey' || :"))
    const before = await attempts()
    const login = await rig.run({ inputs: { 'ssh-private-key': readFileSync(`${rig.workspace}/stranger`, 'utf8') } })
    expect(login.exitCode, login.log).toBe(1)
    expect(Object.fromEntries(login.outputs)).toMatchObject({
      verdict: 'refused',
      reason: 'key',
      unreachable: '["web-1"]',
    })
    expect((await attempts()) - before).toBeLessThanOrEqual(1)
    const changed = await rig.run({ inputs: { 'known-hosts': stranger.knownHosts } })
    expect(Object.fromEntries(changed.outputs), changed.log).toMatchObject({ verdict: 'refused', reason: 'key' })
    expect(changed.host('web-1').reason).toMatch(/key/)
    const unknown = await rig.run({
      inputs: { 'known-hosts': stranger.knownHosts.replaceAll(host.address, '192.0.2.9') },
    })
    expect(Object.fromEntries(unknown.outputs), unknown.log).toMatchObject({ verdict: 'refused', reason: 'key' })
    const none = await rig.run({ inputs: { 'known-hosts': '' } })
    expect(Object.fromEntries(none.outputs), none.log).toMatchObject({ verdict: 'refused', reason: 'key' })
    await isAsBefore(host)
  })

  it('no sudo: untouched. sudo with a password: maintained, and the password is nowhere', async () => {
    const host = lab.host('web-1')
    await using without = await rigFor(['web-1'], {}, 'nosudo')
    const refused = await without.run()
    expect(refused.exitCode, refused.log).toBe(1)
    expect(refused.host('web-1')).toMatchObject({ verdict: 'untouched' })
    expect(refused.host('web-1').reason).toMatch(/sudo|root/)
    await isAsBefore(host)

    await using rig = await rigFor(['web-1'], {}, 'pw')
    const wrong = await rig.run({ inputs: { 'sudo-password': 'not this one' } })
    expect(wrong.host('web-1'), wrong.log).toMatchObject({ verdict: 'untouched' })
    await isAsBefore(host)
    const end = await rig.run({ inputs: { 'sudo-password': sudoPassword } })
    expect(end.exitCode, end.log).toBe(0)
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 2.0 ok\n')
    expect(end.masks).toContain(sudoPassword)
    const shown = end.lines.filter((line) => !line.startsWith('::add-mask::')).join('\n')
    expect(`${shown}${end.stderr}${end.summary}${JSON.stringify(end.report)}`).not.toContain(sudoPassword)
    // Nor on the host, for the next one who looks.
    expect((await host.exec(`grep -rqF '${sudoPassword}' /var/lib/pitstop /run/pitstop /var/log`)).exitCode).not.toBe(0)
  })

  it('a state folder that is read-only or full: nothing begins', async () => {
    const host = lab.host('web-2')
    await using rig = await rigFor(['web-2'])
    await host.must('mkdir -p -m 700 /var/lib/pitstop')
    await host.setReadOnly('/var/lib/pitstop', true)
    const readOnly = await rig.run()
    expect(readOnly.exitCode, readOnly.log).toBe(1)
    expect(readOnly.host('web-2')).toMatchObject({ verdict: 'untouched' })
    expect(readOnly.host('web-2').reason).toMatch(/cannot be written/)
    await host.setReadOnly('/var/lib/pitstop', false)
    await host.layOver('/var/lib/pitstop', 1)
    await host.fill('/var/lib/pitstop')
    const full = await rig.run()
    expect(full.host('web-2'), full.log).toMatchObject({ verdict: 'untouched' })
    expect(full.host('web-2').reason).toMatch(/full|space|cannot be written/)
    await host.must('umount /var/lib/pitstop')
    await isAsBefore(host)
  })

  it('H22: a state folder that others may write to, or that is a link, is not trusted', async () => {
    const host = lab.host('web-2')
    await using rig = await rigFor(['web-2'])
    await host.must(
      'rm -rf /var/lib/pitstop; mkdir /home/maint/trap && chown maint /home/maint/trap && ln -s /home/maint/trap /var/lib/pitstop',
    )
    const end = await rig.run()
    expect(end.host('web-2'), end.log).toMatchObject({ verdict: 'untouched' })
    expect(end.host('web-2').reason).toContain('/var/lib/pitstop')
    expect(await host.must('ls -A /home/maint/trap')).toBe('')
    await host.must('rm /var/lib/pitstop')
    await isAsBefore(host)
  })

  it('a failing mirror, and packages that are broken already: nothing is drained', async () => {
    const host = lab.host('web-3')
    await using rig = await rigFor(['web-3'])
    host.setRepositoryDown(true)
    const mirror = await rig.run()
    expect(mirror.exitCode, mirror.log).toBe(1)
    expect(mirror.host('web-3')).toMatchObject({ verdict: 'untouched' })
    expect(mirror.host('web-3').reason).toMatch(/package lists|503|fetch/i)
    host.setRepositoryDown(false)
    host.offer({ main: ['demo-broken=2.0'] })
    expect(
      (await host.exec('apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -qq -y install demo-broken'))
        .exitCode,
    ).toBe(100)
    const broken = await rig.run()
    expect(broken.exitCode, broken.log).toBe(1)
    expect(broken.host('web-3')).toMatchObject({ verdict: 'untouched' })
    expect(broken.host('web-3').reason).toContain('demo-broken')
    await isAsBefore(host)
  })

  it('a package manager that is at work: named, waited for, and left alone where it takes too long', async () => {
    const host = lab.host('web-4')
    host.offer({ main: ['demo-slow=2.0', 'demo-web=2.0'] })
    await host.must('mkdir -p /var/lib/demo-slow && echo 25 >/var/lib/demo-slow/seconds; apt-get -qq update')
    await using rig = await rigFor(['web-4'], { stages: { update: { lock_wait: '1s' } } })
    const byHand = host.exec('DEBIAN_FRONTEND=noninteractive apt-get -qq -y install demo-slow')
    await expect
      .poll(async () => (await host.exec('test -e /var/lib/demo-slow/begun')).exitCode, { timeout: 60_000 })
      .toBe(0)
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(1)
    expect(end.host('web-4')).toMatchObject({ verdict: 'untouched' })
    expect(end.host('web-4').reason).toMatch(/busy: apt-get \(pid \d+\) holds/)
    await isAsBefore(host)
    await rig.write(['web-4'])
    const patient = await rig.run()
    expect((await byHand).exitCode).toBe(0)
    expect(patient.host('web-4'), patient.log).toMatchObject({ verdict: 'live' })
  })

  it('a service that does not stop: the drain is undone, and the service is named', async () => {
    const host = lab.host('web-4')
    await host.must('cat >/etc/systemd/system/stubborn.service && systemctl enable -q --now stubborn', {
      input:
        '[Service]\nExecStart=/bin/sh -c "trap : TERM; while :; do sleep 1; done"\nTimeoutStopSec=15\n[Install]\nWantedBy=multi-user.target\n',
    })
    await using rig = await rigFor(['web-4'], {
      stages: { drain: { when: 'always', services: ['demo-web', { name: 'stubborn', stop_timeout: '1s' }] } },
    })
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(1)
    expect(end.host('web-4'), end.log).toMatchObject({ verdict: 'untouched', touched: false })
    expect(end.host('web-4').reason).toContain('stubborn')
    expect(await host.must('systemctl is-active stubborn demo-web')).toBe('active\nactive\n')
    expect(await host.must('ls /etc/systemd/system/*.d/*pitstop* 2>/dev/null || :')).toBe('')
  })

  it('a host that is out of reach counts as out: with a budget of one nobody else is admitted', async () => {
    await using rig = await rigFor(['web-3', 'web-2'], { rollout: { canary: 0, max_failures: 5 } })
    await lab.host('web-3').cut()
    const end = await rig.run()
    await lab.host('web-3').heal()
    expect(end.exitCode, end.log).toBe(1)
    expect(end.host('web-3')).toMatchObject({ verdict: 'unreachable', touched: false })
    expect(end.host('web-2')).toMatchObject({ verdict: 'untouched', rule: { name: 'rollout.max_unavailable' } })
    expect(end.host('web-2').reason).toContain('web-3')
    await isAsBefore(lab.host('web-2'))
  })

  it('H28: a clock that is minutes off refuses the host, one that is a minute off is told', async () => {
    const host = lab.host('web-2')
    await using rig = await rigFor(['web-2'], { stages: { update: { packages: 'none' } } })
    // The lab's hosts share the clock of this machine, so the host's own `date` is what lies.
    const ahead = (seconds: number) =>
      host.must(`cat >/usr/local/bin/date && chmod 755 /usr/local/bin/date`, {
        input: `#!/bin/sh\n[ "$*" = +%s ] || exec /usr/bin/date "$@"\necho $(( $(/usr/bin/date +%s) + ${seconds} ))\n`,
      })
    try {
      await ahead(600)
      const refused = await rig.run()
      expect(refused.exitCode, refused.log).toBe(1)
      expect(refused.host('web-2')).toMatchObject({ verdict: 'untouched', rule: { name: 'clock-skew' } })
      expect(refused.host('web-2').reason).toMatch(/the clock of the host is \d+ s ahead of the runner's/)
      await isAsBefore(host)
      await ahead(60)
      const told = await rig.run()
      expect(told.host('web-2'), told.log).toMatchObject({ verdict: 'live' })
      expect(told.host('web-2').findings.map((f) => f.what)).toContainEqual(expect.stringMatching(/clock.*ahead/))
    } finally {
      // The next test of this host must not be refused for what this one did.
      await host.must('rm -f /usr/local/bin/date')
    }
  })

  it('two runs at once: the second is refused by the lease, and the command line ends with 3', async () => {
    const host = lab.host('web-2')
    await using rig = await rigFor(['web-2'], {
      stages: { update: { lock_wait: '1s' }, prepare: { before: [{ run: 'touch /run/first-began; sleep 12' }] } },
    })
    const first = rig.run()
    await expect.poll(async () => (await host.exec('test -e /run/first-began')).exitCode, { timeout: 60_000 }).toBe(0)
    const [second, third] = await Promise.all([rig.run(), rig.cli(['run', '--report-dir', 'third'])])
    expect(second.exitCode, second.log).toBe(1)
    expect(Object.fromEntries(second.outputs)).toMatchObject({ verdict: 'refused', reason: 'lease' })
    expect(second.host('web-2')).toMatchObject({ verdict: 'untouched' })
    expect(third, third.stdout + third.stderr).toMatchObject({ exitCode: 3 })
    const end = await first
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-2').verdict).toBe('live')
    await sleep(100)
    expect((await host.must('cat /var/log/dpkg.log')).match(/ upgrade demo-web:all 1\.0 2\.0/g)).toHaveLength(1)
  })
})
