import { flood } from '../floods'
import { HOSTILE_TEXT, requirePlainLog } from '../plain-log'
import type { SceneAttack } from '../scene-attack'
import { at, type Turn } from '../turn'

const SETTLED = ['untouched', 'held', 'unreachable', 'live'] as const

const lease = (id: string, does: string, act: (turn: Turn) => void, more: Partial<SceneAttack> = {}): SceneAttack => ({
  id: `lease-${id}`,
  where: 'lease',
  does,
  must: 'the host is not begun',
  verdicts: ['untouched', 'held', 'unreachable'],
  limitMs: 180_000,
  rogue: { twist: at('lease', null, act) },
  also: (_, outcome) => requirePlainLog(outcome.log),
  ...more,
})

const says = (id: string, does: string, text: string, more: Partial<SceneAttack> = {}) =>
  lease(id, does, (turn) => turn.answer(text), more)

/** What a host answers to whom it is asked for. */
export const leaseAttacks: readonly SceneAttack[] = [
  says('nothing', 'answers nothing when its lease is asked for', ''),
  says('neither', 'says neither safe nor unsafe', 'perhaps\n'),
  says('unsafe-text', 'names an unsafe folder in terminal sequences', `unsafe /${HOSTILE_TEXT.replaceAll('\n', '')}\n`),
  says('unwritable', 'says that nothing can be written', 'safe\nunwritable\n'),
  says('forged', 'says that its lease is forged', 'safe\nforged\n'),
  says(
    'held-text',
    'is held by a run whose address is workflow commands',
    'safe\nheld 1 OLD ::error::owned##[error]owned\n',
  ),
  says('held-long', 'is held by a run of a megabyte', `safe\nheld 1 ${'r'.repeat(2 ** 20)} -\n`),
  says('alive-elsewhere', 'says that a program lives in a folder elsewhere', 'safe\nalive 1 ../../../etc/cron.d\n'),
  says('alive-text', 'says that a program lives in a folder of workflow commands', 'safe\nalive 1 ::error::owned\n'),
  says('token-huge', 'gives a token of a hundred digits', `safe\ntaken ${'9'.repeat(100)} 0\nend\n`),
  says('token-negative', 'gives a negative token', 'safe\ntaken -1 0\nend\n'),
  says('undos-huge', 'has a million million undos', 'safe\ntaken 5 999999999999\nend\n'),
  says('cut', 'does not say its state to the end', 'safe\ntaken 5 0\nv=1\n'),
  says('torn', 'gives a state that is torn', 'safe\ntaken 5 0\nv=1\nrun=x\nend\n'),
  says('state-text', 'gives a state of terminal sequences', `safe\ntaken 5 0\n${HOSTILE_TEXT}\nend\n`),
  lease('endless', 'tells its state without end', (turn) => {
    turn.open()
    turn.channel.write('safe\ntaken 5 0\n')
    void flood(turn, 'stdout', 'key=value\n'.repeat(6_000), 2 ** 31)
  }),
  lease('false-code', 'gives the lease and fails', (turn) => turn.changed((said) => said, 1), {
    verdicts: SETTLED,
    must: 'the host has its verdict',
  }),
  lease(
    'other-token',
    'gives a token that is not the one on its disk',
    (turn) => turn.changed((said) => said.toString().replace(/taken \d+/, 'taken 77')),
    {
      must: 'no program runs under it',
    },
  ),
  {
    id: 'lease-renewal-lost',
    where: 'lease',
    does: 'says at every renewal that another run has the lease',
    must: 'the host has its verdict',
    verdicts: SETTLED,
    rogue: { twist: at('renewal', null, (turn) => turn.answer('lost\n')) },
  },
  {
    id: 'lease-renewal-endless',
    where: 'lease',
    does: 'answers a renewal without end',
    must: 'the host has its verdict',
    verdicts: SETTLED,
    limitMs: 180_000,
    rogue: {
      twist: at('renewal', null, (turn) => {
        turn.open()
        void flood(turn, 'stdout', 'ok\n'.repeat(20_000), 2 ** 31)
      }),
    },
  },
]
