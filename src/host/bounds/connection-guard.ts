import type { Duplex } from 'node:stream'

/** Four times the window that ssh2 gives each channel: who sends more does not keep to it. */
const UNREAD_BYTES = 8 * 2 ** 20
/** Requests of the other side are answered: one that asks without reading would fill our memory with answers. */
const UNSENT_BYTES = 32 * 2 ** 20

interface Unread {
  readonly readableLength: number
}

/**
 * Ends an SSH connection whose other side does not keep to the protocol where memory is concerned. ssh2 counts the window
 * of a channel and holds nobody to it, and queues answers for whoever does not read them.
 * @param streams what channels hold that nobody has read yet
 */
export function guardConnection(socket: Duplex, streams: () => Iterable<Unread>): void {
  socket.on('data', () => {
    if (socket.writableLength > UNSENT_BYTES) return end(socket, 'the host does not read what it asked for')
    for (const { readableLength } of streams()) {
      if (readableLength > UNREAD_BYTES) return end(socket, 'the host sends more than the window of a channel allows')
    }
  })
}

function end(socket: Duplex, why: string): void {
  socket.destroy(new Error(why))
}
