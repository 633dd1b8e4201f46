import { expect } from 'vitest'
import { flood, trickle } from '../floods'
import { HOSTILE_TEXT, requirePlainLog } from '../plain-log'
import type { SceneAttack } from '../scene-attack'
import { at, type Turn } from '../turn'

const UNREACHABLE = { must: 'the host is unreachable', verdicts: ['unreachable'] } as const
/** Deadlines of the greeting: twice 30 s. */
const PATIENT_MS = 120_000
const GIB = 2 ** 30

const greeting = (
  id: string,
  does: string,
  act: (turn: Turn) => void,
  more: Partial<SceneAttack> = {},
): SceneAttack => ({
  id: `hello-${id}`,
  where: 'answer',
  does,
  ...UNREACHABLE,
  limitMs: PATIENT_MS,
  rogue: { twist: at('hello', null, act) },
  ...more,
})

const hello = (lines: Readonly<Record<string, string>>) => {
  const whole = { uid: '65534', home: '/nonexistent', machine: 'a1', boot: 'b1', systemd: 'no', ...lines }
  return `${Object.entries(whole)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\nend\n`
}

/** The first question of a connection: who the login is, and which machine. */
export const greetingAttacks: readonly SceneAttack[] = [
  greeting('silent', 'never answers the first question', () => undefined),
  greeting('endless', 'answers the first question without end', (turn) => {
    turn.open()
    void flood(turn, 'stdout', 'x'.repeat(65_536), 2 * GIB)
  }),
  greeting(
    'endless-noise',
    'talks without end before its answer',
    (turn) => void flood(turn, 'stdout', `${'motd '.repeat(9_000)}\n`, 2 * GIB),
  ),
  greeting('endless-beside', 'talks without end beside its answer', (turn) => {
    turn.open()
    void flood(turn, 'stderr', 'x'.repeat(65_536), 2 * GIB)
  }),
  greeting('almost-marks', 'repeats what looks like the mark of the end', (turn) => {
    turn.open()
    void flood(turn, 'stdout', `#${turn.token.slice(0, -1)} 0\n`.repeat(500), 256 * 2 ** 20)
  }),
  greeting('trickle', 'answers a byte a second', (turn) => {
    turn.open()
    trickle(turn, 'uid=0\n', 1_000)
  }),
  greeting('no-marks', 'answers without marks', (turn) => void turn.channel.write(hello({}))),
  greeting('foreign-marks', 'answers between marks of its own', (turn) => {
    turn.channel.write(`\n@${'0'.repeat(32)}\n${hello({})}#${'0'.repeat(32)} 0\n`)
  }),
  greeting('one-mark', 'ends its answer on one stream only', (turn) => {
    turn.open()
    turn.channel.write(`${hello({})}#${turn.token} 0\n`)
  }),
  greeting('no-code', 'ends without an exit code', (turn) => turn.answer(hello({}), 'x')),
  greeting('long-code', 'ends with an exit code of a thousand digits', (turn) =>
    turn.answer(hello({}), '0'.repeat(1_000)),
  ),
  greeting('fails', 'fails', (turn) => turn.answer(hello({}), 1)),
  greeting('no-uid', 'has no user', (turn) => turn.answer(hello({ uid: '' }))),
  greeting('uid-text', 'has a user that is no number', (turn) => turn.answer(hello({ uid: '0; id' }))),
  greeting('uid-long', 'has a user of a thousand digits', (turn) => turn.answer(hello({ uid: '9'.repeat(1_000) }))),
  greeting('cut', 'has no end', (turn) => turn.answer(hello({}).replace('end\n', ''))),
  greeting('binary', 'answers random bytes', (turn) => turn.answer(Buffer.alloc(4_096, 0xfe))),
  greeting('closes-channel', 'closes the channel in its answer', (turn) => {
    turn.open()
    turn.channel.close()
  }),
  greeting('hangs-up', 'hangs up in its answer', (turn) => {
    turn.open()
    turn.hangUp()
  }),
  greeting(
    'twin',
    'says that it is the same machine as another host',
    (turn) => turn.changed((said) => said.toString().replace(/machine=.*/, 'machine=00000000000000000000000000000000')),
    { must: 'the other host is maintained', verdicts: ['live', 'untouched'] },
  ),
  greeting(
    'machine-text',
    'has a machine id of terminal sequences',
    (turn) =>
      turn.changed((said) => said.toString().replace(/machine=.*/, `machine=${HOSTILE_TEXT.replaceAll('\n', '')}`)),
    { must: 'it is not shown', verdicts: ['live', 'untouched'], also: (_, outcome) => requirePlainLog(outcome.log) },
  ),
  greeting(
    'boot-changes',
    'has another boot id each time',
    (turn) => turn.changed((said) => said.toString().replace(/boot=.*/, `boot=b${turn.nth}`)),
    { must: 'the host has its verdict', verdicts: ['live', 'held', 'untouched'] },
  ),
  greeting(
    'root',
    'says that the login is root',
    (turn) => turn.changed((said) => said.toString().replace(/uid=.*/, 'uid=0')),
    {
      must: 'nothing more is sent than to root: the host has its verdict',
      verdicts: ['untouched', 'held', 'live'],
      also: (scene) => expect(scene.host('lb-1').logins).toBe(0),
    },
  ),
]
