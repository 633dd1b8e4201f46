import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { PROMISES, type Promised } from '../faults/broken'
import { buildBundle } from '../faults/build-bundle'
import { Campaign } from '../faults/campaign'
import { strikesOf } from '../faults/choose'
import { FAULTS } from '../faults/faults'
import { sigkill } from '../faults/faults-of-runner'
import { randomOf } from '../faults/random'
import type { Result } from '../faults/result'
import { VARIANTS, type Variant } from '../faults/scenario'
import { labFolder } from '../lab/base'
import { describeOnLab } from '../lab/describe-on-lab'

const STRIKES = 30
const SEED = 20
/** What takes minutes is left to the whole campaign. */
const LONGEST_SECONDS = 20

describeOnLab('thirty strikes of the fault campaign, judged from outside', () => {
  let campaign: Campaign
  const results: Result[] = []

  beforeAll(async () => {
    const bundle = { folder: inject('bundle'), version: 'sources' }
    const folder = join(labFolder, 'faults-of-test')
    campaign = await Campaign.start({ bundle, folder, seed: SEED, fleets: 2, say: (line) => console.log(line) })
    const points = new Map<Variant, readonly string[]>()
    for (const variant of VARIANTS) points.set(variant, await campaign.pointsOf(variant))
    const faults = FAULTS.filter((fault) => fault.slowSeconds < LONGEST_SECONDS)
    const all = strikesOf({ faults, variants: VARIANTS, at: null, points, random: randomOf(SEED) })
    await campaign.strike(all.slice(0, STRIKES), { add: (result) => results.push(result) })
  }, 1_800_000)
  afterAll(async () => campaign?.[Symbol.asyncDispose]())

  it('strikes while the run is at work', () => {
    expect(campaign.failures).toBe(0)
    expect(results).toHaveLength(STRIKES)
    // A run may be over, or a host down, just before the fault comes.
    expect(results.filter((result) => result.isMissed).length).toBeLessThanOrEqual(3)
    expect(new Set(results.map((result) => result.fault)).size).toBeGreaterThanOrEqual(10)
  })

  it('sees a gate that never shuts: users meet the broken service, and the verdict lies', async () => {
    const folder = join(labFolder, 'faults-of-test')
    const gate = {
      file: 'gate/gate.ts',
      from: "['pass', 'warn', 'skipped']",
      to: "['pass', 'warn', 'skipped', 'fail']",
    }
    const bundle = await buildBundle(join(folder, 'bundle-without-gate'), gate)
    const want = { variant: 'gate', fault: sigkill, point: 'stage.ended update', isBroken: true } as const
    const [result] = await campaign.strike([{ ...want, secondMode: 'recover', alone: true }], { add: () => {} }, bundle)
    expect(result?.broken.map((one) => one.promise)).toEqual(expect.arrayContaining(['traffic', 'verdict']))
  })

  it.each(Object.keys(PROMISES) as Promised[])('keeps the promise of %s under every fault', (promise) => {
    const broken = results.flatMap((r) =>
      r.broken
        .filter((one) => one.promise === promise)
        .map((one) => `${r.variant} ${r.fault} at ${r.point}: ${one.sentence} (${r.evidence})`),
    )
    expect(broken, PROMISES[promise]).toEqual([])
  })
})
