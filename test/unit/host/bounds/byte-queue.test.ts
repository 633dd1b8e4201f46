import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ByteQueue } from '../../../../src/host/bounds/byte-queue'

describe('a queue of bytes', () => {
  it('gives back what it was given, in its order, however it came and is taken', () => {
    const act = fc.oneof(fc.uint8Array({ maxLength: 40 }), fc.nat(60))
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const queue = new ByteQueue()
        let model: number[] = []
        for (const one of acts) {
          if (typeof one !== 'number') {
            queue.push(one)
            model.push(...one)
            continue
          }
          expect([...queue.take(one)]).toEqual(model.slice(0, one))
          model = model.slice(one)
        }
        expect(queue.length).toBe(model.length)
        expect([...queue.take(queue.length)]).toEqual(model)
      }),
    )
  })

  it('H40: holds a megabyte that came byte by byte in a few megabytes', () => {
    const queue = new ByteQueue()
    const byte = Buffer.from('a')
    for (let i = 0; i < 1 << 20; i++) queue.push(byte)
    const room = Buffer.from(queue.take(1 << 20))
    expect(room.equals(Buffer.alloc(1 << 20, 'a'))).toBe(true)
    expect(queue.length).toBe(0)
  })

  it('does not change what was taken when more comes', () => {
    const queue = new ByteQueue()
    queue.push(Buffer.from('ab'))
    const taken = queue.take(1)
    queue.push(Buffer.from('zzzzzzzz'))
    expect(taken.toString()).toBe('a')
  })
})
