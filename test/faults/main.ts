import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ensureBase } from '../lab/base'
import { installMissingPackages, whyNoLab } from '../lab/machine'
import { reapLeftovers } from '../lab/run-registry'
import { buildBundle } from './build-bundle'
import { Campaign } from './campaign'
import { strikesOf } from './choose'
import { keepPoints, knownPoints } from './known-points'
import { type Options, parseOptions, USAGE } from './options'
import { pageOf } from './page'
import { randomOf } from './random'
import { Results } from './result'
import type { Variant } from './scenario'
import type { StrikeWant } from './strike'

const DEFAULT_FOLDER = join(import.meta.dirname, '../../.lab/faults')

async function strikeAll(options: Options, results: Results): Promise<boolean> {
  const why = whyNoLab()
  if (why !== null) throw new Error(why)
  await installMissingPackages()
  await reapLeftovers()
  await ensureBase()
  const { folder, seed, fleets } = options
  const bundle = await buildBundle(join(folder, `bundle-${process.pid}`))
  await using campaign = await Campaign.start({ bundle, folder, seed, fleets, say: (line) => console.log(line) })
  const points = new Map<Variant, readonly string[]>()
  for (const variant of options.variants) points.set(variant, await campaign.pointsOf(variant))
  keepPoints(folder, points)
  const { faults, variants, at } = options
  const all = strikesOf({ faults, variants, at, points, random: randomOf(seed) })
  const wants = all.filter((want) => options.again || !isDone(want, results)).slice(0, options.count)
  console.log(`${all.length} strikes there are, ${wants.length} now, seed ${seed}, version ${bundle.version}`)
  const done = await campaign.strike(wants, results)
  const broken = done.filter((result) => result.broken.length > 0)
  console.log(`${done.filter((result) => !result.isMissed).length} strikes, ${broken.length} broke a promise`)
  return broken.length === 0 && campaign.failures === 0
}

function isDone(want: StrikeWant, results: Results): boolean {
  return results
    .all()
    .some(
      (r) =>
        r.fault === want.fault?.name &&
        r.point === want.point &&
        r.variant === want.variant &&
        !r.isMissed &&
        r.broken.length === 0,
    )
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2), DEFAULT_FOLDER)
  const folder = resolve(options.folder)
  mkdirSync(folder, { recursive: true })
  const results = new Results(join(folder, 'results.jsonl'))
  const isGood = options.count === 0 || (await strikeAll({ ...options, folder }, results))
  if (options.page !== null) writeFileSync(options.page, pageOf(results.all(), knownPoints(folder)))
  if (!isGood) process.exitCode = 1
}

/** An interrupted campaign leaves no run behind; its labs are taken away by whoever comes next. */
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  console.error(`\n${USAGE}`)
  process.exitCode = 2
})
