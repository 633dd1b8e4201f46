import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import { Rig } from './rig'

/** Users reach a host unless this file is there: at the balancer, and at the door of the host itself, which opens slowly. */
const STATE = '/var/lib/users-out'
const TRAFFIC = `#!/bin/sh
case $1 in
  out) : >${STATE} ;;
  in) [ "$2" != slowly ] || { : >/run/opening; sleep 15; }; rm -f ${STATE} ;;
  '') if [ -e ${STATE} ]; then echo out; else echo in; fi ;;
esac
`
const driver = (on: string, how: string) => ({
  command: { drain: './traffic.sh out', undrain: `./traffic.sh in ${how}`, state: './traffic.sh', on },
})

describeOnLab('a host whose own door is shut still when the balancer sends users to it', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab(['lb-1', 'web-1'])
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  it('and that falls silent, is drained at the balancer at once, and is live after the next recover', async () => {
    const [host, lb] = [lab.host('web-1'), lab.host('lb-1')]
    await using rig = await Rig.make(lab)
    await rig.script('traffic.sh', TRAFFIC)
    await rig.write(['web-1'], {
      hosts: {
        'lb-1': { address: lb.address, maintain: false, user: 'root' },
        'web-1': { address: host.address, group: 'web' },
      },
      // Let back in newest first: the balancer comes before the door.
      stages: { drain: { traffic: [driver('host', 'slowly'), driver('lb-1', 'at-once')] } },
    })
    host.offer({ main: ['demo-web=2.0'] })
    const running = rig.run()
    const has = (file: string, on = host) => on.exec(`test -e ${file}`).then(({ exitCode }) => exitCode === 0)
    await expect.poll(() => has('/run/opening'), { timeout: 120_000 }).toBe(true)
    expect(await has(STATE, lb)).toBe(false)
    await host.cut()
    // A lost connection is made again for ten minutes.
    await expect.poll(() => has(STATE, lb), { timeout: 90_000, interval: 500 }).toBe(true)
    const end = await running
    await host.heal()
    expect(end.exitCode, end.log).toBe(1)
    expect(end.host('web-1'), end.log).toMatchObject({ verdict: 'held', touched: true })
    expect(end.host('web-1').reason).toMatch(/did not answer within 10 s, twice in a row.*NOT drained again at host/)
    expect(await has(STATE, lb)).toBe(true)
    // Ten minutes later, as far as the host can tell: nobody could give its lease back.
    await host.must("sed -i 's/^ttl=.*/ttl=1/; s/^up=.*/up=1/' /var/lib/pitstop/lease")
    const back = await rig.run({ mode: 'recover' })
    expect(back.exitCode, back.log).toBe(0)
    expect(back.host('web-1'), back.log).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect([await has(STATE), await has(STATE, lb)]).toEqual([false, false])
  })
})
