import { expect } from 'vitest'
import { flood } from '../floods'
import { HOSTILE_TEXT, requirePlainLog } from '../plain-log'
import { CANARY, type SceneAttack } from '../scene-attack'
import { at, type Turn } from '../turn'

const ANY = ['live', 'untouched', 'held', 'unreachable', 'rolled-back'] as const
const NOT_LIVE = ['untouched', 'held', 'unreachable'] as const
const PATIENT_MS = 240_000

/** By the helper at which the traffic of web-1 is led away. */
function helper(id: string, does: string, more: Partial<SceneAttack>): SceneAttack {
  return {
    id: `helper-${id}`,
    where: 'helper',
    does: `as the helper of web-1: ${does}`,
    must: 'web-1 has its verdict, web-2 is live',
    verdicts: NOT_LIVE,
    by: 'lb-1',
    limitMs: PATIENT_MS,
    ...more,
  }
}

const pours = (turn: Turn) => {
  turn.open()
  void flood(turn, 'stdout', 'x'.repeat(65_536), 2 ** 31)
}

export const helperAttacks: readonly SceneAttack[] = [
  helper('silent', 'never answers', { rogue: { twist: () => undefined } }),
  helper('endless-hello', 'greets without end', { rogue: { twist: at('hello', null, pours) } }),
  helper('endless-answer', 'answers without end where traffic goes', {
    rogue: { twist: at('questions', null, pours) },
  }),
  helper('endless-records', 'tells without end how it leads traffic away', {
    rogue: { twist: at('start', null, pours) },
  }),
  helper('lies', 'says that it led traffic away, and did not', {
    rogue: { twist: at('start', null, (turn) => turn.answer('')) },
  }),
  helper('text', 'says in terminal sequences where traffic goes', {
    rogue: {
      twist: at('questions', null, (turn) =>
        turn.answer(`0 ${Buffer.byteLength(HOSTILE_TEXT) + 2}\n${HOSTILE_TEXT}x0\nover\n`),
      ),
    },
    also: (_, outcome) => requirePlainLog(outcome.log),
  }),
  helper('hang-up', 'hangs up whenever traffic is to be led away', {
    rogue: { twist: at('start', null, (turn) => turn.hangUp()) },
  }),
  helper('lease', 'says that its lease is held for ever', {
    rogue: { twist: at('lease', null, (turn) => turn.answer('safe\nheld 1 OTHER -\n')) },
  }),
  helper('undos', 'keeps undos that name other hosts', {
    disk: (disk) =>
      disk
        .undo('000001-0000-web-2-drain-1-0.sh', `# x\n# dead-man yes\necho ${CANARY}`)
        .undo('000001-0001-db-1-drain-1-0.sh', `echo ${CANARY}`),
    verdicts: ANY,
  }),
  helper('state', 'keeps a state as if it were a target', {
    disk: (disk) => disk.state({ phase: 'update', touched: true, drained: true }),
    verdicts: ANY,
  }),
]

/** What only looks meets the same hosts. */
function looks(mode: 'plan' | 'verify', id: string, does: string, twist: SceneAttack['rogue']): SceneAttack {
  return {
    id: `${mode}-${id}`,
    where: 'answer',
    does: `${does}, in mode ${mode}`,
    must: 'the mode ends with a report',
    mode,
    verdicts: ANY,
    limitMs: PATIENT_MS,
    ...(twist === undefined ? {} : { rogue: twist }),
    also: (_, outcome) => requirePlainLog(outcome.log),
  }
}

export const lookAttacks: readonly SceneAttack[] = (['plan', 'verify'] as const).flatMap((mode) => [
  looks(mode, 'endless-hello', 'greets without end', { twist: at('hello', null, pours) }),
  looks(mode, 'endless-answer', 'answers without end', { twist: at('questions', null, pours) }),
  looks(mode, 'frame-giant', 'announces an answer of a million million bytes', {
    twist: at('questions', null, (turn) => {
      turn.open()
      turn.channel.write('0 999999999999\n')
      void flood(turn, 'stdout', Buffer.alloc(65_536), 2 ** 31)
    }),
  }),
  looks(mode, 'text', 'answers in terminal sequences', {
    twist: at('questions', null, (turn) =>
      turn.changed((said) => said.toString('latin1').replace(/[a-z]{4,}/g, (word) => `\x1b[2J${word.slice(4)}`)),
    ),
  }),
  looks(mode, 'hang-up', 'hangs up at the first question', { twist: at('questions', 0, (turn) => turn.hangUp()) }),
])

/** Who cancels is not kept waiting by a host. */
const cancelled = (id: string, does: string, cancelAt: NonNullable<SceneAttack['cancelAt']>): SceneAttack => ({
  id: `cancel-${id}`,
  where: 'answer',
  does: `${does}, while the run is cancelled`,
  must: 'the run ends at once, with a report',
  cancelAt,
  verdicts: [...ANY],
  rogue: { twist: at(cancelAt, null, () => undefined) },
  also: (_, outcome) => expect(outcome.isCancelled).toBe(true),
})

export const cancelAttacks: readonly SceneAttack[] = [
  cancelled('hello', 'never greets', 'hello'),
  cancelled('lease', 'never gives its lease', 'lease'),
  cancelled('questions', 'never answers', 'questions'),
  cancelled('start', 'never begins a program', 'start'),
]
