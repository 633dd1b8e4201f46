import type { Turn } from './turn'

/** Writes `chunk` again and again, as fast as it is taken, until so many bytes went out or the other side hung up. */
export function flood(turn: Turn, stream: 'stdout' | 'stderr', chunk: string | Buffer, bytes: number): Promise<void> {
  const to = stream === 'stdout' ? turn.channel : turn.channel.stderr
  const size = Buffer.byteLength(chunk)
  return new Promise((resolve) => {
    let sent = 0
    let isOver = false
    const end = () => {
      isOver = true
      resolve()
    }
    turn.channel.once('close', end).once('error', end)
    const more = () => {
      while (!isOver && sent < bytes) {
        sent += size
        if (!to.write(chunk)) {
          to.once('drain', more)
          return
        }
      }
      end()
    }
    more()
  })
}

/** One byte after the other, `everyMs` apart, until the other side hangs up. */
export function trickle(turn: Turn, text: string, everyMs: number): void {
  let sent = 0
  const timer = setInterval(() => turn.channel.write(text[sent++ % text.length] ?? ' '), everyMs)
  turn.channel.once('close', () => clearInterval(timer))
}
