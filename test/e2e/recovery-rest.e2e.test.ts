import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import { type FileText, Rig } from './rig'

const APP = { name: 'shop', run: 'echo 2 >/etc/shop', version: 'cat /etc/shop', rollback: 'echo 1 >/etc/shop' }

describeOnLab('a run that was killed in the upgrade, which ended well before anybody came', () => {
  let lab: Lab
  const names = ['web-1', 'web-2', 'web-3', 'lb-1']

  beforeAll(async () => {
    lab = await startLab(names)
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  /** Killed while the slow package is set up; apt works on to its end, and the leases of the dead run are over. */
  async function killedInUpgrade(host: LabHost, rig: Rig, web: string, helper?: LabHost): Promise<void> {
    host.offer({ main: [`demo-web=${web}`, 'demo-slow=2.0', 'demo-reboot=2.0'] })
    await host.must('mkdir -p /var/lib/demo-slow && echo 3 >/var/lib/demo-slow/seconds; echo 1 >/etc/shop')
    const maintain = rig.start()
    await expect
      .poll(async () => (await host.exec('test -e /var/lib/demo-slow/begun')).exitCode, { timeout: 240_000 })
      .toBe(0)
    maintain.kill()
    expect((await maintain.ended).signal).toBe('SIGKILL')
    await expect
      .poll(async () => (await host.exec('ls /var/lib/pitstop/runs/*/update-*/done')).exitCode, { timeout: 240_000 })
      .toBe(0)
    expect(await host.must("dpkg-query -W -f '${Version}' demo-web")).toBe(web)
    for (const one of [host, ...(helper === undefined ? [] : [helper])])
      await one.must("sed -i 's/^ttl=.*/ttl=1/' /var/lib/pitstop/lease")
  }

  it.concurrent('recover deploys the application, reboots as needed, and the host is live', async () => {
    const host = lab.host('web-1')
    await using rig = await Rig.make(lab)
    await rig.write(['web-1'], { stages: { update: { apps: [APP], after: [{ run: 'echo done >/etc/after' }] } } })
    await killedInUpgrade(host, rig, '2.0')
    const before = await host.bootId()
    const end = await rig.run({ mode: 'recover' })
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-1'), end.log).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(await host.must('cat /etc/shop /etc/after')).toBe('2\ndone\n')
    expect(await host.bootId()).not.toBe(before)
    expect((await host.must('cat /var/log/dpkg.log')).match(/ upgrade demo-web:all 1\.0 2\.0/g)).toHaveLength(1)
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 2.0 ok\n')
  })

  it.concurrent('the new version is broken: recover rolls the host back, as the file says', async () => {
    const host = lab.host('web-2')
    await using rig = await Rig.make(lab)
    const over: FileText = { rollout: { on_failure: 'rollback' }, stages: { update: { apps: [APP], reboot: 'never' } } }
    await rig.write(['web-2'], over)
    await killedInUpgrade(host, rig, '3.0')
    const end = await rig.run({ mode: 'recover' })
    expect(end.host('web-2'), end.log).toMatchObject({ verdict: 'rolled-back' })
    expect(await host.must("dpkg-query -W -f '${Version} ' demo-web demo-slow; cat /etc/shop")).toBe('1.0 1.0 1\n')
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 1.0 ok\n')
  })

  it.concurrent('the file names its balancer no more: held, and nothing is done there; named again, it is put back', async () => {
    const [host, lb] = [lab.host('web-3'), lab.host('lb-1')]
    await using rig = await Rig.make(lab)
    const driver = {
      drain: ': >/run/out-{host}',
      undrain: 'rm -f /run/out-{host}',
      state: 'if [ -e /run/out-{host} ]; then echo out; else echo in; fi',
      on: 'lb-1',
    }
    const hosts = { 'web-3': { address: host.address, group: 'web' }, 'lb-1': { address: lb.address, maintain: false } }
    const named: FileText = { hosts, stages: { drain: { traffic: [{ command: driver }] } } }
    await rig.write(['web-3'], named)
    await killedInUpgrade(host, rig, '2.0', lb)
    const programs = await lb.must('ls /var/lib/pitstop/runs/*')
    await rig.write(['web-3'], { hosts })
    const held = await rig.run({ mode: 'recover' })
    expect(held.exitCode, held.log).toBe(1)
    expect(held.host('web-3'), held.log).toMatchObject({ verdict: 'held' })
    expect(held.host('web-3').reason).toMatch(
      /drained web-3 through the command driver on lb-1, which maintenance\.yml line \d+ no longer names, so nothing was done there/,
    )
    expect(await lb.must('ls /var/lib/pitstop/runs/*')).toBe(programs)
    expect((await lb.exec('test -e /run/out-web-3')).exitCode).toBe(0)
    await rig.write(['web-3'], named)
    const end = await rig.run({ mode: 'recover' })
    expect(end.host('web-3'), end.log).toMatchObject({ verdict: 'live' })
    expect((await lb.exec('test -e /run/out-web-3')).exitCode).toBe(1)
  })
})
