import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Offer } from '../lab/apt-repository'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import { OutsideClient } from './outside-client'
import { type FileText, Rig } from './rig'

const SLOW = { main: ['demo-web=2.0', 'demo-slow=2.0', 'demo-reboot=2.0'] } as const

/** The recover job of the workflow in the README: another job of the same run, with nothing but its mode. */
const job = (name: 'maintain' | 'recover', run: number) => ({
  env: { GITHUB_RUN_ID: String(run), GITHUB_JOB: name },
  ...(name === 'recover' ? { mode: 'recover' } : {}),
})

describeOnLab('a runner that is gone in the middle of the upgrade, and nobody who does anything about it', () => {
  let lab: Lab

  beforeAll(async () => {
    lab = await startLab(['web-1', 'web-2', 'web-3', 'web-4', 'web-5', 'web-6'])
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  /** A job of the workflow, killed outright once the slow package is being set up. There is no post. */
  async function killedIn(
    host: LabHost,
    rig: Rig,
    run: number,
    seconds: number,
    { offer = SLOW as Offer, over = {} as FileText } = {},
  ): Promise<void> {
    host.offer(offer)
    await host.must(`mkdir -p /var/lib/demo-slow && echo ${seconds} >/var/lib/demo-slow/seconds`)
    await rig.write([host.name], over)
    const maintain = rig.start(job('maintain', run))
    await expect
      .poll(async () => (await host.exec('test -e /var/lib/demo-slow/begun')).exitCode, { timeout: 120_000 })
      .toBe(0)
    maintain.kill()
    expect((await maintain.ended).signal).toBe('SIGKILL')
  }
  /** Ten minutes without a renewal, as far as the host can tell. */
  const tenMinutesLater = (host: LabHost) => host.must("sed -i 's/^ttl=.*/ttl=1/' /var/lib/pitstop/lease")
  const upgrades = async (host: LabHost) =>
    (await host.must('cat /var/log/dpkg.log')).match(/ upgrade demo-slow:all 1\.0 2\.0/g)?.length ?? 0

  it.concurrent('the recover job attaches to the living program, goes on from its end, reboots, and the host is live', async () => {
    const host = lab.host('web-1')
    await using rig = await Rig.make(lab)
    const before = await host.bootId()
    const client = new OutsideClient(new Map([['web-1', `http://${host.address}:8080/health`]]))
    await killedIn(host, rig, 9_001, 30)
    await tenMinutesLater(host)
    const end = await rig.run(job('recover', 9_001))
    await client[Symbol.asyncDispose]()
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-1'), end.log).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(end.log).toMatch(/its program update-\d+ is still at work \(pid \d+\): attached to it/)
    // From its first record on, though it began long before this run.
    const begun = end.events.flatMap((e) => (e.type === 'step.begun' && e.stage === 'update' ? [e.step] : []))
    expect(begun[0]).toBe('packages.upgrade')
    expect(end.log).toMatch(/\| Setting up demo-slow/)
    expect(end.events.filter((e) => e.type === 'reboot.done')).toHaveLength(1)
    expect(await host.bootId()).not.toBe(before)
    expect(await upgrades(host)).toBe(1)
    expect(client.saw('web-1').filter((answer) => answer.startsWith('200'))).toEqual([
      '200 demo-web 1.0 ok',
      '200 demo-web 2.0 ok',
    ])
    expect(client.outages()).toHaveLength(1)
  })

  it.concurrent('the recover job that comes while the lease of the dead run still counts waits for its end', async () => {
    const host = lab.host('web-2')
    await using rig = await Rig.make(lab)
    await killedIn(host, rig, 9_002, 1)
    const recover = rig.run(job('recover', 9_002))
    await expect.poll(async () => await journals(rig), { timeout: 120_000 }).toContain('waiting until it is renewed')
    await tenMinutesLater(host)
    const end = await recover
    expect(end.exitCode, end.log).toBe(0)
    expect(end.host('web-2'), end.log).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(await upgrades(host)).toBe(1)
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 2.0 ok\n')
  })

  it.concurrent('the update that it goes on with does not pass: rolled back to what the dead run had kept', async () => {
    const host = lab.host('web-5')
    await using rig = await Rig.make(lab)
    const over = { rollout: { on_failure: 'rollback' } }
    await killedIn(host, rig, 9_005, 20, { offer: { main: ['demo-web=3.0', 'demo-slow=2.0'] }, over })
    await tenMinutesLater(host)
    const end = await rig.run(job('recover', 9_005))
    expect(end.log).toMatch(/is still at work \(pid \d+\): attached to it/)
    expect(end.host('web-5'), end.log).toMatchObject({ verdict: 'rolled-back' })
    const versions = await host.must("dpkg-query -W -f '${Version} ' demo-web demo-slow")
    expect(versions).toBe('1.0 1.0 ')
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 1.0 ok\n')
    // Nothing fetched stays behind, of whichever run.
    expect(await host.must('ls -d /var/lib/pitstop/runs/*/packages 2>/dev/null || :')).toBe('')
  })

  it.concurrent('a lease that cannot be true: held, also by the next run, until a person settles it', async () => {
    const host = lab.host('web-6')
    await using rig = await Rig.make(lab)
    await rig.write(['web-6'])
    expect((await rig.run()).host('web-6').verdict).toBe('live')
    const boot = (await host.must('cat /proc/sys/kernel/random/boot_id')).trim()
    const forged = `token=77\nowner=x\nrun=r\nboot=${boot}\nup=999999999\nttl=600\nurl=-\n`
    await host.must('cat >/var/lib/pitstop/lease', { input: forged })
    for (const mode of ['run', 'recover']) {
      const end = await rig.run({ mode })
      expect(end.exitCode, end.log).toBe(1)
      expect(end.host('web-6')).toMatchObject({ verdict: 'held', touched: false, rule: { name: 'lease' } })
      expect(end.host('web-6').reason).toContain('renewed later than now')
    }
    expect(await host.must('cat /var/lib/pitstop/lease')).toBe(forged)
    const released = await rig.cli(['release', 'web-6', '--reason', 'the lease was forged'])
    expect(released, released.stderr).toMatchObject({ exitCode: 0 })
    expect(await host.must('cat /var/lib/pitstop/lease')).toMatch(/^token=78\nowner=\n/)
    const after = await rig.run()
    expect(after.host('web-6'), after.log).toMatchObject({ verdict: 'live' })
  })

  it.concurrent('post of a cancelled job ends within its two minutes though the host is away, and says that it is not settled', async () => {
    const host = lab.host('web-4')
    await using rig = await Rig.make(lab)
    await rig.write(['web-4'], { stages: { drain: { when: 'always', after: [{ run: ':>/run/in-hook; sleep 20' }] } } })
    host.offer({ main: ['demo-web=2.0'] })
    const end = await rig.run({ cancelAt: /after drain:/ })
    expect(end.host('web-4'), end.log).toMatchObject({ verdict: 'held', touched: false })
    await host.cut()
    const post = await end.post()
    await host.heal()
    // A runner kills what has not ended by then, and nobody learns what became of the host.
    expect(post.signal).toBe(null)
    expect(post.durationMs, post.lines.join('\n')).toBeLessThan(120_000)
    expect(post.commands.some((c) => c.name === 'warning' && /web-4 is (held|unreachable)/.test(c.value))).toBe(true)
    await tenMinutesLater(host)
    const recovered = await rig.run({ mode: 'recover' })
    expect(recovered.exitCode, recovered.log).toBe(0)
    expect(recovered.host('web-4')).toMatchObject({ verdict: 'untouched' })
    expect(await host.must('systemctl is-active demo-web')).toBe('active\n')
  })

  it.concurrent('the next run by cron settles the host as well, though its file has changed, and does not maintain it again', async () => {
    const host = lab.host('web-3')
    await using rig = await Rig.make(lab)
    await killedIn(host, rig, 9_003, 1)
    await tenMinutesLater(host)
    await rig.write(['web-3'], { stages: { drain: { services: [] } } })
    host.offer({ main: ['demo-web=3.0'] })
    const end = await rig.run({ event: 'schedule' })
    expect(end.host('web-3'), end.log).toMatchObject({ verdict: 'live', reason: 'recovered' })
    // The service that the file no longer names was stopped by the run that is gone, and is back.
    expect(await host.must('systemctl is-active demo-web; systemctl is-enabled demo-web')).toBe('active\nenabled\n')
    expect(await host.must("dpkg-query -W -f '${Version}' demo-web")).toBe('2.0')
  })
})

/** Everything that runs of this workspace have told so far. */
async function journals(rig: Rig): Promise<string> {
  const folders = (await readdir(rig.workspace)).filter((name) => name.startsWith('report-'))
  const texts = folders.map((name) => readFile(join(rig.workspace, name, 'journal.jsonl'), 'utf8').catch(() => ''))
  return (await Promise.all(texts)).join('')
}
