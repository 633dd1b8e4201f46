import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Attack } from './attack'
import type { PayloadKind } from './payloads'
import { RogueDisk } from './rogue-disk'
import type { RogueOptions } from './rogue-host'
import { type Outcome, runScene } from './run-scene'
import { Scene, type SceneName, WORDS } from './scene'

/** An attack by a host that runs the whole protocol, against the command as a user starts it. */
export interface SceneAttack extends Attack {
  readonly rogue?: Partial<RogueOptions>
  readonly disk?: (disk: RogueDisk, scene: Scene) => void
  /** Who is hostile; left out: web-1. `lb-1`: the helper at which the traffic of web-1 is led away. */
  readonly by?: SceneName
  /** The run is cancelled once the hostile host was given that. */
  readonly cancelAt?: PayloadKind
  readonly mode?: 'run' | 'plan' | 'recover' | 'verify'
  /** What the hostile host may end as. */
  readonly verdicts: readonly string[]
  /** Left out: 60 s. */
  readonly limitMs?: number
  /** Beyond what every attack must leave whole. */
  readonly also?: (scene: Scene, outcome: Outcome) => void
}

/** Far above what an honest fleet of this size costs (100 MB), far below what a host could make of it. */
const MOST_MEMORY_MB = 400
const MOST_DEAF_MS = 3_000

/** Text that an attack wants to see run, or shown, where it must not be. */
export const CANARY = 'canary-9f2c'

export async function carryOutAttack(attack: SceneAttack, bundle: string): Promise<void> {
  const by = attack.by ?? 'web-1'
  await using scene = await Scene.start({ [by]: attack.rogue ?? {} })
  attack.disk?.(new RogueDisk(scene.stateOf(by)), scene)
  scene.settleDisk()
  const { mode = 'run', limitMs = 60_000, cancelAt } = attack
  const isGiven = () => scene.host(by).payloads.some((payload) => payload.kind === cancelAt)
  const limits = { mode, limitMs, ...(cancelAt === undefined ? {} : { cancelOnce: isGiven }) }
  const outcome = await runScene(scene, bundle, limits)
  const about = outcome.log.slice(-4_000)
  requireBounded(outcome, about)
  requireAlone(scene, by, outcome, about)
  if (mode === 'plan') expect(outcome.report?.run.verdict, about).toBe('planned')
  else expect(attack.verdicts, about).toContain(outcome.verdictOf(by === 'lb-1' ? 'web-1' : by))
  attack.also?.(scene, outcome)
}

function requireBounded({ isLate, code, peakMb, busiestMs, report }: Outcome, about: string): void {
  expect(isLate, `it did not end in its time\n${about}`).toBe(false)
  expect(code, about).not.toBeNull()
  expect(peakMb, about).toBeLessThan(MOST_MEMORY_MB)
  expect(busiestMs, about).toBeLessThan(MOST_DEAF_MS)
  expect(report, about).not.toBeNull()
}

/** Nothing of the attack reached the runner's files or another host, and every host has its verdict. */
function requireAlone(scene: Scene, by: SceneName, outcome: Outcome, about: string): void {
  expect(outcome.strays, about).toEqual([])
  const hosts = outcome.report?.hosts ?? []
  expect(hosts.filter((host) => host.verdict === null && outcome.report?.run.mode !== 'plan')).toEqual([])
  if (outcome.report?.run.mode === 'run' && !outcome.isCancelled) expect(outcome.verdictOf('web-2'), about).toBe('live')
  if (outcome.report?.run.mode !== 'plan' && by !== 'db-1') expect(scene.host('db-1').logins, 'db-1 was asked').toBe(0)
  expect(askedOfRunner(scene), `the runner was asked to do what ${by} said`).not.toContain(CANARY)
  for (const [name, host] of scene.hosts) {
    const asked = host.payloads.map((payload) => payload.body).join('\n')
    if (name !== by) expect(asked, `${name} was asked to do what ${by} said`).not.toContain(CANARY)
    if (name === by) for (const word of foreignWords(by)) expect(asked, `${by} was told a secret`).not.toContain(word)
  }
}

/** What the runner was given to run as a place of its own: its programs lie in the report folder. */
function askedOfRunner(scene: Scene): string {
  const folder = join(scene.workspace, 'pitstop-report/runner')
  if (!existsSync(folder)) return ''
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))
  return paths
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n')
}

/** Secrets of other groups. */
function foreignWords(by: SceneName): readonly string[] {
  const own = { 'web-1': 'BAD_WORD', 'web-2': 'GOOD_WORD', 'db-1': 'DB_WORD', 'lb-1': '' }[by]
  return Object.entries(WORDS).flatMap(([name, word]) => (name === own ? [] : [word]))
}
