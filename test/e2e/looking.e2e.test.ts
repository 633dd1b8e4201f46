import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import type { LabHost } from '../lab/lab-host'
import { Rig } from './rig'

describeOnLab('modes that only look, and runs that are refused', () => {
  let lab: Lab
  let rig: Rig
  let host: LabHost

  beforeAll(async () => {
    lab = await startLab(['web-1'])
    host = lab.host('web-1')
    rig = await Rig.make(lab)
    host.offer({ main: ['demo-web=2.0', 'demo-reboot=2.0'], security: ['pitstop-demo=2.0'] })
    await host.must('apt-get -qq update')
  })
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]()
    await lab?.[Symbol.asyncDispose]()
  })

  /** Every file with its size and times; without what any login writes, Pitstop's or not. */
  const tree = () =>
    host.must(`find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /tmp \\) -prune -o -printf '%p %s %m %T@ %C@\\n' |
      grep -vE '^/(var/log/|run |var/lib/systemd/|home/maint/.cache)' | sort`)
  const logins = async () =>
    Number(await host.must("journalctl -q -u ssh -o cat | grep -cE 'Accepted|Connection|Failed' || :"))

  it('plan shows what a run would do, and changes nothing on the host, the package lists included', async () => {
    await rig.write(['web-1'], {
      announce: { disclose: 'full' },
      stages: { prepare: { before: [{ run: 'touch /var/tmp/hook-ran' }] } },
    })
    await rig.run({ mode: 'plan' })
    const before = await tree()
    const end = await rig.run({ mode: 'plan' })
    expect(end.exitCode, end.log).toBe(0)
    expect(await tree()).toBe(before)
    expect(Object.fromEntries(end.outputs)).toMatchObject({ verdict: 'planned', 'has-work': 'true' })
    expect(end.outputs.get('plan-hash')).toMatch(/^[0-9a-f]{16,64}$/)
    for (const name of ['demo-web', 'demo-reboot', 'pitstop-demo']) expect(end.summary).toContain(name)
    expect(end.summary).not.toContain('would stop')
    expect(
      (await host.exec('test -e /var/tmp/hook-ran || test -e /var/lib/pitstop || test -e /run/pitstop')).exitCode,
    ).toBe(1)
  })

  it('the same host, plan and file give the same plan hash', async () => {
    const hashes = [await rig.run({ mode: 'plan' }), await rig.run({ mode: 'plan' })].map((e) =>
      e.outputs.get('plan-hash'),
    )
    expect(hashes[0]).toBe(hashes[1])
  })

  it('verify says whether the gate would open, takes no lease and changes nothing', async () => {
    await rig.write(['web-1'])
    const before = await tree()
    const end = await rig.run({ mode: 'verify' })
    expect(end.exitCode, end.log).toBe(0)
    expect(end.outputs.get('verdict')).toBe('live')
    expect(await tree()).toBe(before)
    await host.must('systemctl stop demo-web')
    const shut = await rig.run({ mode: 'verify' })
    expect(shut.exitCode, shut.log).toBe(1)
    expect(shut.host('web-1')).toMatchObject({ verdict: 'untouched' })
    expect(shut.host('web-1').reason).toMatch(/gate would stay shut.*8080/)
    expect(await host.must('systemctl is-active demo-web || :')).toBe('inactive\n')
    await host.must('systemctl start demo-web')
  })

  it.each(['pull_request', 'merge_group'])('%s plans from the file and contacts nobody', async (event) => {
    await rig.write(['web-1'])
    const before = await logins()
    const end = await rig.run({ event })
    expect(end.exitCode, end.log).toBe(0)
    expect(end.report.run).toMatchObject({ mode: 'plan', verdict: 'planned' })
    expect(await logins()).toBe(before)
  })

  it.each([
    ['issue_comment', 'auto'],
    ['workflow_run', 'run'],
    ['pull_request', 'run'],
    ['pull_request_target', 'recover'],
    ['merge_group', 'verify'],
    ['release', 'auto'],
  ])('%s with mode %s is refused by name, and contacts nobody', async (event, mode) => {
    const before = await logins()
    const end = await rig.run({ event, mode })
    expect(end.exitCode, end.log).toBe(1)
    expect(Object.fromEntries(end.outputs)).toMatchObject({ verdict: 'refused', reason: 'event' })
    expect(end.log).toContain(event)
    expect(await logins()).toBe(before)
  })

  it('H1: an input that action.yml does not declare is refused, with the nearest name, before anybody is contacted', async () => {
    const before = await logins()
    const end = await rig.start({ inputs: { mod: 'plan' } }).ended
    expect(end.exitCode).toBe(1)
    expect(end.commands.some((c) => c.name === 'error' && /there is no input "mod".*"mode"/.test(c.value))).toBe(true)
    expect(end.outputs.get('verdict')).toBe('refused')
    expect(await logins()).toBe(before)
  })

  it('all errors of a bad file at once, each at its line; nobody is contacted', async () => {
    const text = `version: 1\nhosts:\n  web-1: { adress: ${host.address} }\nstages:\n  update: { reboot: sometimes }\nrolout: {}\n`
    await writeFile(join(rig.workspace, 'maintenance.yml'), text)
    const before = await logins()
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(1)
    expect(Object.fromEntries(end.outputs)).toMatchObject({ verdict: 'refused', reason: 'file' })
    expect(end.report.hosts).toEqual([])
    const lines = end.commands.filter((c) => c.name === 'error').map((c) => c.properties.line)
    expect(lines).toEqual(expect.arrayContaining(['3', '5', '6']))
    expect(await logins()).toBe(before)
  })

  const hour = (offset: number) => new Date(Date.now() + offset * 3_600_000).getUTCHours()
  const today = () => new Date().toISOString().slice(0, 10)
  it.each([
    ['too-early', { open: `0 ${hour(3)} * * *`, duration: '1h', timezone: 'UTC' }, 0],
    ['freeze', { open: `0 ${hour(-1)} * * *`, duration: '4h', timezone: 'UTC', freeze: [`2020-01-01/${today()}`] }, 0],
  ])('%s: refused by the window, green, and nobody is contacted', async (reason, window, exitCode) => {
    await rig.write(['web-1'], { window })
    const before = await logins()
    const end = await rig.run()
    expect(end.exitCode, end.log).toBe(exitCode)
    expect(Object.fromEntries(end.outputs)).toMatchObject({ verdict: 'refused', reason })
    expect(end.host('web-1').rule, JSON.stringify(end.host('web-1'))).not.toBe(null)
    expect(await logins()).toBe(before)
  })

  it('missed: red under schedule where an opening was not used; too early for anybody else', async () => {
    await rig.write(['web-1'], { window: { open: `0 ${hour(-3)} * * *`, duration: '1h', timezone: 'UTC' } })
    const missed = await rig.run({ event: 'schedule' })
    expect(missed.exitCode, missed.log).toBe(1)
    expect(missed.outputs.get('reason')).toBe('missed')
    const early = await rig.run({ event: 'workflow_dispatch' })
    expect(early.exitCode, early.log).toBe(0)
    expect(early.outputs.get('reason')).toBe('too-early')
  })

  it('already done in this window: the second run is refused, green, and changes nothing', async () => {
    await rig.write(['web-1'], { window: { open: `0 ${hour(-1)} * * *`, duration: '4h', timezone: 'UTC' } })
    const first = await rig.run()
    expect(first.exitCode, first.log).toBe(0)
    expect(first.host('web-1').verdict).toBe('live')
    const bootId = await host.bootId()
    host.offer({ main: ['demo-web=3.0'] })
    const second = await rig.run()
    expect(second.exitCode, second.log).toBe(0)
    expect(Object.fromEntries(second.outputs)).toMatchObject({ verdict: 'refused', reason: 'already-done' })
    expect(second.host('web-1')).toMatchObject({ verdict: 'untouched', touched: false })
    expect(await host.bootId()).toBe(bootId)
    expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 2.0 ok\n')
  })
})
