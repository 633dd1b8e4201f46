import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import { type FileText, Rig } from './rig'

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
const DRIVER = { drain: './balancer.sh out', undrain: './balancer.sh in', state: './balancer.sh', on: 'lb-1' }

/** A hook that takes so long that the runner can be killed in the middle of its stage. */
const LONG = { run: ': >/run/in-hook; sleep 20' }

describeOnLab('a balancer that carries the undo of a host whose runner is gone', () => {
  let lab: Lab
  let lb: LabHost
  const names = ['web-1', 'web-2', 'web-3']

  beforeAll(async () => {
    lab = await startLab(['lb-1', ...names])
    lb = lab.host('lb-1')
    const servers = names.map((name) => `  server ${name} ${lab.host(name).address}:8080`)
    const config = `global
  stats socket /run/haproxy/admin.sock mode 600 level admin
defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
listen web
  bind *:8100
${servers.join('\n')}
`
    await lb.must('cat >/etc/haproxy/haproxy.cfg && systemctl enable -q haproxy && systemctl start haproxy', {
      input: config,
    })
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    await expect.poll(async () => (await lb.exec('test -S /run/haproxy/admin.sock')).exitCode).toBe(0)
  })

  const isOut = async (name: string) => {
    const state = await lb.must("echo 'show servers state web' | socat - UNIX-CONNECT:/run/haproxy/admin.sock")
    return state.split('\n').some((line) => line.split(' ')[3] === name && line.split(' ')[6] === '1')
  }
  const undosAtBalancer = () => lb.must('ls /var/lib/pitstop/undo')

  /** One host behind the balancer, drained and more by a run whose runner then dies, post and all. */
  async function rigOfDead(name: string, stages: FileText): Promise<Rig> {
    const rig = await Rig.make(lab)
    await rig.script('balancer.sh', BALANCER)
    await rig.write([name], {
      hosts: {
        'lb-1': { address: lb.address, maintain: false, user: 'root' },
        [name]: { address: lab.host(name).address, group: 'web' },
      },
      stages: {
        ...stages,
        drain: {
          when: 'always',
          traffic: [{ command: DRIVER }],
          ...(stages.drain ?? {}),
        },
      },
    })
    await lab.host(name).must('rm -f /run/in-hook')
    const job = rig.start()
    await expect
      .poll(async () => (await lab.host(name).exec('test -e /run/in-hook')).exitCode, { timeout: 120_000 })
      .toBe(0)
    job.kill()
    await job.ended
    expect(await isOut(name)).toBe(true)
    // Ten minutes later, as far as host and balancer can tell.
    for (const host of [lab.host(name), lb])
      await host.must("sed -i 's/^ttl=.*/ttl=1/; s/^up=.*/up=1/' /var/lib/pitstop/lease")
    return rig
  }

  it('is out of reach: the host is held and says why; once it is back, the next recover puts the host back', async () => {
    await using rig = await rigOfDead('web-1', { drain: { after: [LONG] } })
    await lb.cut()
    const away = await rig.run({ mode: 'recover' })
    await lb.heal()
    expect(away.exitCode, away.log).toBe(1)
    expect(away.host('web-1'), away.log).toMatchObject({ verdict: 'held', touched: false })
    expect(away.host('web-1').reason).toContain('lb-1')
    expect(await isOut('web-1')).toBe(true)
    const back = await rig.run({ mode: 'recover' })
    expect(back.exitCode, back.log).toBe(0)
    expect(back.host('web-1'), back.log).toMatchObject({ verdict: 'untouched' })
    expect(back.log).toMatch(/had drained the host and ended; nothing was changed, so the drain was undone/)
    expect(await isOut('web-1')).toBe(false)
    expect(await undosAtBalancer()).not.toMatch(/web-1-.*\.sh/)
  })

  it('lost its power in between and forgot the drain: the undo is still on its disk, and changes nothing', async () => {
    await using rig = await rigOfDead('web-2', { drain: { after: [LONG] } })
    await lb.powerCut()
    await lb.powerOn()
    await lb.whenUp()
    await expect
      .poll(async () => (await lb.exec('test -S /run/haproxy/admin.sock')).exitCode, { timeout: 60_000 })
      .toBe(0)
    expect(await isOut('web-2')).toBe(false)
    expect(await undosAtBalancer()).toMatch(/web-2-.*\.sh/)
    const end = await rig.run({ mode: 'recover' })
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-2'), end.log).toMatchObject({ verdict: 'untouched' })
    expect(await isOut('web-2')).toBe(false)
    expect(await lab.host('web-2').must('cat /var/lib/pitstop/state')).toMatch(/^phase=idle$/m)
    expect(await lab.host('web-2').must('systemctl is-active demo-web')).toBe('active\n')
    expect(await undosAtBalancer()).not.toMatch(/web-2-.*\.sh/)
  })

  it('holds the undo of a host that is no longer in the file: recover says so, and leaves it', async () => {
    await using rig = await rigOfDead('web-1', { drain: { after: [LONG] } })
    await rig.write(['web-2'], {
      hosts: {
        'lb-1': { address: lb.address, maintain: false, user: 'root' },
        'web-2': { address: lab.host('web-2').address, group: 'web' },
      },
      stages: { drain: { traffic: [{ command: DRIVER }] } },
    })
    const gone = await rig.run({ mode: 'recover' })
    expect(gone.exitCode, gone.log).toBe(0)
    expect(gone.log).toMatch(/lb-1 still holds how web-1 is to be put back .*web-1 is not in maintenance.yml/)
    expect(await isOut('web-1')).toBe(true)
    // Taken into the file again, it is put back.
    await rig.write(['web-1'], {
      hosts: {
        'lb-1': { address: lb.address, maintain: false, user: 'root' },
        'web-1': { address: lab.host('web-1').address, group: 'web' },
      },
      stages: { drain: { traffic: [{ command: DRIVER }] } },
    })
    const back = await rig.run({ mode: 'recover' })
    expect(back.exitCode, back.log).toBe(0)
    expect(back.log).not.toContain('still holds')
    expect(await isOut('web-1')).toBe(false)
  })

  it('was restarted and forgot the drain of a changed host: drained again, and verified before it counts as live', async () => {
    await using rig = await rigOfDead('web-3', { clean: { before: [LONG] } })
    await lb.must('systemctl restart haproxy')
    await expect.poll(async () => (await lb.exec('test -S /run/haproxy/admin.sock')).exitCode).toBe(0)
    const end = await rig.run({ mode: 'recover' })
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-3'), end.log).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(end.log).toContain('in traffic, not by us: it is drained again before it is verified')
    const [away, open] = [
      end.events.findIndex((e) => e.type === 'traffic' && e.act === 'drained' && e.state === 'out'),
      end.events.findIndex((e) => e.type === 'gate' && e.open),
    ]
    expect(away).toBeGreaterThan(0)
    expect(open).toBeGreaterThan(away)
    expect(await isOut('web-3')).toBe(false)
    expect(await lab.host('web-3').must('curl -s http://localhost:8080/health')).toContain('ok')
    expect(await undosAtBalancer()).not.toMatch(/web-3-.*\.sh/)
  })
})
