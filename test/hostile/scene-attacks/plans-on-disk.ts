import { join } from 'node:path'
import type { Where } from '../attack'
import { forgedNote, forgedPlan, planted } from '../forged-notes'
import type { RogueDisk } from '../rogue-disk'
import type { Scene } from '../scene'
import type { SceneAttack } from '../scene-attack'

const ANY = ['live', 'untouched', 'held', 'unreachable', 'rolled-back'] as const
const SECRET = { WORD: '${env:DB_WORD}' }

type Acts = (on: string, run: string) => Readonly<Record<string, object>>

const command = (on: string, run: string) => ({ run, on, timeout: 10_000, required: true, always: true, env: SECRET })

/** The ways in which a plan can say that something is to be done somewhere. */
const ACTS: Readonly<Record<string, readonly [string, Acts]>> = {
  driver: [
    'a traffic driver',
    (on, run) => ({
      drain: { traffic: [{ command: { on, drain: run, undrain: run, state: run, timeout: 10_000, env: SECRET } }] },
    }),
  ],
  hook: [
    'a hook',
    (on, run) => ({
      update: { after: [command(on, run)] },
      verify: { before: [command(on, run)] },
      golive: { after: [command(on, run)] },
    }),
  ],
  check: [
    'a check',
    (on, run) => ({ verify: { checks: [{ command: { name: 'x', run, on, timeout: 10_000, env: SECRET } }] } }),
  ],
  app: [
    'an application',
    (on, run) => ({
      update: {
        apps: [{ name: 'app', run, on, version: run, rollback: run, reversible: true, timeout: 10_000, env: SECRET }],
      },
    }),
  ],
}

const PLACES = ['runner', 'db-1', 'web-2', 'lb-1'] as const

/** State of a run that is gone, in the middle of that stage. */
const LEFT = {
  drained: { phase: 'drain', drained: true, touched: false },
  changed: { phase: 'update', drained: true, touched: true },
  held: { phase: 'held', drained: true, touched: true },
} as const

function plant(
  disk: RogueDisk,
  scene: Scene,
  left: keyof typeof LEFT,
  stages: (run: string) => Readonly<Record<string, object>>,
): void {
  disk.state(LEFT[left])
  const plan = forgedPlan(stages(planted(join(scene.runner, 'a'))))
  disk
    .note('drain-1', forgedNote({ plan }))
    .records('drain-1', 'pitstop 1 OLD drain-1 b 1.00\nbegin 0 1.00\nend 0 0 1.00 0\nover 1\n')
}

function planned(kind: string, place: string, left: keyof typeof LEFT, mode: 'run' | 'recover'): SceneAttack {
  const [what, acts] = ACTS[kind] ?? ['', () => ({})]
  return {
    id: `note-${kind}-${place}-${left}-${mode}`,
    where: 'note' satisfies Where,
    does: `is ${left}, and notes a plan with ${what} on ${place}, which ${mode} meets`,
    must: `nothing of it is done on ${place}`,
    verdicts: ANY,
    mode,
    disk: (disk, scene) => plant(disk, scene, left, (run) => acts(place, run)),
  }
}

const kinds = Object.keys(ACTS)

/** What a note may say of other places than its host: nothing of it is ever done there. */
export const planAttacks: readonly SceneAttack[] = [
  ...kinds.flatMap((kind) => PLACES.map((place) => planned(kind, place, 'changed', 'recover'))),
  ...PLACES.map((place) => planned('driver', place, 'drained', 'run')),
  ...PLACES.map((place) => planned('driver', place, 'held', 'run')),
  ...kinds.map((kind) => planned(kind, 'host', 'changed', 'run')),
]
