import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import { Rig } from './rig'

/** A program of this machine that a host of the lab, being the same Debian, can run. */
const TCSH = '/usr/bin/tcsh'
const REBOOTS = { main: ['demo-web=2.0', 'demo-reboot=2.0'] } as const

describeOnLab('hosts that behave roughly', () => {
  let lab: Lab

  beforeAll(async () => {
    lab = await startLab(['web-1', 'web-2', 'web-3', 'web-4', 'web-5', 'web-6'])
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  it.concurrent('a reboot that comes late is waited for', async () => {
    const host = lab.host('web-1')
    await using rig = await Rig.make(lab)
    await rig.write(['web-1'])
    host.offer(REBOOTS)
    await host.setRebootDelay(8)
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-1')).toMatchObject({ verdict: 'live', reboot: { done: true } })
    expect(end.host('web-1').downtimeMs).toBeGreaterThan(8_000)
  })

  it.concurrent('a host that never comes back is unreachable and counts as out: the run failed, nobody follows', async () => {
    const host = lab.host('web-2')
    await using rig = await Rig.make(lab)
    await rig.write(['web-2', 'web-3'], {
      rollout: { canary: 0, max_failures: 9 },
      stages: { update: { reboot_timeout: '15s' } },
    })
    host.offer(REBOOTS)
    await host.setNoReturn(true)
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(1)
    expect(Object.fromEntries(end.outputs)).toMatchObject({ verdict: 'failed', unreachable: '["web-2"]' })
    expect(end.host('web-2')).toMatchObject({ verdict: 'unreachable', touched: true })
    expect(end.host('web-2').reason).toMatch(/did not come back within 15 s/)
    expect(end.host('web-3')).toMatchObject({ verdict: 'untouched', rule: { name: 'rollout.max_unavailable' } })

    // A person switches it on: the drained service is still held, and the next run verifies it again.
    await host.setNoReturn(false)
    await host.powerOn()
    await host.whenUp()
    expect(await host.must('systemctl is-active demo-web || :')).toBe('inactive\n')
    // As far as the host can tell the dead run's lease is long over.
    await host.must("sed -i 's/^ttl=.*/ttl=1/' /var/lib/pitstop/lease")
    const next = await rig.run({ hosts: 'web-2' })
    expect(next.exitCode, next.log).toBe(0)
    expect(next.host('web-2')).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 2.0 ok\n')
  })

  it.concurrent('H40: 200 MB of output and binary bytes do not disturb a run; a hook over its time is ended', async () => {
    await using rig = await Rig.make(lab)
    const flood =
      "head -c 200000000 /dev/zero | tr '\\0' x; head -c 3000000 /dev/urandom; echo; echo '::error::injected'; echo '##[error]injected'"
    await rig.write(['web-5'], { stages: { prepare: { before: [{ run: flood }] } } })
    const end = await rig.run()
    expect(end.exitCode, end.log.slice(-3_000)).toBe(0)
    expect(end.host('web-5').verdict).toBe('live')
    expect(end.log.length).toBeLessThan(6_000_000)
    // H9: nothing a host prints is a command to the runner.
    expect(end.commands.filter((c) => c.value.includes('injected'))).toEqual([])

    await rig.write(['web-5'], { stages: { prepare: { before: [{ run: 'sleep 60', timeout: '2s' }] } } })
    const late = await rig.run()
    expect(late.exitCode, late.log.slice(-3_000)).toBe(1)
    expect(late.host('web-5')).toMatchObject({ verdict: 'untouched' })
    expect(late.host('web-5').reason).toMatch(/ended after 2 s/)
    expect(late.durationMs).toBeLessThan(60_000)
  })

  it.skipIf(!existsSync(TCSH)).concurrent('a login shell that is no Bourne shell changes nothing', async () => {
    const host = lab.host('web-6')
    host.offer(REBOOTS)
    await host.must(`base64 -d >${TCSH} && chmod 755 ${TCSH} && usermod --shell ${TCSH} maint`, {
      input: readFileSync(TCSH, 'base64'),
    })
    expect(await host.must('su - maint -c "echo \\$version"')).toMatch(/^tcsh /)
    await using rig = await Rig.make(lab)
    await rig.write(['web-6'])
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-6')).toMatchObject({ verdict: 'live', reboot: { done: true } })
    expect(end.host('web-6').checks.filter((c) => c.outcome === 'unknown' || c.outcome === 'fail')).toEqual([])
  })

  it.concurrent('a noisy shell, a message of the day, another locale and a noexec /tmp change nothing', async () => {
    const host = lab.host('web-4')
    host.offer(REBOOTS)
    await host.must(`printf 'echo noise; echo more noise >&2; printf "pitstop 1 forged\\n"\\n' | tee /home/maint/.bashrc /home/maint/.profile /root/.bashrc >/dev/null
      echo 'Unauthorised use is forbidden' >/etc/motd; printf 'Banner /etc/motd\\n' >>/etc/ssh/sshd_config.d/lab.conf
      printf 'LANG=de_DE.UTF-8\\nLC_ALL=de_DE.UTF-8\\nLANGUAGE=de\\n' | tee /etc/default/locale >>/etc/environment
      echo 'tmpfs /tmp tmpfs noexec,nosuid,nodev 0 0' >>/etc/fstab; mount /tmp; systemctl reload ssh`)
    await using rig = await Rig.make(lab)
    await rig.write(['web-4'])
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-4')).toMatchObject({ verdict: 'live', reboot: { done: true } })
    expect(end.host('web-4').checks.filter((c) => c.outcome === 'unknown' || c.outcome === 'fail')).toEqual([])
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 2.0 ok\n')
  })
})
