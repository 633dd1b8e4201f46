import { join } from 'node:path'
import type { Bundle } from './build-bundle'
import { Fleet } from './fleet'
import { judge } from './judge'
import { withMoments } from './moments'
import { oneStrike } from './one-strike'
import { pointsOf } from './point'
import type { Result, Results } from './result'
import type { Variant } from './scenario'
import { type StrikeWant, strike, workspaceOf } from './strike'

export interface CampaignWant {
  readonly bundle: Bundle
  readonly folder: string
  readonly seed: number
  readonly fleets: number
  readonly say: (line: string) => void
}

const MOST_FAILURES = 5

/** Labs that are up, each with a strike at a time. */
export class Campaign implements AsyncDisposable {
  readonly #want: CampaignWant
  readonly #fleets: readonly Fleet[]
  #failures = 0

  private constructor(want: CampaignWant, fleets: readonly Fleet[]) {
    this.#want = want
    this.#fleets = fleets
  }

  static async start(want: CampaignWant): Promise<Campaign> {
    const fleets: Fleet[] = []
    for (let i = 0; i < want.fleets; i++) fleets.push(await Fleet.start())
    return new Campaign(want, fleets)
  }

  /** The events of a run that nobody strikes, in order, and the moments between them. @throws where that run does not keep every promise */
  async pointsOf(variant: Variant): Promise<readonly string[]> {
    const [fleet] = this.#fleets
    if (fleet === undefined) throw new Error('a campaign without a lab')
    const want = { variant, fault: null, point: null, isBroken: false, secondMode: 'recover', alone: true } as const
    const { record } = await strike(want, fleet, this.#want.bundle.folder, this.#workspace(0))
    const broken = record === null ? [] : judge(record)
    const points = pointsOf(record?.first.journal.events ?? [])
    if (broken.length === 0 && points.includes('host.ended')) return withMoments(points)
    const why = broken.map(({ promise, sentence }) => `${promise}: ${sentence}`).join('; ')
    throw new Error(`a ${variant} run without a strike is not as it should be: ${why}`)
  }

  /** All of `wants`, in order as labs come free. Each result is kept and told at once. */
  async strike(
    wants: readonly StrikeWant[],
    results: Pick<Results, 'add'>,
    bundle: Bundle = this.#want.bundle,
  ): Promise<readonly Result[]> {
    const queue = [...wants]
    const done: Result[] = []
    await Promise.all(
      this.#fleets.map(async (fleet, i) => {
        for (let want = queue.shift(); want !== undefined; want = queue.shift()) {
          const result = await this.#one(want, fleet, i, bundle)
          if (result === null) continue
          results.add(result)
          done.push(result)
          this.#want.say(lineOf(result, done.length, wants.length))
        }
      }),
    )
    return done
  }

  /** null: the harness itself failed. That is told, and no result. */
  async #one(want: StrikeWant, fleet: Fleet, number: number, bundle: Bundle): Promise<Result | null> {
    try {
      return await oneStrike(want, {
        fleet,
        bundle: bundle.folder,
        workspace: this.#workspace(number),
        evidence: join(this.#want.folder, 'evidence'),
        seed: this.#want.seed,
        version: bundle.version,
      })
    } catch (error) {
      this.#failures += 1
      this.#want.say(`HARNESS: ${want.variant} ${want.fault?.name} at ${want.point}: ${String(error)}`)
      if (this.#failures > MOST_FAILURES) throw error
      return null
    }
  }

  /** Strikes that the harness could not carry out. */
  get failures(): number {
    return this.#failures
  }

  #workspace(number: number): string {
    return workspaceOf(this.#want.folder, number)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#fleets.map((fleet) => fleet[Symbol.asyncDispose]()))
  }
}

function lineOf(result: Result, count: number, of: number): string {
  const what = `${result.variant} ${result.fault} at ${result.point}${result.isBroken ? ', broken update' : ''}, then ${result.secondMode}`
  const how = result.isMissed ? 'missed' : `${result.firstVerdict ?? 'killed'} → ${result.secondVerdict}`
  const bad = result.broken.map(({ promise, sentence }) => `\n  BROKEN ${promise}: ${sentence}`).join('')
  const where = result.evidence === null ? '' : `\n  evidence: ${result.evidence}`
  return `[${count}/${of}] ${what}: ${how}, ${result.seconds} s${bad}${where}`
}
