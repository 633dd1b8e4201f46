import { afterAll, beforeAll, expect, it } from 'vitest'
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
const BY_HAND = 'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq -y --allow-downgrades install'
const MOTD = '/etc/motd.d/90-pitstop'

describeOnLab('a host that is held, and a person in front of it', () => {
  let lab: Lab
  let lb: LabHost
  let web: LabHost
  let rig: Rig

  beforeAll(async () => {
    lab = await startLab(['lb-1', 'web-1', 'web-2'])
    lb = lab.host('lb-1')
    web = lab.host('web-1')
    const servers = ['web-1', 'web-2'].map((name) => `  server ${name} ${lab.host(name).address}:8080`)
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
    await lb.must('until test -S /run/haproxy/admin.sock; do sleep 0.1; done')
    for (const name of ['web-1', 'web-2']) lab.host(name).offer({ main: ['demo-web=3.0'] })
    rig = await Rig.make(lab)
    await rig.script('balancer.sh', BALANCER)
  })
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]()
    await lab?.[Symbol.asyncDispose]()
  })

  const write = (driver: FileText, name = 'web-1') =>
    rig.write([name], {
      hosts: {
        'lb-1': { address: lb.address, maintain: false, user: 'root' },
        [name]: { address: lab.host(name).address, group: 'web' },
      },
      stages: { drain: { traffic: [{ command: driver }] } },
    })
  const isOut = async () => {
    const state = await lb.must("echo 'show servers state web' | socat - UNIX-CONNECT:/run/haproxy/admin.sock")
    return state.split('\n').some((line) => line.split(' ')[3] === 'web-1' && line.split(' ')[6] === '1')
  }
  const release = (...more: string[]) => rig.cli(['release', 'web-1', '--reason', 'looked at it', ...more])
  const undrainCommand = 'node dist/cli.js release web-1 --undrain --reason TEXT'

  it('a state that fails, or says a word that is neither, is told with all that it said, and at once', async () => {
    await write({ ...DRIVER, state: 'echo IN; echo "no such socket" >&2' })
    const wrong = await rig.run({ payload: { repository: { private: true } } })
    const { reason, stages } = wrong.host('web-1')
    expect(wrong.host('web-1').verdict, wrong.log).toBe('untouched')
    for (const text of [reason, wrong.log, wrong.summary])
      expect(text).toMatch(/exit code 0 and printed "IN"; expected in or out; on stderr "no such socket"/)
    const step = stages.flatMap((stage) => stage.steps).find((one) => one.id === 'read-traffic')
    expect(step).toMatchObject({ outcome: 'failed', log: expect.stringMatching(/\.log$/) })

    await write({ ...DRIVER, state: 'echo broken; echo "haproxy is gone" >&2; exit 7' })
    const failed = await rig.run()
    expect(failed.host('web-1').reason).toMatch(
      /command on lb-1: the state command ended with exit code 7 and printed "broken".*on stderr "haproxy is gone"/,
    )

    // In before the drain, and a wrong word after it.
    await write({
      drain: ': >/run/was-drained',
      undrain: ':',
      state: 'if [ -e /run/was-drained ]; then rm /run/was-drained; echo OUT; else echo in; fi',
      on: 'lb-1',
    })
    const late = await rig.run()
    expect(late.host('web-1'), late.log).toMatchObject({ verdict: 'untouched', touched: false })
    expect(late.host('web-1').reason, late.log).toContain('exit code 0 and printed "OUT"; expected in or out')
    const tookMs = late.host('web-1').stages.find((stage) => stage.name === 'drain')?.durationMs ?? 0
    expect(tookMs).toBeLessThan(30_000)
  })

  it('status says why it is held, where its users go, and what to do next', async () => {
    await write(DRIVER)
    const held = await rig.run()
    expect(held.host('web-1').verdict, held.log).toBe('held')
    const status = await rig.cli(['status', '--hosts', 'web-1'])
    expect(status.exitCode).toBe(1)
    expect(status.stdout).toMatch(/HELD since \S+ by run/)
    expect(status.stdout).toMatch(/reason: .*503/)
    expect(status.stdout).toContain('traffic: out (command on lb-1)')
    expect(status.stdout).toMatch(/next: .*recover --hosts web-1/)
    expect(status.stdout).toContain(undrainCommand)
    // Whoever logs in reads it.
    expect(await web.must(`stat -c %a /etc/motd.d ${MOTD}`)).toBe('755\n644\n')
    expect(await web.must(`cat ${MOTD}`)).toMatch(/is held by run .*\n.*release web-1 --undrain/s)
  })

  it('release --undrain of a host that does not verify is refused, says why, and lets nobody back', async () => {
    const refused = await release('--undrain')
    expect(refused.exitCode, refused.stdout + refused.stderr).toBe(1)
    expect(refused.stdout).toMatch(/web-1 is held: .*still shut.*503/)
    expect(await isOut()).toBe(true)
    expect(await web.must('cat /var/lib/pitstop/state')).toMatch(/^phase=held$/m)
  })

  it('release says that its traffic is still out, and the command that puts it back; the notice is gone', async () => {
    const released = await release()
    expect(released.exitCode, released.stderr).toBe(0)
    expect(released.stdout).toContain('web-1 is released; its traffic was not touched')
    expect(released.stdout).toContain('The traffic of web-1 is still out: out (command on lb-1)')
    expect(released.stdout).toContain(undrainCommand)
    expect((await web.exec(`test -e ${MOTD} || test -e /var/lib/pitstop/held`)).exitCode).toBe(1)
    expect(await isOut()).toBe(true)
    const status = await rig.cli(['status', '--hosts', 'web-1'])
    expect(status.exitCode).toBe(1)
    expect(status.stdout).toContain(`next: it is out, and no run holds it: \`${undrainCommand}\``)
    const next = await rig.run()
    expect(next.host('web-1')).toMatchObject({ verdict: 'untouched', reason: 'was out before the run' })
    expect(
      next
        .host('web-1')
        .findings.map((finding) => finding.advice)
        .join('\n'),
    ).toContain('release web-1 --undrain')
  })

  it('a host that is not held is told so, and is not put back while it does not verify', async () => {
    const again = await release()
    expect(again.exitCode).toBe(0)
    expect(again.stdout).toContain('web-1 is not held: there is nothing to release')
    expect(again.stdout).toContain('is still out')
    const refused = await release('--undrain')
    expect(refused.exitCode).toBe(1)
    expect(refused.stdout).toMatch(/not put back: .*503/)
    expect(await isOut()).toBe(true)
    expect(await web.must('cat /var/lib/pitstop/state')).toMatch(/^phase=idle$/m)
  })

  it('once it is repaired it is verified, put back through its driver, and its group goes on', async () => {
    await web.must(`${BY_HAND} demo-web=1.0`)
    const back = await release('--undrain')
    expect(back.exitCode, back.stdout + back.stderr).toBe(0)
    expect(back.stdout).toContain('web-1 is put back')
    expect(await isOut()).toBe(false)
    expect(await web.must('cat /var/lib/pitstop/state')).toMatch(/^phase=idle$/m)
    expect(await web.must('cat /var/lib/pitstop/released.log')).toMatch(/put back from idle: looked at it/)
    web.offer({ main: ['demo-web=2.0'] })
    const next = await rig.run()
    expect(next.host('web-1').verdict, next.log).toBe('live')
    const calm = await release('--undrain')
    expect(calm.stdout).toContain('its traffic reads in: there is nothing to put back')
  })

  it('a held host goes back the same way once it is repaired', async () => {
    web.offer({ main: ['demo-web=3.0'] })
    expect((await rig.run()).host('web-1').verdict).toBe('held')
    web.offer({ main: ['demo-web=2.0'] })
    await web.must(`${BY_HAND} demo-web=2.0`)
    const back = await release('--undrain')
    expect(back.exitCode, back.stdout + back.stderr).toBe(0)
    expect(await isOut()).toBe(false)
    expect((await web.exec(`test -e ${MOTD} || test -e /var/lib/pitstop/held`)).exitCode).toBe(1)
  })

  it('the notice of a stopped host names the command that starts a service that is held', async () => {
    const host = lab.host('web-2')
    await rig.write(['web-2'])
    expect((await rig.run()).host('web-2').verdict).toBe('held')
    const notice = await host.must(`cat ${MOTD}`)
    expect(notice).toContain('demo-web.service is kept from starting')
    const command = /To start it: (rm .*)$/m.exec(notice)?.[1] ?? 'false'
    await host.must('systemctl start demo-web; ! systemctl -q is-active demo-web')
    await host.must(command)
    expect(await host.must('systemctl is-active demo-web')).toBe('active\n')
  })
})
