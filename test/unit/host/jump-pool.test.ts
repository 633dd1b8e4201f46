import { describe, expect, it } from 'vitest'
import { JumpPool } from '../../../src/host/jump-pool'
import type { Transport } from '../../../src/host/remote'

const never = new AbortController().signal

function fakeTransport() {
  let lose: (why: string) => void = () => {}
  const closed = new Promise<string>((resolve) => {
    lose = resolve
  })
  const state = { disposed: 0 }
  const transport: Transport = {
    exec: () => Promise.reject(new Error('not here')),
    dial: () => Promise.reject(new Error('not here')),
    closed,
    async [Symbol.asyncDispose]() {
      state.disposed += 1
      lose('disposed')
    },
  }
  return { transport, state, lose }
}

describe('connections to jump hosts', () => {
  it('are opened once for many borrowers, and closed with the last', async () => {
    const pool = new JumpPool()
    const { transport, state } = fakeTransport()
    let opened = 0
    const open = async () => {
      opened += 1
      return transport
    }
    const loans = await Promise.all([1, 2, 3].map(() => pool.borrow('bastion', open, never)))
    expect(opened).toBe(1)
    loans[0]?.release()
    loans[0]?.release()
    loans[1]?.release()
    await Promise.resolve()
    expect(state.disposed).toBe(0)
    loans[2]?.release()
    await new Promise((resolve) => setImmediate(resolve))
    expect(state.disposed).toBe(1)
  })

  it('are not lent again once they are lost', async () => {
    const pool = new JumpPool()
    const first = fakeTransport()
    const second = fakeTransport()
    await pool.borrow('bastion', async () => first.transport, never)
    first.lose('cut')
    await new Promise((resolve) => setImmediate(resolve))
    const loan = await pool.borrow('bastion', async () => second.transport, never)
    expect(loan.transport).toBe(second.transport)
  })

  it('go on connecting when one of two waiting hosts is cancelled, and stop when both are', async () => {
    const pool = new JumpPool()
    let stopped = false
    const open = (signal: AbortSignal) =>
      new Promise<Transport>((_, reject) => {
        signal.addEventListener('abort', () => {
          stopped = true
          reject(signal.reason)
        })
      })
    const one = new AbortController()
    const two = new AbortController()
    const first = pool.borrow('bastion', open, one.signal)
    const second = pool.borrow('bastion', open, two.signal)
    one.abort(new Error('one'))
    await expect(first).rejects.toThrow('one')
    expect(stopped).toBe(false)
    two.abort(new Error('two'))
    await expect(second).rejects.toThrow('two')
    expect(stopped).toBe(true)
  })

  it('that fail are tried again by the next host', async () => {
    const pool = new JumpPool()
    const failed = pool.borrow('bastion', () => Promise.reject(new Error('down')), never)
    await expect(failed).rejects.toThrow('down')
    const { transport } = fakeTransport()
    expect((await pool.borrow('bastion', async () => transport, never)).transport).toBe(transport)
  })
})
