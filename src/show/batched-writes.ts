import type { Writable } from 'node:stream'

/**
 * What is written to the stream in one turn of the event loop goes out at once: to a pipe each write is a system call that
 * wakes the reader, and a run of many hosts says a lot. The order stays, and an exit loses nothing.
 */
export function batchWrites(stream: Writable, exits: NodeJS.EventEmitter = process): void {
  const write = stream.write.bind(stream)
  const flush = () => {
    if (stream.writableCorked > 0) stream.uncork()
  }
  const batched = (...args: Parameters<typeof write>) => {
    if (stream.writableCorked === 0) {
      stream.cork()
      setImmediate(flush)
    }
    return write(...args)
  }
  stream.write = batched as typeof write
  exits.on('exit', flush)
}
