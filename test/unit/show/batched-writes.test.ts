import { EventEmitter } from 'node:events'
import { Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { batchWrites } from '../../../src/show/batched-writes'

class Calls extends Writable {
  readonly calls: string[] = []
  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.calls.push(chunk.toString())
    done()
  }
  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.calls.push(chunks.map(({ chunk }) => chunk.toString()).join(''))
    done()
  }
}

it('writes what came in one turn at once, and in order', async () => {
  const stream = new Calls()
  batchWrites(stream, new EventEmitter())
  for (const text of ['a', 'b', 'c']) stream.write(text)
  expect(stream.calls).toEqual([])
  await turn()
  stream.write('d')
  await turn()
  expect(stream.calls).toEqual(['abc', 'd'])
})

it('loses nothing of the last turn when the process exits', () => {
  const stream = new Calls()
  const exits = new EventEmitter()
  batchWrites(stream, exits)
  stream.write('the last words')
  expect(stream.calls).toEqual([])
  exits.emit('exit')
  expect(stream.calls).toEqual(['the last words'])
})
