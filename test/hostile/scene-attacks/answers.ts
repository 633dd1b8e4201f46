import { flood } from '../floods'
import { HOSTILE_TEXT, requirePlainLog } from '../plain-log'
import type { SceneAttack } from '../scene-attack'
import { at, type Turn } from '../turn'

const NOT_LIVE = ['untouched', 'held', 'unreachable'] as const
const ANY = ['live', ...NOT_LIVE] as const

/** Meets every list of questions. */
const answers = (
  id: string,
  does: string,
  act: (turn: Turn) => void,
  more: Partial<SceneAttack> = {},
): SceneAttack => ({
  id: `answer-${id}`,
  where: 'answer',
  does,
  must: 'what was asked is unknown, the host is not begun',
  verdicts: NOT_LIVE,
  limitMs: 180_000,
  rogue: { twist: at('questions', null, act) },
  ...more,
})

const frame = (index: number | string, out: string, rc: number | string = 0) => {
  const body = `${out}x${rc}`
  return `${index} ${Buffer.byteLength(body)}\n${body}\n`
}

/** The same output for each question, whatever it was. */
const all = (out: string, rc: number | string = 0, over = 'over\n') =>
  `${Array.from({ length: 60 }, (_, i) => frame(i, out, rc)).join('')}${over}`

const changed = (id: string, does: string, change: (text: string) => string, more: Partial<SceneAttack> = {}) =>
  answers(id, does, (turn) => turn.changed((said) => Buffer.from(change(said.toString('latin1')), 'latin1')), more)

/** What a host answers to questions. */
export const answerAttacks: readonly SceneAttack[] = [
  answers('nothing', 'answers no question', (turn) => turn.answer('')),
  answers('only-over', 'says that it has answered, and has not', (turn) => turn.answer('over\n')),
  answers('endless', 'answers questions without end', (turn) => {
    turn.open()
    void flood(turn, 'stdout', Buffer.alloc(65_536, 0x78), 2 ** 31)
  }),
  answers('frames-endless', 'answers one question again and again', (turn) => {
    turn.open()
    void flood(turn, 'stdout', frame(0, 'in\n').repeat(3_000), 2 ** 31)
  }),
  answers('frame-giant', 'announces an answer of a million million bytes', (turn) => {
    turn.open()
    turn.channel.write('0 999999999999\n')
    void flood(turn, 'stdout', Buffer.alloc(65_536, 0x78), 2 ** 31)
  }),
  answers('frame-too-long', 'announces more bytes than come', (turn) => turn.answer('0 5000\nshort\nover\n')),
  answers('frame-negative', 'announces a negative number of bytes', (turn) => turn.answer('0 -5\nx0\nover\n')),
  answers('unasked', 'answers questions that nobody asked', (turn) => turn.answer(`${frame(999_999, 'in\n')}over\n`)),
  answers('codes-huge', 'ends every command with code 999', (turn) => turn.answer(all('', 999))),
  answers('codes-text', 'ends every command with a word for a code', (turn) => turn.answer(all('', 'zero'))),
  answers('codes-missing', 'ends every command without a code', (turn) => turn.answer(all('', ''))),
  answers('fails', 'fails every command', (turn) => turn.answer(all('', 1))),
  answers('succeeds', 'says of every command that it went well, and prints nothing', (turn) => turn.answer(all(''))),
  answers('binary', 'answers every question in bytes that are no text', (turn) =>
    turn.answer(Buffer.from(all('\x00\xff\xfe'), 'latin1')),
  ),
  answers('numbers', 'answers every question by a number too long for any number', (turn) =>
    turn.answer(all('9'.repeat(5_000))),
  ),
  answers('json-deep', 'answers every question in JSON a hundred thousand levels deep', (turn) =>
    turn.answer(all('['.repeat(100_000))),
  ),
  answers('prototype', 'answers every question in JSON that names __proto__', (turn) =>
    turn.answer(all('{"__proto__":{"ok":true,"value":[]}}')),
  ),
  answers('blanks', 'answers every question by 100 kB of blanks', (turn) => turn.answer(all(' '.repeat(100_000)))),
  answers('lines', 'answers every question by 50,000 empty lines', (turn) => turn.answer(all('\n'.repeat(50_000)))),
  answers('columns', 'answers every question by a line of 50,000 columns', (turn) =>
    turn.answer(all('a '.repeat(50_000))),
  ),
  answers(
    'text',
    'answers every question in terminal sequences and workflow commands',
    (turn) => turn.answer(all(HOSTILE_TEXT)),
    {
      also: (_, outcome) => requirePlainLog(outcome.log),
    },
  ),
  answers('markup', 'answers every question in markdown and HTML', (turn) =>
    turn.answer(all('</pre>\n```\n# owned\n[x](javascript:owned) <img src=x onerror=owned()>')),
  ),
  answers('paths', 'answers every question by paths that lead away', (turn) =>
    turn.answer(all('../../../../etc/passwd\n'.repeat(50))),
  ),
  answers('shell', 'answers every question in shell text', (turn) =>
    turn.answer(all('$(touch canary-9f2c)`touch canary-9f2c`;touch canary-9f2c\n'.repeat(50))),
  ),
  changed(
    'shifted',
    'gives the answer of one question to the next',
    (text) => text.replace(/^(\d+) (\d+)$/gm, (_, i: string, size: string) => `${Number(i) + 1} ${size}`),
    { verdicts: ANY, must: 'the host has its verdict' },
  ),
  changed(
    'doubled',
    'answers every question twice, differently',
    (text) => text.replace('over\n', `${frame(0, 'in\n')}over\n`),
    { verdicts: ANY, must: 'the host has its verdict' },
  ),
  changed('not-over', 'never says that it has answered', (text) => text.replace(/over\n$/, ''), {
    verdicts: ANY,
    must: 'the host has its verdict',
  }),
  changed('upper', 'answers in other letters', (text) => text.toUpperCase()),
  answers(
    'flapping',
    'says in, then out, then in',
    (turn) =>
      turn.body.includes('echo out') ? turn.answer(`${all(turn.nth % 2 === 0 ? 'in\n' : 'out\n')}`) : turn.honest(),
    { verdicts: ANY, must: 'the host has its verdict' },
  ),
  answers('hang-up', 'hangs up at every question', (turn) => turn.hangUp(), { limitMs: 240_000 }),
  answers('close', 'closes the channel at every question', (turn) => turn.channel.close(), { limitMs: 240_000 }),
]
