import { describe, inject, it } from 'vitest'
import { carryOutAttack } from './scene-attack'
import { sceneAttacks } from './scene-attacks/all'

/** Each waits more than it works: two at a time keep two processors busy. */
describe.concurrent('a host in the hands of somebody else stays alone', () => {
  it.each(sceneAttacks.map((attack) => [attack.id, attack] as const))('%s', { timeout: 240_000 }, async (_, attack) => {
    await carryOutAttack(attack, inject('bundle'))
  })
})
