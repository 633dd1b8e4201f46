import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import { Rig } from './rig'

/** A gate of the host's own: users reach it unless this file is there. */
const STATE = '/var/lib/users-out'
const TRAFFIC = `#!/bin/sh
case $1 in
  out) echo out >>/var/log/traffic; : >${STATE} ;;
  in) echo in >>/var/log/traffic; rm -f ${STATE} ;;
  '') if [ -e ${STATE} ]; then echo out; else echo in; fi ;;
esac
`

describeOnLab('a drain on the host itself that somebody undoes during the upgrade', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab(['web-1'])
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  it('H36: is done again beside the upgrade, which goes on, and the host goes live by the gate', async () => {
    const host = lab.host('web-1')
    await using rig = await Rig.make(lab)
    await rig.script('traffic.sh', TRAFFIC)
    const command = { drain: './traffic.sh out', undrain: './traffic.sh in', state: './traffic.sh' }
    await rig.write(['web-1'], { stages: { drain: { traffic: [{ command }] } } })
    host.offer({ main: ['demo-web=2.0', 'demo-slow=2.0'] })
    // Longer than the watch over the traffic waits between two looks.
    await host.must('mkdir -p /var/lib/demo-slow && echo 60 >/var/lib/demo-slow/seconds')
    const running = rig.run()
    await expect
      .poll(async () => (await host.exec('test -e /var/lib/demo-slow/begun')).exitCode, { timeout: 120_000 })
      .toBe(0)
    await host.must(`rm ${STATE}`)
    await expect.poll(async () => (await host.exec(`test -e ${STATE}`)).exitCode, { timeout: 120_000 }).toBe(0)
    // The upgrade has not ended: it is not what the second drain waited for.
    expect((await host.exec('test -e /var/lib/demo-slow/finished')).exitCode).toBe(1)
    expect(await host.must('cat /var/lib/pitstop/state')).toMatch(/^touched=true$/m)
    const end = await running
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-1')).toMatchObject({ verdict: 'live', isolation: 'isolated' })
    expect(end.log).toContain('traffic was back on the drained host, not by us: it is drained again')
    expect(await host.must('cat /var/log/traffic')).toBe('out\nout\nin\n')
    const log = await host.must('cat /var/log/dpkg.log')
    expect(log.match(/ upgrade demo-slow:all 1\.0 2\.0/g)).toHaveLength(1)
  })
})
