import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import { node24 } from '../runner/node24'
import { OutsideClient } from './outside-client'
import { Rig, type RunEnd } from './rig'

const NAMES = ['web-1', 'web-2', 'web-3'] as const
const STAGES = ['prepare', 'monitor', 'drain', 'clean', 'update', 'verify', 'golive']

describeOnLab('three hosts, maintained by the action from start to end', () => {
  let lab: Lab
  let rig: Rig
  let client: OutsideClient
  let end: RunEnd
  let bootIds: readonly string[]

  beforeAll(async () => {
    lab = await startLab(NAMES)
    rig = await Rig.make(lab)
    for (const host of lab.hosts) {
      host.offer({ main: ['demo-web=2.0', 'demo-reboot=2.0', 'demo-conf=2.0'], security: ['pitstop-demo=2.0'] })
      await host.must("echo 'colour = mine' >/etc/demo-conf.conf")
    }
    bootIds = await Promise.all(lab.hosts.map((host) => host.bootId()))
    await rig.write(NAMES)
    client = new OutsideClient(new Map(lab.hosts.map((host) => [host.name, `http://${host.address}:8080/health`])))
    end = await rig.run()
    await client[Symbol.asyncDispose]()
  })
  afterAll(async () => {
    await rig?.[Symbol.asyncDispose]()
    await lab?.[Symbol.asyncDispose]()
  })

  it('ends green and live, and says so in outputs, summary and report', () => {
    expect(end, end.log).toMatchObject({ exitCode: 0, stderr: '' })
    expect(Object.fromEntries(end.outputs)).toMatchObject({
      verdict: 'live',
      reason: 'none',
      live: JSON.stringify(NAMES),
      held: '[]',
      'rolled-back': '[]',
      untouched: '[]',
      unreachable: '[]',
    })
    expect(end.report.run).toMatchObject({ verdict: 'live', mode: 'run', reason: 'none', actor: 'octocat' })
    expect(end.report.hosts.map((h) => h.verdict)).toEqual(['live', 'live', 'live'])
    for (const name of NAMES) expect(end.summary).toContain(name)
  })

  it('leaves every host on the new versions, rebooted once, serving, without anything of the run in the way', async () => {
    for (const [i, host] of lab.hosts.entries()) {
      expect(await host.must('curl -s http://localhost:8080/health')).toBe('demo-web 2.0 ok\n')
      expect(
        await host.must("dpkg-query -W -f '${Package}=${Version} ' demo-web demo-reboot demo-conf pitstop-demo"),
      ).toBe('demo-conf=2.0 demo-reboot=2.0 demo-web=2.0 pitstop-demo=2.0 ')
      expect(await host.bootId()).not.toBe(bootIds[i])
      expect(await host.must('cat /etc/demo-conf.conf')).toBe('colour = mine\n')
      expect((await host.must('systemctl is-system-running')).trim()).toBe('running')
      expect(
        await host.must('ls -A /var/lib/pitstop/undo /etc/systemd/system/demo-web.service.d 2>/dev/null || :'),
      ).toBe('/var/lib/pitstop/undo:\n')
      expect(await host.must('cat /var/lib/pitstop/state')).toContain('touched=false')
      expect(end.host(host.name).reboot).toMatchObject({ needed: 'yes', done: true, bootIdBefore: bootIds[i] })
    }
  })

  it('reports seven stages a host, all done, with packages, a proved backup and the kept configuration file', () => {
    for (const host of end.report.hosts) {
      expect(host.stages.map((s) => s.name)).toEqual(STAGES)
      expect(host.stages.filter((s) => s.outcome === 'failed' || s.outcome === 'interrupted')).toEqual([])
      expect(host.packages.map((p) => `${p.name} ${p.from} ${p.to} ${p.security}`).sort()).toEqual([
        'demo-conf 1.0 2.0 false',
        'demo-reboot 1.0 2.0 false',
        'demo-web 1.0 2.0 false',
        'pitstop-demo 1.0 2.0 true',
      ])
      expect(host.backups.length).toBeGreaterThan(0)
      expect(host.backups.every((b) => b.provedAt !== null)).toBe(true)
      expect(host.findings.map((f) => f.what).join('\n')).toContain('/etc/demo-conf.conf.dpkg-dist')
      expect(host.checks.filter((c) => c.outcome === 'fail' || c.outcome === 'unknown')).toEqual([])
      expect(host.checks.some((c) => c.kind === 'http' && c.when === 'verify' && c.outcome === 'pass')).toBe(true)
    }
  })

  it('takes the canary first, then one after the other', () => {
    expect(end.report.hosts.map((h) => h.wave)).toEqual([0, 1, 2])
    const order = end.events.flatMap((e) =>
      e.type === 'admitted' || (e.type === 'host.ended' && e.host !== null) ? [`${e.host} ${e.type}`] : [],
    )
    expect(order).toEqual(NAMES.flatMap((name) => [`${name} admitted`, `${name} host.ended`]))
  })

  it('never has more than max_unavailable hosts out, seen by a user outside', () => {
    expect(client.mostOutAtOnce()).toBe(1)
    for (const name of NAMES) {
      // One span: neither package scripts nor the reboot started the service in between.
      expect(client.outages().filter((o) => o.host === name).length).toBe(1)
      expect(client.answers(name).at(-1)?.text).toBe('200 demo-web 2.0 ok')
    }
  })

  it('reports a downtime that a user outside saw too', () => {
    for (const host of end.report.hosts) {
      const spans = client.outages().filter((o) => o.host === host.name)
      const seenMs = (spans.at(-1)?.toMs ?? 0) - (spans[0]?.fromMs ?? 0)
      expect(host.downtimeMs).toBeGreaterThan(seenMs - 500)
      // The watch stands between the first good answer and the end of golive at most.
      expect(host.downtimeMs).toBeLessThan(seenMs + 8_000)
    }
    const longest = Math.max(...end.report.hosts.map((h) => h.downtimeMs))
    expect(end.outputs.get('downtime-seconds')).toBe(String(Math.ceil(longest / 1000)))
  })

  it('has an intent in the journal before each touch, numbers that only grow, and ends with the verdict', () => {
    const numbers = end.events.map((e) => e.seq)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    expect(end.events.at(-1)).toMatchObject({ type: 'run.ended', verdict: 'live' })
    for (const name of NAMES) {
      const own = end.events.filter((e) => e.host === name)
      const at = (type: string) => own.findIndex((e) => e.type === type)
      const cleanStep = own.findIndex((e) => e.type === 'step.begun' && (e.stage === 'clean' || e.stage === 'update'))
      expect(at('lease.taken')).toBeLessThan(at('admitted'))
      expect(at('touched')).toBeLessThan(cleanStep)
      expect(at('touched')).toBeGreaterThan(at('admitted'))
      expect(own.findIndex((e) => e.type === 'gate' && e.open)).toBeGreaterThan(cleanStep)
      expect(at('lease.released')).toBeGreaterThan(at('host.ended'))
    }
  })

  it('writes a report that fits the published JSON Schema', () => {
    const ajv = new Ajv2020({ strict: false })
    addFormats.default(ajv)
    const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../schema/report.schema.json'), 'utf8'))
    const written = JSON.parse(readFileSync(end.outputs.get('report') ?? '', 'utf8'))
    expect(ajv.validate(schema, written), ajv.errorsText()).toBe(true)
  })

  it('finds nothing more to do: no drain, no downtime, users notice nothing', async () => {
    await using watcher = new OutsideClient(new Map([['web-1', `http://${lab.host('web-1').address}:8080/health`]]))
    const again = await rig.run({ hosts: 'web-1' })
    expect(again.exitCode, again.log).toBe(0)
    expect(again.host('web-1')).toMatchObject({ verdict: 'live', downtimeMs: 0, packages: [] })
    expect(watcher.saw('web-1')).toEqual(['200 demo-web 2.0 ok'])
  })

  it('post has nothing to do after a run that ended', async () => {
    const post = await end.post()
    expect(post).toMatchObject({ exitCode: 0, lines: [], stderr: '' })
  })

  it('does the same from dist, on Node 24', async () => {
    const node = node24()
    lab
      .host('web-2')
      .offer({ main: ['demo-web=2.0', 'demo-reboot=2.0', 'demo-conf=2.0', 'demo-victim=1.0', 'demo-slow=2.0'] })
    await lab.host('web-2').must('mkdir -p /var/lib/demo-slow && echo 1 >/var/lib/demo-slow/seconds')
    const fromDist = await rig.run({ hosts: 'web-2', node, bundle: join(import.meta.dirname, '../../dist') })
    expect(fromDist.exitCode, fromDist.log).toBe(0)
    expect(fromDist.log).toMatch(/^Pitstop .* on Node v24\./m)
    expect(await lab.host('web-2').must("dpkg-query -W -f '${Version}' demo-slow")).toBe('2.0')
  })
})
