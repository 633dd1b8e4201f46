import { Duplex, type Readable, type Writable } from 'node:stream'

/**
 * Two halves of a channel as one socket for HTTP and TLS clients, which call the methods of net.Socket. Nagle and TCP
 * keepalive belong to the connection below (it has both already), so those calls are answered and change nothing here.
 */
export class ChannelSocket extends Duplex {
  readonly #from: Readable
  readonly #to: Writable
  readonly #close: () => void
  #idle: NodeJS.Timeout | undefined
  #idleMs = 0
  #isOver = false

  constructor(from: Readable, to: Writable, close: () => void) {
    super({ allowHalfOpen: false })
    this.#from = from
    this.#to = to
    this.#close = close
    from.on('data', (chunk: Buffer) => {
      // The other side may go on after we are done: what comes then is not kept.
      if (this.destroyed) return
      this.#stir()
      if (!this.push(chunk)) from.pause()
    })
    from.once('end', () => this.#endOfInput())
    // A lost connection ends some streams without `end`: the reader must hear of it all the same.
    from.once('close', () => this.#endOfInput())
    for (const half of [from, to]) half.on('error', (error) => this.destroy(error))
    // Whoever uses the socket adds a listener; an idle one must not end the process.
    this.on('error', () => {})
  }

  override _read(): void {
    this.#from.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#stir()
    if (!this.#to.writable) done(new Error('the channel is closed'))
    else if (this.#to.write(chunk)) done()
    else this.#whenDrained(done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#to.end()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#idle)
    this.#from.resume()
    this.#close()
    done(error)
  }

  /** Emits `timeout` after so many milliseconds without traffic; 0 switches it off. Like net.Socket it closes nothing. */
  setTimeout(ms: number, onTimeout?: () => void): this {
    this.#idleMs = ms
    if (onTimeout !== undefined) this.once('timeout', onTimeout)
    this.#stir()
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  #endOfInput(): void {
    if (!this.#isOver) this.push(null)
    this.#isOver = true
  }

  #stir(): void {
    clearTimeout(this.#idle)
    if (this.#idleMs > 0) this.#idle = setTimeout(() => this.emit('timeout'), this.#idleMs).unref()
  }

  /** Calls back on `drain`, or with an error when the other half closes first: a write must not wait for ever. */
  #whenDrained(done: (error?: Error | null) => void): void {
    const to = this.#to
    const settle = (error?: Error) => {
      to.off('drain', onDrain).off('close', onClose)
      done(error)
    }
    const onDrain = () => settle()
    const onClose = () => settle(new Error('the channel was closed'))
    to.once('drain', onDrain).once('close', onClose)
  }
}
