import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import { type FileText, Rig } from './rig'

/** What nobody but root can do, switched off: the file of a host where we are an ordinary user. */
const WITHOUT_ROOT = {
  prepare: { backup: [{ archive: { paths: ['/usr/share/demo-web'], to: '/home/nosudo/backup' } }], download: false },
  drain: {
    services: false,
    traffic: [
      {
        command: {
          drain: ': >~/out',
          undrain: 'rm -f ~/out',
          state: 'if [ -e ~/out ]; then echo out; else echo in; fi',
        },
      },
    ],
  },
  clean: { package_cache: false, kernels: false, temp: false },
  update: {
    packages: 'none',
    reboot: 'never',
    apps: [{ name: 'app', run: 'echo new >~/version', version: 'cat ~/version || echo none' }],
  },
}

describeOnLab('every way to a host', () => {
  let lab: Lab

  beforeAll(async () => {
    lab = await startLab(['web-1', 'web-2', 'web-3'])
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  async function rigFor(names: readonly string[], over: FileText): Promise<Rig> {
    const rig = await Rig.make(lab)
    await rig.write(names, over)
    return rig
  }

  it("the runner's own ssh carries a whole maintenance with its reboot", async () => {
    const host = lab.host('web-1')
    host.offer({ main: ['demo-web=2.0', 'demo-reboot=2.0'] })
    await using rig = await rigFor(['web-1'], { ssh: { transport: 'openssh' } })
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-1')).toMatchObject({ verdict: 'live', touched: true, reboot: { done: true } })
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 2.0 ok\n')
  })

  it('a host behind a jump host is maintained, the jump host is not', async () => {
    const host = lab.host('web-2')
    host.offer({ main: ['demo-web=2.0', 'demo-reboot=2.0'] })
    const before = await lab.host('web-1').bootId()
    await using rig = await rigFor(['web-2'], {
      hosts: { bastion: { address: lab.host('web-1').address, maintain: false }, 'web-2': { jump: 'bastion' } },
    })
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(0)
    expect(end.report.hosts.map((h) => h.name)).toEqual(['web-2'])
    expect(end.host('web-2')).toMatchObject({ verdict: 'live', reboot: { done: true } })
    expect(await lab.host('web-1').bootId()).toBe(before)
  })

  it('without root: what needs it leaves the host untouched; a file that asks for none of it goes through', async () => {
    const host = lab.host('web-3')
    host.offer({ main: ['demo-web=2.0'] })
    const asUser = { user: 'nosudo', become: 'none', state_dir: '/home/nosudo/.pitstop' }
    await using rig = await rigFor(['web-3'], { hosts: { 'web-3': asUser } })
    const refused = await rig.run()
    expect(refused.exitCode, refused.log).toBe(1)
    expect(refused.host('web-3')).toMatchObject({ verdict: 'untouched', touched: false, downtimeMs: 0 })
    expect(refused.host('web-3').reason).toMatch(/root/)

    await rig.write(['web-3'], { hosts: { 'web-3': asUser }, stages: WITHOUT_ROOT })
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-3')).toMatchObject({ verdict: 'live', touched: true, isolation: 'isolated' })
    expect(end.host('web-3').downtimeMs).toBeGreaterThan(0)
    expect(await host.must('cat /home/nosudo/version; test ! -e /home/nosudo/out')).toBe('new\n')
    expect(await host.must('ls -d /var/lib/pitstop /run/pitstop 2>/dev/null || :')).toBe('')
    expect(await host.must("dpkg-query -W -f '${Version}' demo-web")).toBe('1.0')
  })

  it('two entries that are one machine are told apart only by rights and state folders of their own', async () => {
    const address = lab.host('web-3').address
    const twin = (user: string) => ({
      address,
      user,
      become: 'none',
      state_dir: `/home/${user}/.pitstop`,
      group: 'web',
    })
    await using rig = await rigFor(['web-3'], { hosts: { again: { address } } })
    const same = await rig.run()
    expect(same.exitCode, same.log).toBe(1)
    expect(same.report.hosts.map((h) => h.reason).join('\n')).toMatch(/the same machine/)

    await rig.write([], {
      hosts: { one: twin('nosudo'), two: twin('pw') },
      stages: { ...WITHOUT_ROOT, prepare: { backup: false, download: false } },
    })
    const apart = await rig.run()
    expect(apart.exitCode, apart.log).toBe(0)
    expect(apart.report.hosts.map((h) => [h.name, h.verdict])).toEqual([
      ['one', 'live'],
      ['two', 'live'],
    ])
  })
})
