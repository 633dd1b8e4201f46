import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ReportHost } from '../../src/report/report-schema'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import { Rig } from './rig'

/** A service that lives two seconds and is started again, long before anybody maintains the host. */
const LOOPING = '[Service]\nExecStart=/bin/sleep 2\nRestart=always\nRestartSec=0\n[Unit]\nStartLimitIntervalSec=0\n'
const CLUSTER = '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n'
const ONE_SHOT =
  '[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n'
/** As unattended-upgrades does with `InstallOnShutdown`. */
const AT_SHUTDOWN =
  '[Unit]\nAfter=network.target\n[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=/bin/true\nExecStop=/usr/bin/apt-get -qq -y install demo-conf\n'
/** What apt-listbugs does where nobody can be asked. */
const REFUSING_HOOK = '#!/bin/sh\n[ "$APT_LISTBUGS_FRONTEND" = none ] || exit 10\n'

const outcomesOf = (host: ReportHost, when: 'monitor' | 'verify' = 'verify') =>
  Object.fromEntries(host.checks.flatMap((check) => (check.when === when ? [[check.id, check.outcome] as const] : [])))

describeOnLab('cases of public reports, on real hosts', () => {
  let lab: Lab

  beforeAll(async () => {
    lab = await startLab(['web-1', 'web-2'])
    const [one, two] = [lab.host('web-1'), lab.host('web-2')]
    const unit = (name: string) => `cat >/etc/systemd/system/${name}`
    await Promise.all([
      one.must(`${unit('looping.service')} && systemctl start looping`, { input: LOOPING }),
      one.must('cat >/usr/local/bin/lb && chmod 755 /usr/local/bin/lb', { input: REFUSING_HOOK }),
      one.must('cat >/etc/apt/apt.conf.d/10lb', { input: 'DPkg::Pre-Install-Pkgs {"/usr/local/bin/lb";};\n' }),
      two.must(unit('postgresql@.service'), { input: CLUSTER }),
      two.must(unit('net.service'), { input: ONE_SHOT }),
      two.must(unit('late.service'), { input: AT_SHUTDOWN }),
    ])
    await two.must('systemctl daemon-reload; systemctl enable -q --now postgresql@15-main net; systemctl start late')
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  it('a failure before the end of a list, or inside a pipe that bash carries out, fails a check; a pipe that works passes', async () => {
    const check = (name: string, run: string, more = {}) => ({ command: { name, run, ...more } })
    await using rig = await Rig.make(lab)
    await rig.write(['web-1'], {
      stages: {
        verify: {
          checks: [
            check('list', 'false; true'),
            check('lines', 'false\necho reached'),
            check('pipe', 'false | cat', { shell: 'bash' }),
            check('sound', 'echo good | grep -q good; true', { shell: 'bash' }),
          ],
          retry: { for: '0s', every: '1s', passes: 1 },
        },
      },
    })
    const end = await rig.run({ mode: 'verify' })
    expect(end.exitCode, end.log).toBe(1)
    expect(outcomesOf(end.host('web-1')), end.log).toMatchObject({
      'command:list': 'fail',
      'command:lines': 'fail',
      'command:pipe': 'fail',
      'command:sound': 'pass',
    })
  })

  it('a loop of before, a command that failed in a unit of its own, and a hook that refuses where it may ask: live, with warnings', async () => {
    const host = lab.host('web-1')
    host.offer({ main: ['demo-web=2.0'] })
    const restarts = async () => Number(await host.must('systemctl show -P NRestarts looping'))
    await expect.poll(restarts, { timeout: 60_000 }).toBeGreaterThanOrEqual(2)
    const alone = 'DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --reinstall pitstop-demo'
    expect((await host.exec(`apt-get -qq update; ${alone}`)).exitCode).toBe(100)
    await using rig = await Rig.make(lab)
    const byHand = 'systemd-run -q --unit=probe-1 /bin/false'
    await rig.write(['web-1'], { stages: { update: { before: [{ run: byHand }] } } })
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-1'), end.log).toMatchObject({ verdict: 'live', touched: true })
    expect(await host.must('systemctl is-failed probe-1')).toBe('failed\n')
    expect(outcomesOf(end.host('web-1'))).toMatchObject({ 'builtin:units': 'warn' })
    // A round may fall between two deaths: what it must never do is shut the gate.
    expect(['pass', 'warn']).toContain(outcomesOf(end.host('web-1'))['builtin:steady'])
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 2.0 ok\n')
  })

  it('a reboot that systemd refuses is told in its own words at once, and the services come back', async () => {
    const host = lab.host('web-1')
    host.offer({ main: ['demo-web=2.0', 'pitstop-demo=2.0'] })
    await host.must('systemctl mask -q reboot.target')
    const before = await host.bootId()
    await using rig = await Rig.make(lab)
    await rig.write(['web-1'], { stages: { update: { reboot: 'always', reboot_timeout: '10m' } } })
    const end = await rig.run()
    expect(end.host('web-1').reason, end.log).toContain('Unit reboot.target is masked')
    expect(end.host('web-1').stages.find(({ name }) => name === 'update')?.durationMs).toBeLessThan(120_000)
    expect(await host.bootId()).toBe(before)
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 2.0 ok\n')
    expect(await host.must('ls /etc/systemd/system/demo-web.service.d 2>/dev/null || :')).toBe('')
  })

  it('a numbered instance that is stopped, and a one-shot that the next boot never tried, hold the host by name; what the shutdown installed is told', async () => {
    const host = lab.host('web-2')
    host.offer({ main: ['pitstop-demo=2.0', 'demo-conf=2.0'] })
    await using rig = await Rig.make(lab)
    // After the reboot: the journal of the boot before may be gone with it.
    const stop = [{ run: 'systemctl disable -q --now postgresql@15-main' }]
    const forget = [{ run: 'systemctl disable -q net' }]
    const update = { reboot: 'always', exclude: ['demo-conf'], before: forget, after: stop }
    await rig.write(['web-2'], { stages: { update } })
    const end = await rig.run({ payload: { repository: { private: true } } })
    expect(end.exitCode, end.log).toBe(1)
    expect(end.host('web-2'), end.log).toMatchObject({ verdict: 'held', touched: true, reboot: { done: true } })
    expect(outcomesOf(end.host('web-2'))).toMatchObject({
      'unit:postgresql@15-main.service': 'fail',
      'unit:net.service': 'fail',
    })
    expect(await host.must('systemctl show -P ConditionTimestampMonotonic net')).toBe('0\n')
    expect(end.host('web-2').packages).toContainEqual({ name: 'demo-conf', from: '1.0', to: '2.0', security: false })
    const told = end.host('web-2').findings.map(({ what }) => what)
    expect(told).toContainEqual(expect.stringContaining('not by it: demo-conf 1.0 → 2.0'))
    // What a person looks at first is there already.
    const cluster = end.host('web-2').checks.find(({ id }) => id === 'unit:postgresql@15-main.service')
    expect(cluster?.look).toMatchObject({ command: expect.stringContaining('systemctl status postgresql@15-main') })
    const said = /systemd\[1\]: Stopped postgresql@15-main\.service/
    expect(cluster?.look?.journal.at(-1)).toMatch(said)
    expect(end.summary).toMatch(said)
  })
})
