import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import { OutsideClient } from './outside-client'
import { Rig } from './rig'

const BY_HAND = 'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --allow-downgrades install'

describeOnLab('a gate that stays shut', () => {
  let lab: Lab
  let rig: Rig

  beforeAll(async () => {
    lab = await startLab(['web-1', 'web-2', 'web-3', 'web-4'])
    rig = await Rig.make(lab)
    for (const host of lab.hosts) host.offer({ main: ['demo-web=3.0', 'pitstop-demo=2.0'] })
  })
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]()
    await lab?.[Symbol.asyncDispose]()
  })

  const health = (host: LabHost) => `http://${host.address}:8080/health`
  const versionOf = (host: LabHost, name: string) => host.must(`dpkg-query -W -f '\${Version}' ${name}`)
  async function seenBy<T>(host: LabHost, work: () => Promise<T>): Promise<{ end: T; client: OutsideClient }> {
    const client = new OutsideClient(new Map([[host.name, health(host)]]))
    const end = await work()
    await new Promise((resolve) => setTimeout(resolve, 300))
    await client[Symbol.asyncDispose]()
    return { end, client }
  }

  it('holds a host whose service is broken by its upgrade, stops the service again, and lets nobody follow', async () => {
    const host = lab.host('web-1')
    await rig.write(['web-1', 'web-2'])
    const payload = { repository: { private: true } }
    const { end, client } = await seenBy(host, () => rig.run({ payload }))
    expect(end.exitCode, end.log).toBe(1)
    expect(Object.fromEntries(end.outputs)).toMatchObject({
      verdict: 'held',
      held: '["web-1"]',
      untouched: '["web-2"]',
    })
    expect(end.host('web-1')).toMatchObject({ verdict: 'held', touched: true, isolation: 'stopped' })
    expect(end.host('web-1').reason).toMatch(/503/)
    expect(end.host('web-2').reason).toMatch(/web-1 is held/)
    expect(end.summary).toContain('503')
    // On a stopped host verify starts the service in view of users; once the gate is shut nobody is served by it.
    expect(client.answers('web-1').at(-1)?.text).toBe('ECONNREFUSED')
    expect(client.saw('web-1').filter((answer) => answer.startsWith('200'))).toEqual(['200 demo-web 1.0 ok'])
    expect(await host.must('systemctl is-active demo-web || :')).toBe('inactive\n')
    expect(await host.must('cat /var/lib/pitstop/state')).toMatch(/^phase=held$/m)
    expect(await versionOf(lab.host('web-2'), 'demo-web')).toBe('1.0')
  })

  it('stays shut after a reboot, and when the next run verifies it again', async () => {
    const host = lab.host('web-1')
    await host.reboot()
    expect(await host.must('systemctl is-active demo-web || :')).toBe('inactive\n')
    await rig.write(['web-1'])
    const { end, client } = await seenBy(host, () => rig.run())
    expect(end.exitCode, end.log).toBe(1)
    expect(end.host('web-1')).toMatchObject({ verdict: 'held' })
    expect(end.host('web-1').reason).toMatch(/verified again, still shut.*503/)
    expect(end.host('web-1').packages).toEqual([])
    expect(client.answers('web-1').at(-1)?.text).toBe('ECONNREFUSED')
    const recovered = await rig.run({ mode: 'recover' })
    expect(recovered.exitCode, recovered.log).toBe(1)
    expect(recovered.host('web-1').verdict).toBe('held')
  })

  it('goes live in the next run once a person has repaired it, and is not maintained again in that run', async () => {
    const host = lab.host('web-1')
    await host.must(`${BY_HAND} demo-web=1.0`)
    expect(await host.must('systemctl is-active demo-web || :')).toBe('inactive\n')
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-1'), end.log).toMatchObject({ verdict: 'live', reason: 'recovered', packages: [] })
    // Repaired by the version of before: what that leaves out of the plan is said.
    const left = 'Recovered; left out: the update of demo-web'
    expect(end.host('web-1').findings).toContainEqual(expect.objectContaining({ what: left }))
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 1.0 ok\n')
    expect(await host.must('ls /etc/systemd/system/demo-web.service.d 2>/dev/null || :')).toBe('')
    expect(await host.must('cat /var/lib/pitstop/state')).toMatch(/^phase=idle$/m)
  })

  it('is cleared by hand with `release`, which starts nothing', async () => {
    const host = lab.host('web-2')
    await rig.write(['web-2'])
    const held = await rig.run()
    expect(held.host('web-2').verdict, held.log).toBe('held')
    expect((await rig.cli(['release', 'web-2'])).exitCode).toBe(2)
    const released = await rig.cli(['release', 'web-2', '--reason', 'looked at it; $(id) is fine'])
    expect(released, released.stderr).toMatchObject({ exitCode: 0 })
    expect(await host.must('cat /var/lib/pitstop/released.log')).toContain(
      'released from held: looked at it; $(id) is fine',
    )
    expect(await host.must('cat /var/lib/pitstop/state')).toMatch(/^phase=idle$/m)
    expect(await host.answers(8080)).toBe(false)
    await host.must(`${BY_HAND} demo-web=1.0`)
    await host.must('systemctl start demo-web')
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 1.0 ok\n')
  })

  it('rolls back to the exact earlier versions where the file says so, and is red', async () => {
    const host = lab.host('web-3')
    await rig.write(['web-3', 'web-4'], { rollout: { on_failure: 'rollback' } })
    const { end, client } = await seenBy(host, () => rig.run())
    expect(end.exitCode, end.log).toBe(1)
    expect(Object.fromEntries(end.outputs)).toMatchObject({ verdict: 'partial', 'rolled-back': '["web-3"]' })
    expect(end.host('web-3')).toMatchObject({ verdict: 'rolled-back', touched: true })
    expect(end.host('web-3').reason).toMatch(/rolled back: .*503/)
    expect(end.host('web-4').verdict).toBe('untouched')
    expect(await versionOf(host, 'demo-web')).toBe('1.0')
    expect(await versionOf(host, 'pitstop-demo')).toBe('1.0')
    expect(await host.must('dpkg --audit')).toBe('')
    expect(await host.must('apt-mark showhold')).toBe('')
    expect(client.answers('web-3').at(-1)?.text).toBe('200 demo-web 1.0 ok')
    expect(await host.must('cat /var/lib/pitstop/state')).toMatch(/^phase=idle$/m)
  })
})
