import { flood } from '../floods'
import { HOSTILE_TEXT, requirePlainLog } from '../plain-log'
import type { SceneAttack } from '../scene-attack'
import { at, type Turn } from '../turn'

const ANY = ['live', 'untouched', 'held', 'unreachable'] as const

/** Meets the start of every program. */
const records = (
  id: string,
  does: string,
  act: (turn: Turn) => void,
  more: Partial<SceneAttack> = {},
): SceneAttack => ({
  id: `record-${id}`,
  where: 'record',
  does,
  must: 'the step failed or is unknown, the host is not live',
  verdicts: ['untouched', 'held', 'unreachable'],
  limitMs: 180_000,
  rogue: { twist: at('start', null, act) },
  ...more,
})

const HEAD = 'pitstop 1 r p b 1.00\n'
const says = (id: string, does: string, text: string, more: Partial<SceneAttack> = {}) =>
  records(id, does, (turn) => turn.answer(text), more)

/** Begins honestly as far as anybody can tell, then pours `chunk`. */
const pours = (
  id: string,
  does: string,
  text: string,
  chunk: string | Buffer,
  stream: 'stdout' | 'stderr' = 'stdout',
) =>
  records(id, does, (turn) => {
    turn.open()
    turn.channel.write(text)
    void flood(turn, stream, chunk, 2 ** 31)
  })

function printMuch(turn: Turn, chunk: string): void {
  turn.open()
  turn.channel.write(`${HEAD}begin 0 1.00\n`)
  const bytes = 40 * 2 ** 20
  void flood(turn, 'stderr', chunk, bytes).then(() => {
    turn.channel.write(`end 0 3 1.00 ${bytes}\nover 0\n`)
    turn.close()
  })
}

export const recordAttacks: readonly SceneAttack[] = [
  says('none', 'runs no program, and says that it ended well', ''),
  says('no-space', 'says that its disk is full', 'nospace\n'),
  says('lease-lost', 'says that another run has the lease', `${HEAD}lease-lost\nover 0\n`),
  says('no-secrets', 'says that it has no memory for secrets', 'nosecrets\n'),
  says('over-at-once', 'is over before its first step', `${HEAD}over 99\n`),
  says('over-short', 'is over after none of its steps', `${HEAD}over 0\n`),
  says('begin-twice', 'begins a step twice', `${HEAD}begin 0 1.00\nbegin 0 1.00\nend 0 0 1.00 0\nover 1\n`),
  says('begin-later', 'begins with a later step', `${HEAD}begin 3 1.00\nend 3 0 1.00 0\nover 4\n`),
  says('end-first', 'ends a step that never began', `${HEAD}end 0 0 1.00 0\nover 1\n`),
  says('end-unknown', 'ends a step that nobody sent', `${HEAD}begin 0 1.00\nend 999 0 1.00 0\nover 1\n`),
  says('code-huge', 'ends a step with code 999', `${HEAD}begin 0 1.00\nend 0 999 1.00 0\nover 1\n`),
  says('code-negative', 'ends a step with a negative code', `${HEAD}begin 0 1.00\nend 0 -1 1.00 0\nover 1\n`),
  says('code-text', 'ends a step with a word for a code', `${HEAD}begin 0 1.00\nend 0 ok 1.00 0\nover 1\n`),
  says('forged-word', 'writes a record of its own making', `${HEAD}begin 0 1.00\nrun rm\nend 0 0 1.00 0\nover 1\n`),
  says('back-in-time', 'ends a step before it began', `${HEAD}begin 0 99.00\nend 0 0 1.00 0\nover 1\n`),
  says(
    'printed-huge',
    'has printed more than will ever come',
    `${HEAD}begin 0 1.00\nend 0 0 1.00 999999999999999\nover 1\n`,
    { verdicts: ANY, must: 'the host has its verdict' },
  ),
  says(
    'data-unasked',
    'hands over data of a step that has none',
    `${HEAD}begin 0 1.00\ndata 7 5 0\nhello\nend 0 0 1.00 0\nover 1\n`,
  ),
  says('data-cut', 'hands over less data than it says', `${HEAD}begin 0 1.00\ndata 0 5000 0\nshort\n`),
  says('no-head', 'has no first record', 'begin 0 1.00\nend 0 0 1.00 0\nover 1\n'),
  says('text', 'writes records in terminal sequences', `${HEAD}${HOSTILE_TEXT}\nover 1\n`, {
    also: (_, outcome) => requirePlainLog(outcome.log),
  }),
  records('hang-up', 'hangs up whenever a program is begun', (turn) => turn.hangUp(), { limitMs: 240_000 }),
  pours('endless-begins', 'begins steps without end', HEAD, 'begin 0 1.00\n'.repeat(4_000)),
  pours(
    'endless-pairs',
    'begins and ends the first step without end',
    HEAD,
    'begin 0 1.00\nend 0 0 1.00 0\n'.repeat(2_000),
  ),
  pours('endless-ends', 'ends steps without end', `${HEAD}begin 0 1.00\n`, 'end 0 0 1.00 0\n'.repeat(4_000)),
  pours('endless-heads', 'writes its first record without end', '', HEAD.repeat(3_000)),
  pours(
    'endless-waiting',
    'queues records that wait for output which never comes',
    `${HEAD}begin 0 1.00\nend 0 0 1.00 999999999999999\n`,
    'begin 1 1.00\nend 1 0 1.00 999999999999999\n'.repeat(1_500),
  ),
  pours(
    'endless-data',
    'hands over one frame of data after another',
    `${HEAD}begin 0 1.00\n`,
    `data 0 1000 0\n${'x'.repeat(1000)}\n`.repeat(60),
  ),
  pours('line-without-end', 'writes a record without end', HEAD, 'x'.repeat(65_536)),
  pours(
    'frame-giant',
    'announces a frame of a million million bytes',
    `${HEAD}begin 0 1.00\ndata 0 999999999999 0\n`,
    'x'.repeat(65_536),
  ),
  pours('zeros', 'writes zeros without end', HEAD, Buffer.alloc(65_536)),
  records('live-endless', 'prints 40 MB, and fails', (turn) => printMuch(turn, `${'x'.repeat(4_000)}\n`.repeat(16))),
  records('live-line', 'prints one line of 40 MB, and fails', (turn) => printMuch(turn, 'x'.repeat(65_536))),
  records(
    'live-text',
    'prints terminal sequences, workflow commands and markup',
    (turn) => {
      turn.channel.stderr.write(`\n@${turn.token}\n`)
      turn.channel.stderr.write(`${HOSTILE_TEXT}\n`.repeat(50))
      turn.channel.stderr.write(`#${turn.token} 0\n`)
      turn.channel.write(`\n@${turn.token}\n${HEAD}begin 0 1.00\nend 0 3 1.00 0\nover 0\n#${turn.token} 0\n`)
    },
    { also: (_, outcome) => requirePlainLog(outcome.log) },
  ),
]
