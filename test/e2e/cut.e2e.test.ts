import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import { OutsideClient } from './outside-client'
import { Rig } from './rig'

const SLOW = { main: ['demo-web=2.0', 'demo-slow=2.0'] } as const

/** Each hook says once that it ran, so that a second time would show. */
const COUNTED = {
  stages: {
    update: {
      before: [{ run: 'echo before >>/var/tmp/hooks' }],
      after: [{ run: 'echo after >>/var/tmp/hooks; systemctl is-active demo-web >>/var/tmp/active || :' }],
    },
  },
}

async function makeSlow(host: LabHost, seconds: number): Promise<void> {
  host.offer(SLOW)
  await host.must(`mkdir -p /var/lib/demo-slow && echo ${seconds} >/var/lib/demo-slow/seconds`)
}
const slowBegins = (host: LabHost) =>
  expect
    .poll(async () => (await host.exec('test -e /var/lib/demo-slow/begun')).exitCode, {
      timeout: 60_000,
      interval: 100,
    })
    .toBe(0)
/** The server side of every login dies without a word: the runner's end learns nothing of it. */
const killLogins = (host: LabHost) => host.exec("pkill -KILL -f '^sshd: maint'")

/** Out of the session of the login, which logind may end with all its processes (`KillUserProcesses=yes`). */
const cgroupOfUpgrade = (host: LabHost) => host.must('read -r pid _ </run/pitstop/lock.pid; cat "/proc/$pid/cgroup"')

describeOnLab('the connection is cut during the upgrade', () => {
  let lab: Lab

  beforeAll(async () => {
    lab = await startLab(['web-1', 'web-2', 'web-3'])
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  async function onceOnly(host: LabHost): Promise<void> {
    const log = await host.must('cat /var/log/dpkg.log')
    expect(log.match(/ upgrade demo-slow:all 1\.0 2\.0/g)).toHaveLength(1)
    expect(log.match(/ status installed demo-slow:all 2\.0/g)).toHaveLength(1)
    expect(await host.must('cat /var/tmp/hooks')).toBe('before\nafter\n')
  }

  it.concurrent('the program on the host goes on, in a scope of its own; the run attaches again, and ends live with nothing done twice', async () => {
    const host = lab.host('web-1')
    await using rig = await Rig.make(lab)
    await rig.write(['web-1'], COUNTED)
    await makeSlow(host, 9)
    const running = rig.run()
    await slowBegins(host)
    expect(await cgroupOfUpgrade(host)).toMatch(/\/pitstop-shell-[0-9-]+\.scope$/m)
    await host.cut()
    await killLogins(host)
    // Longer than the upgrade: it ends while nobody can see it.
    await expect
      .poll(async () => (await host.exec('test -e /var/lib/demo-slow/finished')).exitCode, { timeout: 30_000 })
      .toBe(0)
    await sleep(2_000)
    await host.heal()
    const end = await running
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-1')).toMatchObject({ verdict: 'live' })
    expect(end.events.some((e) => e.type === 'connected' && e.reconnect)).toBe(true)
    await onceOnly(host)
    const upgrade = end.events.filter((e) => e.type === 'step.begun' && e.step === 'packages.upgrade')
    expect(upgrade).toHaveLength(1)
  })

  it.concurrent('a short cut that leaves the logins alive is bridged too', async () => {
    const host = lab.host('web-2')
    await using rig = await Rig.make(lab)
    await rig.write(['web-2'], COUNTED)
    await makeSlow(host, 5)
    const running = rig.run()
    await slowBegins(host)
    await host.cut()
    await sleep(3_000)
    await host.heal()
    const end = await running
    expect(end.exitCode, end.log).toBe(0)
    await onceOnly(host)
  })

  it.concurrent('H24: neither the package script nor a reboot starts the drained service before verify', async () => {
    const host = lab.host('web-3')
    await using rig = await Rig.make(lab)
    await rig.write(['web-3'], COUNTED)
    await makeSlow(host, 2)
    host.offer({ main: ['demo-web=2.0', 'demo-slow=2.0', 'demo-reboot=2.0'] })
    const client = new OutsideClient(new Map([['web-3', `http://${host.address}:8080/health`]]))
    const before = await host.bootId()
    const end = await rig.run()
    await client[Symbol.asyncDispose]()
    expect(end.exitCode, end.log).toBe(0)
    expect(await host.bootId()).not.toBe(before)
    // Asked on the host after upgrade and reboot, before verify.
    expect(await host.must('cat /var/tmp/active')).toBe('inactive\n')
    expect(client.outages()).toHaveLength(1)
    expect(client.saw('web-3').filter((answer) => answer.startsWith('200'))).toEqual([
      '200 demo-web 1.0 ok',
      '200 demo-web 2.0 ok',
    ])
    expect(await host.must('systemctl is-enabled demo-web')).toBe('enabled\n')
  })
})
