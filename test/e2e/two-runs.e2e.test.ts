import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeOnLab } from '../lab/describe-on-lab'
import { type Lab, startLab } from '../lab/lab'
import { OutsideClient } from './outside-client'
import { Rig, type RunEnd } from './rig'

const NAMES = ['web-1', 'web-2', 'web-3'] as const

describeOnLab('two runs of two workflows at once, on hosts of one group', () => {
  let lab: Lab
  let version = 1

  beforeAll(async () => {
    lab = await startLab([...NAMES])
  })
  afterAll(async () => lab?.[Symbol.asyncDispose]())

  /** Both workflows have a checkout of their own of the same file, and start together. */
  async function together(...hosts: readonly [string, string]) {
    version += 1
    for (const name of NAMES) lab.host(name).offer({ main: [`demo-web=${version === 2 ? '2.0' : '1.0'}`] })
    await using one = await Rig.make(lab)
    await using two = await Rig.make(lab)
    for (const rig of [one, two])
      await rig.write(NAMES, {
        rollout: { canary: 0, batch: 3, max_unavailable: 1 },
        stages: { drain: { when: 'always' } },
      })
    const client = new OutsideClient(
      new Map(NAMES.map((name) => [name, `http://${lab.host(name).address}:8080/health`])),
    )
    const ends = await Promise.all([one.run({ hosts: hosts[0] }), two.run({ hosts: hosts[1] })])
    await client[Symbol.asyncDispose]()
    return { ends, client }
  }

  /** Verdicts that the users can confirm: a host is live or was left alone, and says by which rule. */
  function judge({ ends, client }: { ends: readonly RunEnd[]; client: OutsideClient }): void {
    const log = ends.map((end) => end.log).join('\n\n')
    expect(client.mostOutAtOnce(), log).toBeLessThanOrEqual(1)
    for (const { host, report } of ends) {
      for (const { name } of report.hosts) {
        const { verdict, rule } = host(name)
        if (verdict === 'untouched') expect(['lease', 'rollout.max_unavailable'], log).toContain(rule?.name)
        else expect(verdict, log).toBe('live')
      }
    }
    // Every host that was out was out once, and by the run that says so.
    for (const name of NAMES) {
      const worked = ends.filter((end) => end.report.hosts.some((h) => h.name === name && h.verdict === 'live')).length
      expect(
        client.outages().filter((o) => o.host === name),
        log,
      ).toHaveLength(worked)
      expect(client.outages().find((o) => o.host === name)?.toMs, log).not.toBe(null)
    }
  }

  it('different hosts: never more than max_unavailable of them are out together', async () => {
    judge(await together('web-1', 'web-2'))
  })

  it('overlapping hosts: each is in the hands of one run, and the budget counts both', async () => {
    judge(await together('web-1,web-2', 'web-2,web-3'))
  })
})
