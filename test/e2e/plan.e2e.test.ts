import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { sudoPassword } from '../lab/base'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import { Rig } from './rig'

describeOnLab('a plan says what would stop a run at two in the morning', () => {
  let lab: Lab
  let host: LabHost
  let rig: Rig

  beforeAll(async () => {
    lab = await startLab(['web-1'])
    host = lab.host('web-1')
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())
  afterEach(async () => rig[Symbol.asyncDispose]())

  async function plan(over: Parameters<Rig['write']>[1] = {}, login?: 'pw', inputs: Record<string, string> = {}) {
    rig = await Rig.make(lab, login)
    await rig.write(['web-1'], { announce: { disclose: 'full' }, ...over })
    const end = await rig.run({ mode: 'plan', inputs })
    expect(end.exitCode, end.log).toBe(0)
    expect(end.outputs.get('verdict')).toBe('planned')
    return end.summary
  }

  it('a declared service that does not exist, once, also where nothing is pending', async () => {
    const summary = await plan({ stages: { drain: { services: ['apache2'] } } })
    expect(summary).toContain('1 of 1 host would not be maintained now')
    expect(
      summary.match(/⛔ .*would stop in drain.*the declared service apache2 does not exist on this host/g),
    ).toHaveLength(1)
  })

  it('a host whose sudo asks for a password is not looked at as root, and nobody is told to update no packages', async () => {
    const summary = await plan({}, 'pw', { 'sudo-password': sudoPassword })
    expect(summary).toContain('1 of 1 host was not looked at as root')
    expect(summary).not.toMatch(/packages: none|would stop/)
    await rig[Symbol.asyncDispose]()
    expect(await plan({}, 'pw')).toMatch(/would stop in prepare.*no sudo-password was given/)
  })

  it('a source on a disc that apt does not know', async () => {
    await host.must("echo 'deb cdrom:[Debian 12]/ bookworm main' >/etc/apt/sources.list.d/cd.list")
    const summary = await plan()
    expect(summary).toMatch(/would stop in prepare.*cdrom:, in \/etc\/apt\/sources\.list\.d\/cd\.list/)
    await host.must('rm /etc/apt/sources.list.d/cd.list')
    await rig[Symbol.asyncDispose]()
    expect(await plan()).not.toContain('would stop')
  })
})
