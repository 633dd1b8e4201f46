import type { Event } from '../../journal/event'
import { STAGES } from '../../plan/step'
import { counted, spokenDuration } from '../../show/duration'

/** From here on, lines of single steps would hide what matters: the wave is told as a whole. */
const MANY = 5
const SOON_MS = 15_000
const LATE_MS = 300_000

interface At {
  /** A stage, a verdict, or that nothing has begun. */
  readonly what: string
  readonly sinceMs: number
}

const VERDICTS = ['live', 'rolled-back', 'held', 'untouched', 'unreachable'] as const

/** Which hosts are worked on together, and how far they are. */
export class WaveProgress {
  #title = ''
  #hosts = new Map<string, At>()
  #toldAtMs = 0
  #told = ''

  take(event: Event): void {
    // Outside a run there are no waves: all hosts are looked at together.
    if (event.type === 'run.begun' && event.about.mode !== 'run')
      this.#begin(
        event.about.mode,
        event.hosts.map((host) => host.name),
        event.at,
      )
    if (event.type === 'wave.begun') this.#begin(`${event.group}, wave ${event.wave}`, event.hosts, event.at)
    if (event.host === null || !this.#hosts.has(event.host)) return
    const what = event.type === 'stage.begun' ? event.stage : event.type === 'host.ended' ? event.verdict : null
    if (what !== null) this.#hosts.set(event.host, { what, sinceMs: Date.parse(event.at) })
  }

  /** Nobody else is worked on beside this host. */
  isAlone(host: string): boolean {
    return this.#hosts.size === 1 && this.#hosts.has(host)
  }

  /** It goes through its stages together with many. */
  isOneOfMany(host: string | null): boolean {
    return host !== null && this.#hosts.size >= MANY && this.#hosts.has(host)
  }

  /** How far the wave is, where that is new; null: nothing to say. `named`: a host that takes long may be named. */
  line(nowMs: number, named: boolean): string | null {
    if (this.#hosts.size < MANY) return null
    const counts = this.#counts()
    const after = counts === this.#told ? LATE_MS : SOON_MS
    if (nowMs - this.#toldAtMs < after) return null
    this.#told = counts
    this.#toldAtMs = nowMs
    return `${this.#title}: ${counted(this.#hosts.size, 'host')}: ${counts}${named ? this.#longest(nowMs) : ''}`
  }

  /** The last word on a wave that ends; null: it was told host by host. */
  end(): string | null {
    if (this.#hosts.size < MANY) return null
    return `${this.#title}: ${counted(this.#hosts.size, 'host')}: ${this.#counts()}`
  }

  #begin(title: string, hosts: readonly string[], at: string): void {
    const sinceMs = Date.parse(at)
    this.#title = title
    this.#hosts = new Map(hosts.map((name) => [name, { what: 'waiting', sinceMs }]))
    this.#toldAtMs = sinceMs
    this.#told = ''
  }

  #counts(): string {
    const all = [...this.#hosts.values()].map(({ what }) => what)
    return ['waiting', ...STAGES, ...VERDICTS]
      .map((what) => ({ what, count: all.filter((one) => one === what).length }))
      .filter(({ count }) => count > 0)
      .map(({ what, count }) => `${count} ${STAGES.some((stage) => stage === what) ? `in ${what}` : what}`)
      .join(', ')
  }

  #longest(nowMs: number): string {
    const [first] = [...this.#hosts]
      .filter(([, at]) => STAGES.some((stage) => stage === at.what) && nowMs - at.sinceMs >= LATE_MS)
      .sort((a, b) => a[1].sinceMs - b[1].sinceMs)
    if (first === undefined) return ''
    const [name, { what, sinceMs }] = first
    return `; longest: ${name}, in ${what} for ${spokenDuration(nowMs - sinceMs)}`
  }
}
