import type { Event } from './event'
import { writeLogFile } from './log-file'

/** Kept of each step: its beginning and its end (H40). The step itself is never cut. */
const KEEP_CHARS = 2 ** 20
const LINE_CHARS = 8192

interface Log {
  head: string
  tail: string
  dropped: number
}

/** Collects what steps print, from `step.output`, and writes one file a step when it ends. */
export class StepLogs {
  readonly #reportDir: string
  readonly #open = new Map<string, Log>()
  readonly #written = new Map<string, string>()

  constructor(reportDir: string) {
    this.#reportDir = reportDir
  }

  /** The path of a step's log below the report folder, or null where it printed nothing. */
  pathOf(host: string, stage: string, step: string): string | null {
    return this.#written.get(key(host, stage, step)) ?? null
  }

  /** @throws where the log of a step that ended cannot be kept */
  take(event: Event): void {
    if (event.host === null) return
    if (event.type === 'step.output') this.#add(key(event.host, event.stage, event.step), event.text)
    if (event.type === 'step.ended') this.#write(event.host, event.stage, event.step)
  }

  #add(id: string, text: string): void {
    const log = this.#open.get(id) ?? { head: '', tail: '', dropped: 0 }
    this.#open.set(id, log)
    const room = KEEP_CHARS - log.head.length
    log.head += text.slice(0, Math.max(0, room))
    const rest = text.slice(Math.max(0, room))
    log.tail += rest
    if (log.tail.length > 2 * KEEP_CHARS) {
      log.dropped += log.tail.length - KEEP_CHARS
      log.tail = log.tail.slice(-KEEP_CHARS)
    }
  }

  #write(host: string, stage: string, step: string): void {
    const id = key(host, stage, step)
    const log = this.#open.get(id)
    if (log === undefined) return
    this.#open.delete(id)
    const gap = log.dropped === 0 ? '' : `\n[${log.dropped} characters are left out]\n`
    const text = shortLines(log.head + gap + log.tail)
    const path = writeLogFile(this.#reportDir, host, `${stage}-${step}.log`, text)
    this.#written.set(id, path)
  }
}

const key = (host: string, stage: string, step: string) => `${host}/${stage}/${step}`

function shortLines(text: string): string {
  return text
    .split('\n')
    .map((line) => (line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS)} [line cut]` : line))
    .join('\n')
}
