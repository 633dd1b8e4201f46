import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import { OutsideClient } from './outside-client'
import { Rig } from './rig'

const NAMES = ['web-1', 'web-2'] as const

describeOnLab('two hosts of which one is broken before the run', () => {
  let lab: Lab
  let rig: Rig

  beforeAll(async () => {
    lab = await startLab(NAMES)
    rig = await Rig.make(lab)
    await rig.write(NAMES)
    for (const host of lab.hosts) host.offer({ main: ['demo-web=2.0'] })
  })
  beforeEach(async () => {
    for (const host of lab.hosts) await host.must('systemctl start demo-web')
  })
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]()
    await lab?.[Symbol.asyncDispose]()
  })

  it.each([
    ['web-1', 'web-2'],
    ['web-2', 'web-1'],
  ])('the service of %s is stopped by hand: the last server, %s, is not taken away', async (broken, last) => {
    await lab.host(broken).must('systemctl stop demo-web')
    await using client = new OutsideClient(new Map([[last, `http://${lab.host(last).address}:8080/health`]]))
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(1)
    expect(end.report.hosts.map((h) => h.verdict)).toEqual(['untouched', 'untouched'])
    expect(end.events.filter((e) => e.type === 'admitted' || e.type === 'touched')).toEqual([])
    expect(client.outages()).toEqual([])
    expect(client.saw(last)).toEqual(['200 demo-web 1.0 ok'])
    // Who waits is told of whom it waits for, and why that one counts as out.
    const waiting = end.host(last)
    expect(waiting.reason).toContain(broken)
    expect(waiting.reason).toContain('http:http://localhost:8080/health')
    expect(waiting.rule?.name).toBe(broken === 'web-1' ? 'rollout.canary' : 'rollout.max_unavailable')
    expect(await lab.host(last).must('ls /etc/systemd/system/demo-web.service.d 2>/dev/null || :')).toBe('')
  })

  it('both are well again: both are maintained', async () => {
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(0)
    expect(end.report.hosts.map((h) => h.verdict)).toEqual(['live', 'live'])
  })
})
