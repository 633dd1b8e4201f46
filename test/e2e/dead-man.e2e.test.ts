import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import { Rig } from './rig'

/** A hook that takes so long that the runner can be killed in the middle of its stage. */
const LONG = { run: ': > /run/in-hook; sleep 45' }

describeOnLab("the dead man's timer on a real host", () => {
  let lab: Lab
  const hosts = { drained: 'dm-1', touched: 'dm-2' }

  beforeAll(async () => {
    lab = await startLab(Object.values(hosts))
  })
  afterAll(() => lab?.[Symbol.asyncDispose]())

  /** Starts a run and kills the runner outright, post and all, once the hook has begun. */
  async function killedIn(host: LabHost, rig: Rig): Promise<void> {
    const flags = ['--identity', lab.privateKeyFile, '--known-hosts-file', lab.knownHostsFile, '--hosts', host.name]
    const runner: ChildProcess = spawn(process.execPath, [join(inject('bundle'), 'cli.js'), 'run', ...flags], {
      cwd: rig.workspace,
      stdio: 'ignore',
    })
    await until(async () => (await host.exec('[ -e /run/in-hook ]')).exitCode === 0, 60_000)
    runner.kill('SIGKILL')
  }

  /** The lease of a run that is gone ends after ten minutes by the host's own uptime; here after five seconds. */
  const shorten = (host: LabHost) => host.must("sed -i 's/^ttl=.*/ttl=5/' /var/lib/pitstop/lease")
  const stateOf = (host: LabHost) => host.must('cat /var/lib/pitstop/state')

  it.concurrent('undoes the drain of a run that is gone before it changed anything', async () => {
    const host = lab.host(hosts.drained)
    await using rig = await Rig.make(lab)
    await rig.write([host.name], { stages: { drain: { when: 'always', after: [LONG] } } })
    await killedIn(host, rig)
    expect((await host.exec('systemctl is-active demo-web')).stdout.trim()).toBe('inactive')
    await shorten(host)
    await until(async () => (await stateOf(host)).includes('drained=false'), 120_000)
    expect((await host.exec('systemctl is-active demo-web')).stdout.trim()).toBe('active')
    expect(await host.answers(8080)).toBe(true)
    expect(await host.must('cat /etc/motd.d/90-pitstop')).toContain('the drain was undone')
    expect(await host.must('ls /etc/systemd/system/*.d/90-pitstop* 2>/dev/null || true')).toBe('')
  })

  it.concurrent('leaves a host alone that its run had begun to change, and says so: a later run settles it', async () => {
    const host = lab.host(hosts.touched)
    await using rig = await Rig.make(lab)
    await rig.write([host.name], { stages: { drain: { when: 'always' }, clean: { before: [LONG] } } })
    await killedIn(host, rig)
    await shorten(host)
    await until(async () => (await host.exec('[ -e /var/lib/pitstop/dead-man/said ]')).exitCode === 0, 120_000)
    expect(await host.must('cat /etc/motd.d/90-pitstop')).toContain('it stays as it is')
    expect(await stateOf(host)).toMatch(/touched=true/)
    expect((await host.exec('systemctl is-active demo-web')).stdout.trim()).toBe('inactive')

    const end = await rig.run({ mode: 'recover' })
    expect(end.host(host.name)).toMatchObject({ verdict: 'live', reason: 'recovered' })
    expect(await host.answers(8080)).toBe(true)
    expect((await host.exec('[ -e /etc/motd.d/90-pitstop ]')).exitCode).toBe(1)
  })
})

async function until(test: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await test())) {
    if (Date.now() > deadline) throw new Error(`not so within ${withinMs} ms`)
    await sleep(300)
  }
}
