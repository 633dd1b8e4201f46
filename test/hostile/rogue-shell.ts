import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import type { ServerChannel } from 'ssh2'
import { BetweenMarks } from '../../src/host/between-marks'
import type { Payload } from './payloads'
import type { Turn } from './turn'

interface Tap {
  readonly marks: BetweenMarks
  readonly said: Buffer[]
  readonly done: (answer: Buffer, code: number) => void
}

/** One shell of a rogue host: the real one, and whoever stands between it and the runner. */
export class RogueShell {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #channel: ServerChannel
  readonly #hangUp: () => void
  #tap: Tap | null = null

  constructor(child: ChildProcessWithoutNullStreams, channel: ServerChannel, hangUp: () => void) {
    this.#child = child
    this.#channel = channel
    this.#hangUp = hangUp
    for (const stream of [child.stdin, child.stdout, child.stderr, channel]) stream.on('error', () => undefined)
    child.stdout.on('data', (chunk: Buffer) => this.#fromShell(chunk))
    child.stderr.on('data', (chunk: Buffer) => {
      if (this.#tap === null) channel.stderr.write(chunk)
    })
    child.once('error', () => channel.exit(127))
    child.once('close', (code, signal) => {
      if (code === null) channel.exit((signal ?? 'SIGKILL').slice(3), false, '')
      else channel.exit(code)
      channel.end()
    })
    channel.once('close', () => child.stdin.destroy())
  }

  turn(payload: Payload, nth: number): Turn {
    const { token } = payload
    const channel = this.#channel
    const both = (text: string) => {
      channel.write(text)
      channel.stderr.write(text)
    }
    const open = () => both(`\n@${token}\n`)
    const close = (code: number | string = 0) => both(`#${token} ${code}\n`)
    const answer = (text: string | Buffer, code: number | string = 0) => {
      open()
      channel.write(text)
      close(code)
    }
    return {
      ...payload,
      nth,
      channel,
      open,
      close,
      answer,
      honest: () => void this.#child.stdin.write(payload.raw),
      changed: (change, code) => {
        const done = (said: Buffer, was: number) => answer(change(said), code ?? was)
        this.#tap = { marks: new BetweenMarks(token), said: [], done }
        this.#child.stdin.write(payload.raw)
      },
      hangUp: this.#hangUp,
    }
  }

  #fromShell(chunk: Buffer): void {
    const tap = this.#tap
    if (tap === null) {
      this.#channel.write(chunk)
      return
    }
    tap.said.push(tap.marks.push(chunk))
    if (!tap.marks.isOver) return
    this.#tap = null
    tap.done(Buffer.concat(tap.said), tap.marks.code ?? 0)
  }
}
