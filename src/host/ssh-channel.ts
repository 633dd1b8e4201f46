import { PassThrough, Writable } from 'node:stream'
import type { ClientChannel } from 'ssh2'
import type { Channel } from './remote'

/** An ssh2 exec channel as ours. `lost` is for the transport: the connection is gone. `over` is called once, at the end. */
export function sshChannel(stream: ClientChannel, over: () => void): Channel & { readonly lost: () => void } {
  let code: number | null = null
  let isCut = false
  stream.once('exit', (given: unknown) => {
    code = typeof given === 'number' ? given : null
  })
  // Streams of our own, so that `close` ends them at once: ssh2's end only when the server answers. `pipe` keeps the
  // back-pressure: what nobody reads stays on the host.
  const stdout = stream.pipe(new PassThrough())
  const stderr = stream.stderr.pipe(new PassThrough())
  let giveUp: (code: null) => void = () => {}
  const exit = new Promise<number | null>((resolve) => {
    giveUp = resolve
    stream.once('close', () => {
      over()
      resolve(isCut ? null : code)
    })
  })
  return {
    stdin: inputOf(stream),
    stdout,
    stderr,
    exit,
    close: () => {
      giveUp(null)
      stream.close()
      for (const [from, to] of [
        [stream, stdout],
        [stream.stderr, stderr],
      ] as const) {
        from.unpipe(to)
        to.end()
        from.resume()
      }
    },
    lost: () => {
      // sshd sends the exit status when the command ends, before the last of its output: without the end of the output
      // the status says nothing about what we did not see.
      isCut = !hasEnded(stream)
    },
  }
}

/** Whether the server said that no more output comes. `incoming` is ssh2's own; what cannot be read counts as no. */
function hasEnded(stream: ClientChannel): boolean {
  const incoming: unknown = stream.incoming
  if (typeof incoming !== 'object' || incoming === null || !('state' in incoming)) return false
  return incoming.state === 'eof' || incoming.state === 'closed'
}

/** Standard input. ssh2 never calls back for a write to a closed channel; this one ends such a write with an error. */
function inputOf(stream: ClientChannel): Writable {
  let stop: (() => void) | undefined
  const input = new Writable({
    highWaterMark: 256 * 1024,
    write(chunk: Buffer, _encoding, done) {
      stop = () => done(new Error('the channel is closed'))
      stream.write(chunk, (error) => {
        if (stop === undefined) return
        stop = undefined
        done(error ?? null)
      })
    },
    final(done) {
      stream.end()
      done()
    },
    destroy(error, done) {
      const halt = stop
      stop = undefined
      halt?.()
      done(error)
    },
  })
  // A command that ends without reading its input is no crash of ours.
  input.on('error', () => {})
  stream.once('close', () => input.destroy())
  return input
}
