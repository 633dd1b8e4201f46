import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import type { StepEnd } from '../runner/harness'
import { type FileText, Rig } from './rig'

const STATE = '/var/lib/users-out'
const TRAFFIC = `#!/bin/sh
case $1 in
  out) : >${STATE} ;;
  in) rm -f ${STATE} ;;
  '') if [ -e ${STATE} ]; then echo out; else echo in; fi ;;
esac
`
const COMMAND = { drain: './traffic.sh out', undrain: './traffic.sh in', state: './traffic.sh' }
const ISOLATED = { stages: { drain: { traffic: [{ command: COMMAND }] } } }

describeOnLab('a run that is cancelled or killed', () => {
  let lab: Lab

  beforeAll(async () => {
    lab = await startLab(['web-1', 'web-2', 'web-3', 'web-4', 'web-5', 'web-6'])
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  async function rigFor(names: readonly string[], over: FileText = ISOLATED): Promise<Rig> {
    const rig = await Rig.make(lab)
    await rig.script('traffic.sh', TRAFFIC)
    await rig.write(names, over)
    return rig
  }
  async function makeSlow(host: LabHost, seconds: number): Promise<void> {
    host.offer({ main: ['demo-web=2.0', 'demo-slow=2.0'] })
    await host.must(`mkdir -p /var/lib/demo-slow && echo ${seconds} >/var/lib/demo-slow/seconds`)
  }
  const isOut = async (host: LabHost) => (await host.exec(`test -e ${STATE}`)).exitCode === 0
  const untilThere = (host: LabHost, path: string) =>
    expect.poll(async () => (await host.exec(`test -e ${path}`)).exitCode, { timeout: 240_000, interval: 100 }).toBe(0)
  const tooEarly = async (ended: Promise<StepEnd>) => {
    throw new Error(`the run ended by itself\n${(await ended).lines.join('\n')}`)
  }
  const upgrades = async (host: LabHost) =>
    (await host.must('cat /var/log/dpkg.log')).match(/ upgrade demo-slow:all 1\.0 2\.0/g)?.length ?? 0

  it.concurrent('SIGINT during the upgrade: the report is there within 5 s, the upgrade goes on, the next run settles it', async () => {
    const host = lab.host('web-1')
    await using rig = await rigFor(['web-1', 'web-2'])
    await makeSlow(host, 12)
    const end = await rig.run({ cancelAt: /\| Setting up demo-slow/ })
    expect(end.cancelledMs, end.log).not.toBe(null)
    expect(end.cancelledMs, end.log).toBeLessThan(5_000)
    expect(end.signal).toBe(null)
    expect(end.exitCode).toBe(1)
    expect(end.host('web-1')).toMatchObject({ verdict: 'held', touched: true })
    expect(end.host('web-1').reason).toMatch(/cancelled in update/)
    expect(end.host('web-2')).toMatchObject({ verdict: 'untouched', touched: false })
    expect(end.outputs.get('verdict')).toBe('held')
    // The signal came while the upgrade was at work. Nothing begins after it: not on this host, and no other host.
    const upgrade = end.events.findIndex((e) => e.type === 'step.begun' && /^Update \d+ packages/.test(e.title))
    expect(upgrade).toBeGreaterThan(0)
    const begun = ['connected', 'lease.taken', 'wave.begun', 'admitted', 'stage.begun', 'step.begun', 'touched']
    expect(end.events.slice(upgrade + 1).filter((e) => begun.includes(e.type))).toEqual([])

    const post = await end.post()
    expect(post.exitCode, post.lines.join('\n')).toBe(0)
    // Post puts back only what was not touched. This host stays out, and the upgrade is not disturbed.
    expect(await isOut(host)).toBe(true)

    const next = await rig.run({ hosts: 'web-1' })
    expect(next.exitCode, next.log).toBe(0)
    expect(next.host('web-1')).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(await host.must("dpkg-query -W -f '${Version}' demo-slow")).toBe('2.0')
    expect(await upgrades(host)).toBe(1)
    expect(await isOut(host)).toBe(false)
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 2.0 ok\n')
  })

  it.concurrent('SIGINT while users finish: nothing was touched, and post puts the host back', async () => {
    const host = lab.host('web-3')
    const slowDrain = {
      stages: { drain: { traffic: [{ command: { ...COMMAND, drain: './traffic.sh out; sleep 4' } }] } },
    }
    await using rig = await rigFor(['web-3'], slowDrain)
    host.offer({ main: ['demo-web=2.0'] })
    const end = await rig.run({ cancelAt: /drain: Take traffic away/ })
    expect(end.cancelledMs, end.log).not.toBe(null)
    expect(end.cancelledMs, end.log).toBeLessThan(5_000)
    expect(end.exitCode, end.log).toBe(1)
    await untilThere(host, STATE)
    const post = await end.post()
    expect(post.exitCode, post.lines.join('\n')).toBe(0)
    expect(await isOut(host), post.lines.join('\n')).toBe(false)
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 1.0 ok\n')
    expect(await host.must('cat /var/lib/pitstop/state')).toMatch(/^phase=idle$/m)
    expect(await host.must("dpkg-query -W -f '${Version}' demo-web")).toBe('1.0')
  })

  it.concurrent('SIGKILL of the runner during the upgrade: the program goes on, post leaves it, recover brings the host live', async () => {
    const host = lab.host('web-4')
    await using rig = await rigFor(['web-4'])
    await makeSlow(host, 8)
    const job = rig.start()
    await Promise.race([untilThere(host, '/var/lib/demo-slow/begun'), tooEarly(job.ended)])
    job.kill()
    const end = await job.ended
    expect(end.signal).toBe('SIGKILL')
    const post = await end.post()
    expect(post.exitCode, post.lines.join('\n')).toBe(0)
    expect(await isOut(host)).toBe(true)
    // Ten minutes later, as far as the host can tell: recover waits for the lease of the dead run.
    await host.must("sed -i 's/^ttl=.*/ttl=1/' /var/lib/pitstop/lease")
    const recovered = await rig.run({ mode: 'recover' })
    expect(recovered.exitCode, recovered.log).toBe(0)
    expect(recovered.host('web-4')).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(await upgrades(host)).toBe(1)
    expect(await isOut(host)).toBe(false)
    const again = await rig.run({ mode: 'recover' })
    expect(again.exitCode, again.log).toBe(0)
    expect(again.host('web-4')).toMatchObject({ verdict: 'untouched', reason: 'nothing to recover' })
  })

  it.concurrent('SIGKILL in the drain, and no post: the next run undoes the drain and says so', async () => {
    const host = lab.host('web-5')
    const slowDrain = {
      stages: { drain: { traffic: [{ command: { ...COMMAND, drain: './traffic.sh out; sleep 3' } }] } },
    }
    await using rig = await rigFor(['web-5'], slowDrain)
    host.offer({ main: ['demo-web=2.0'] })
    const job = rig.start()
    await Promise.race([untilThere(host, STATE), tooEarly(job.ended)])
    job.kill()
    await job.ended
    // The lease of the dead run is its own until it expires: nobody else works on the host before.
    const refused = await rig.run()
    expect(refused.exitCode, refused.log).toBe(1)
    expect(refused.host('web-5').reason).toMatch(/holds the lease|still running/)
    // Ten minutes later, as far as the host can tell.
    await host.must("sed -i 's/^up=.*/up=1/; s/^ttl=.*/ttl=1/' /var/lib/pitstop/lease")
    const next = await rig.run()
    expect(next.exitCode, next.log).toBe(0)
    expect(next.host('web-5')).toMatchObject({ verdict: 'live' })
    expect(next.log).toMatch(/had drained the host and ended; nothing was changed, so the drain was undone/)
    expect(await isOut(host)).toBe(false)
    expect(await host.must("dpkg-query -W -f '${Version}' demo-web")).toBe('2.0')
  })

  it.concurrent('power cut during the upgrade: the next run finds broken packages, holds the host out of service', async () => {
    const host = lab.host('web-6')
    await using rig = await rigFor(['web-6'])
    await makeSlow(host, 20)
    const job = rig.start()
    await Promise.race([untilThere(host, '/var/lib/demo-slow/begun'), tooEarly(job.ended)])
    job.kill()
    await host.powerCut()
    await job.ended
    await host.powerOn()
    await host.whenUp()
    expect(await host.must('systemctl is-active demo-web || :')).toBe('inactive\n')
    await host.must("sed -i 's/^ttl=.*/ttl=1/' /var/lib/pitstop/lease")
    const next = await rig.run()
    expect(next.exitCode, next.log).toBe(1)
    expect(next.host('web-6')).toMatchObject({ verdict: 'held' })
    expect(next.host('web-6').reason).toMatch(/demo-slow|packages/)
    expect(await isOut(host)).toBe(true)
    await host.must('echo 0 >/var/lib/demo-slow/seconds; dpkg --configure -a')
    const repaired = await rig.run()
    expect(repaired.host('web-6'), repaired.log).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(await isOut(host)).toBe(false)
  })
})
