import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import { OutsideClient } from './outside-client'
import { type FileText, Rig } from './rig'

/** A gate of the host's own: users reach port 8080 unless this file is there. The load balancer of a small team. */
const STATE = '/var/lib/users-out'
const byFile = (over: FileText = {}) => ({
  stages: {
    drain: {
      traffic: [{ command: { drain: './traffic.sh out', undrain: './traffic.sh in', state: './traffic.sh', ...over } }],
    },
  },
})
const TRAFFIC = `#!/bin/sh
case $1 in
  out) echo "$PITSTOP_HOST out $(cat /proc/sys/kernel/random/boot_id)" >>/var/log/traffic; : >${STATE} ;;
  in) echo "$PITSTOP_HOST in" >>/var/log/traffic; rm -f ${STATE} ;;
  '') if [ -e ${STATE} ]; then echo out; else echo in; fi ;;
esac
`
/** A real balancer: haproxy, asked and told over its socket. */
const BALANCER = `#!/bin/sh
ask() { echo "$1" | socat - UNIX-CONNECT:/run/haproxy/admin.sock; }
case $1 in
  out) ask "set server web/$PITSTOP_HOST state maint" ;;
  in) ask "set server web/$PITSTOP_HOST state ready" ;;
  '') ask 'show servers state web' | while read -r _ _ _ name _ op admin _; do
    [ "$name" = "$PITSTOP_HOST" ] || continue
    if [ "$admin" = 1 ]; then echo out; else echo in; fi
  done ;;
esac
`

