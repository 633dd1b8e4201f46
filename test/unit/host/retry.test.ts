import { describe, expect, it } from 'vitest'
import { pauseBeforeRetry, RETRY } from '../../../src/host/retry'

const many = { ...RETRY, attempts: 100 }

describe('trying again', () => {
  it('H37: never happens after a refused key or login', () => {
    expect(pauseBeforeRetry(many, 'final', 1, 0)).toBeNull()
  })

  it('ends with the attempts', () => {
    expect(pauseBeforeRetry(RETRY, 'refused', RETRY.attempts - 1, 0)).not.toBeNull()
    expect(pauseBeforeRetry(RETRY, 'refused', RETRY.attempts, 0)).toBeNull()
  })

  it('H37: waits a second after each of ten failures, then longer, up to 12 s', () => {
    const pauses = Array.from({ length: 40 }, (_, i) => pauseBeforeRetry(many, 'refused', i + 1, 0.5))
    expect(pauses.slice(0, 10)).toEqual(Array(10).fill(1_000))
    expect(pauses[10]).toBe(1_250)
    expect(pauses.at(-1)).toBe(12_000)
  })

  it('H37: waits 20 s or more where sshd hung up before the handshake', () => {
    expect(pauseBeforeRetry(many, 'lost-before-handshake', 1, 0)).toBe(20_000)
    expect(pauseBeforeRetry(many, 'lost-before-handshake', 1, 0.999)).toBeLessThanOrEqual(25_000)
  })

  it('spreads hosts that were dropped together', () => {
    expect(pauseBeforeRetry(many, 'dropped', 1, 0)).toBe(750)
    expect(pauseBeforeRetry(many, 'dropped', 1, 0.999)).toBe(1_250)
  })
})
