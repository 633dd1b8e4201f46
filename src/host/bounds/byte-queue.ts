const LEAST_ROOM = 4096

/**
 * Bytes in the order in which they came. A peer that sends them one by one costs no more than their number: neither an
 * object for each, nor a copy of all for each.
 */
export class ByteQueue {
  #room: Buffer = Buffer.alloc(0)
  #from = 0
  #to = 0

  get length(): number {
    return this.#to - this.#from
  }

  push(bytes: Uint8Array): void {
    if (this.#to + bytes.length > this.#room.length) this.#makeRoom(bytes.length)
    this.#room.set(bytes, this.#to)
    this.#to += bytes.length
  }

  /** The first `count` bytes, or as many as there are; they are the caller's from then on. */
  take(count: number): Buffer {
    const end = this.#from + Math.max(0, Math.min(count, this.length))
    const taken = Buffer.from(this.#room.subarray(this.#from, end))
    this.#from = end
    if (this.length === 0) this.clear()
    return taken
  }

  clear(): void {
    this.#from = 0
    this.#to = 0
    this.#room = Buffer.alloc(0)
  }

  /** Twice what is held, so that each byte is moved a few times at most, however small the pieces are. */
  #makeRoom(more: number): void {
    const held = this.#room.subarray(this.#from, this.#to)
    const room = Buffer.allocUnsafe(Math.max(LEAST_ROOM, 2 * (held.length + more)))
    room.set(held)
    this.#room = room
    this.#from = 0
    this.#to = held.length
  }
}