describeOnLab('hosts whose users are led elsewhere by a command of the file', () => {
  let lab: Lab

  beforeAll(async () => {
    lab = await startLab(['lb-1', 'web-1', 'web-2', 'web-3', 'web-4', 'web-5', 'web-6'])
    const servers = ['web-1', 'web-2'].map((name) => `  server ${name} ${lab.host(name).address}:8080`)
    const config = `global
  stats socket /run/haproxy/admin.sock mode 600 level admin
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
  retries 0
listen web
  bind *:8100
${servers.join('\n')}
`
    await lab.host('lb-1').must('cat >/etc/haproxy/haproxy.cfg && systemctl start haproxy', { input: config })
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  const health = (host: LabHost, port = 8080) => `http://${host.address}:${port}/health`
  async function rigFor(names: readonly string[], over: FileText): Promise<Rig> {
    const rig = await Rig.make(lab)
    await rig.script('traffic.sh', TRAFFIC)
    await rig.script('balancer.sh', BALANCER)
    await rig.write(names, over)
    return rig
  }

  it.concurrent('a balancer on a helper: users of the balancer never meet a host that is worked on', async () => {
    await using rig = await rigFor(['web-1', 'web-2'], {
      hosts: {
        'lb-1': { address: lab.host('lb-1').address, maintain: false, user: 'root' },
        'web-1': { address: lab.host('web-1').address, group: 'web' },
        'web-2': { address: lab.host('web-2').address, group: 'web' },
      },
      stages: {
        drain: {
          traffic: [
            {
              command: { drain: './balancer.sh out', undrain: './balancer.sh in', state: './balancer.sh', on: 'lb-1' },
            },
          ],
        },
      },
    })
    for (const name of ['web-1', 'web-2']) lab.host(name).offer({ main: ['demo-web=2.0', 'demo-reboot=2.0'] })
    const client = new OutsideClient(new Map([['users', health(lab.host('lb-1'), 8100)]]))
    const end = await rig.run()
    await client[Symbol.asyncDispose]()
    expect(end.exitCode, end.log).toBe(0)
    // Without retries of the balancer a single request to a stopped server would be a 503.
    expect([...client.saw('users')].sort()).toEqual(['200 demo-web 1.0 ok', '200 demo-web 2.0 ok'])
    for (const name of ['web-1', 'web-2']) {
      expect(end.host(name)).toMatchObject({ verdict: 'live', isolation: 'isolated' })
      expect(end.host(name).downtimeMs).toBeGreaterThan(0)
      const traffic = end.events.flatMap((e) =>
        e.type === 'traffic' && e.host === name ? [`${e.act} ${e.state}`] : [],
      )
      expect(traffic).toEqual(['read in', 'drained out', 'undrained in'])
    }
    expect(await lab.host('lb-1').must('ls /var/lib/pitstop/undo')).toBe('')
  })

  it.concurrent('a driver on the host itself: out over the reboot, back only through the gate', async () => {
    const host = lab.host('web-3')
    await using rig = await rigFor(['web-3'], byFile())
    host.offer({ main: ['demo-web=2.0', 'demo-reboot=2.0'] })
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-3')).toMatchObject({ verdict: 'live', isolation: 'isolated' })
    expect(await host.must('cut -d" " -f1,2 /var/log/traffic')).toBe('web-3 out\nweb-3 in\n')
    const open = end.events.findIndex((e) => e.type === 'gate' && e.open)
    const back = end.events.findIndex((e) => e.type === 'traffic' && e.act === 'undrained')
    expect(open).toBeGreaterThan(0)
    expect(back).toBeGreaterThan(open)
  })

  it.concurrent('an isolated host whose gate stays shut stays out: no user meets the broken version', async () => {
    const host = lab.host('web-4')
    await using rig = await rigFor(['web-4'], byFile())
    host.offer({ main: ['demo-web=3.0'] })
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(1)
    expect(end.host('web-4')).toMatchObject({ verdict: 'held', isolation: 'isolated' })
    expect(await host.must(`cut -d" " -f2 /var/log/traffic; ls ${STATE}`)).toBe(`out\n${STATE}\n`)
    // Out by our own doing is not "was out before the run": the next run verifies it again, and recovers it.
    await host.must('apt-get -qq update && apt-get -qq -y --allow-downgrades install demo-web=1.0')
    const next = await rig.run()
    expect(next.host('web-4'), next.log).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect((await host.exec(`ls ${STATE}`)).exitCode).not.toBe(0)
  })

  it.concurrent('H29: a host that was out before the run is not touched, and not put back', async () => {
    const host = lab.host('web-5')
    await using rig = await rigFor(['web-5'], byFile())
    host.offer({ main: ['demo-web=2.0'] })
    await host.must(`: >${STATE}`)
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(1)
    expect(end.host('web-5')).toMatchObject({ verdict: 'untouched', reason: 'was out before the run', touched: false })
    expect(await host.must(`ls ${STATE}; ls /var/log/traffic 2>/dev/null || :`)).toBe(`${STATE}\n`)
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 1.0 ok\n')
    await host.must(`rm -f ${STATE}`)

    // Answers that are neither in nor out are unknown, and unknown is never "in".
    await rig.write(['web-5'], byFile({ state: 'echo maybe' }))
    const unknown = await rig.run()
    expect(unknown.host('web-5')).toMatchObject({ verdict: 'untouched' })
    expect(unknown.host('web-5').reason).toMatch(/could not be read/)

    // A drain that fails half-way is undone, and reads back as before.
    await rig.write(['web-5'], byFile({ drain: `touch ${STATE}; echo no balancer >&2; exit 3` }))
    const failed = await rig.run()
    expect(failed.exitCode, failed.log).toBe(1)
    expect(failed.host('web-5')).toMatchObject({ verdict: 'untouched', touched: false })
    expect(failed.host('web-5').reason).toMatch(/undone/)
    expect((await host.exec(`ls ${STATE}`)).exitCode).not.toBe(0)
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 1.0 ok\n')
    expect(await host.must('cat /var/lib/pitstop/state')).toMatch(/^phase=idle$/m)
    expect(await host.must('ls /var/lib/pitstop/undo')).toBe('')

    // A drain that says yes and does nothing is found out by the state.
    await rig.write(['web-5'], byFile({ drain: 'true' }))
    const idle = await rig.run()
    expect(idle.host('web-5'), idle.log).toMatchObject({ verdict: 'untouched', touched: false })
    expect(await host.must("dpkg-query -W -f '${Version}' demo-web")).toBe('1.0')
  })

  it.concurrent('an undrain that fails in golive: drained again, held, nobody follows', async () => {
    const host = lab.host('web-6')
    await using rig = await rigFor(['web-6'], byFile({ undrain: 'echo the balancer refuses >&2; exit 4' }))
    host.offer({ main: ['demo-web=2.0'] })
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(1)
    expect(end.host('web-6')).toMatchObject({ verdict: 'held', touched: true })
    expect(end.host('web-6').reason).toMatch(/golive: .*the balancer refuses.*drained again/)
    expect((await host.exec(`ls ${STATE}`)).exitCode).toBe(0)
    expect(await host.must('cut -d" " -f2 /var/log/traffic')).toBe('out\nout\n')

    // Half in: undrain works, the service breaks under traffic. Drained again all the same.
    await rig.write(['web-6'], byFile({ undrain: './traffic.sh in; systemctl stop demo-web' }))
    const watched = await rig.run()
    expect(watched.host('web-6'), watched.log).toMatchObject({ verdict: 'held' })
    expect(watched.host('web-6').reason).toMatch(/golive: .*drained again/)
    expect((await host.exec(`ls ${STATE}`)).exitCode).toBe(0)
  })
})
