import { describe, expect, it } from 'vitest'
import { unitAttacks } from './unit-attacks/all'

describe('what one function does with hostile words', () => {
  it.each(unitAttacks.map((attack) => [attack.id, attack] as const))('%s', async (_, attack) => {
    await attack.holds()
    expect(attack.must).not.toBe('')
  })
})
