import { expect, inject, it } from 'vitest'
import { runScene } from './run-scene'
import { Scene } from './scene'
import { carryOutAttack } from './scene-attack'
import { at } from './turn'

const LONG_MS = 120_000

it('a fleet of honest hosts goes live, and what it costs the runner is known', { timeout: LONG_MS }, async () => {
  await using scene = await Scene.start()
  const o = await runScene(scene, inject('bundle'))
  expect([o.code, o.verdictOf('web-1'), o.verdictOf('web-2')], o.log).toEqual([0, 'live', 'live'])
  expect(o.strays).toEqual([])
  expect(scene.host('db-1').logins).toBe(0)
  expect(o.peakMb).toBeGreaterThan(20)
  const asked = scene.host('web-1').payloads.map((payload) => payload.kind)
  for (const kind of ['hello', 'lease', 'questions', 'start', 'renewal'] as const) expect(asked).toContain(kind)
})

it('a host can turn at any payload, and what it says instead is believed to be its own', {
  timeout: LONG_MS,
}, async () => {
  await carryOutAttack(
    {
      id: 'turns',
      where: 'lease',
      does: 'says that its folder is unsafe',
      must: 'untouched',
      rogue: { twist: at('lease', 0, (turn) => turn.answer('unsafe /srv\n')) },
      verdicts: ['untouched'],
      also: (_, outcome) => expect(outcome.reasonOf('web-1')).toContain('/srv'),
    },
    inject('bundle'),
  )
})

it('a host can change what its real shell says', { timeout: LONG_MS }, async () => {
  const twist = at('hello', 0, (turn) => turn.changed((said) => said.toString().replace('end\n', '')))
  await carryOutAttack(
    {
      id: 'cut',
      where: 'answer',
      does: 'cuts its greeting',
      must: 'unreachable',
      rogue: { twist },
      verdicts: ['unreachable'],
    },
    inject('bundle'),
  )
})

it('a disk can be prepared: a forged lease keeps its host away, and no other', { timeout: LONG_MS }, async () => {
  await carryOutAttack(
    {
      id: 'forged-lease',
      where: 'lease',
      does: 'says that it lasts for a day',
      must: 'held',
      disk: (disk) => void disk.lease({ owner: 'somebody', ttl: 86_400 }),
      verdicts: ['held'],
    },
    inject('bundle'),
  )
})
