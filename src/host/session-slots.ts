import { setTimeout as pause } from 'node:timers/promises'
import pLimit from 'p-limit'

const RETRY_MS = 100
/** So often sshd may refuse the only session we ask for: it frees the place of an ended one a moment late. */
const MOST_LONE_REFUSALS = 30

export interface Session {
  readonly exit: Promise<number | null>
  close(): void
}

/** A session that sshd would not open while others are open: MaxSessions. Asked again until one of them ends. */
export class SessionRefused extends Error {}

/**
 * At most so many sessions of a connection at once; the rest wait in line. An sshd that allows fewer (MaxSessions, ten by
 * default, two or one where it was hardened) is asked again as long as sessions of ours are open.
 */
export class SessionSlots {
  readonly #limit
  readonly #waitMs: number
  #open = 0

  constructor(most: number, waitMs: number) {
    this.#limit = pLimit(most)
    this.#waitMs = waitMs
  }

  /** @throws what `open` throws, or SessionRefused when no place was free for too long */
  use<T extends Session>(open: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = new AbortController()
      const timer = setTimeout(() => late.abort(), this.#waitMs)
      late.signal.addEventListener('abort', () => reject(this.#refused()), { once: true })
      void this.#limit(async () => {
        if (late.signal.aborted) return
        try {
          const session = await this.#insist(open, late.signal)
          clearTimeout(timer)
          // Too late: nobody waits for it any more.
          if (late.signal.aborted) session.close()
          resolve(session)
          this.#open += 1
          await session.exit
          this.#open -= 1
        } catch (error) {
          clearTimeout(timer)
          reject(error)
        }
      })
    })
  }

  async #insist<T>(open: () => Promise<T>, late: AbortSignal): Promise<T> {
    for (let alone = 0; ; ) {
      try {
        return await open()
      } catch (error) {
        alone = this.#open === 0 ? alone + 1 : 0
        if (!(error instanceof SessionRefused) || late.aborted || alone >= MOST_LONE_REFUSALS) throw error
      }
      await pause(RETRY_MS)
    }
  }

  #refused(): SessionRefused {
    return new SessionRefused(`no free session within ${this.#waitMs / 1000} s: ${this.#open} are open`)
  }
}
