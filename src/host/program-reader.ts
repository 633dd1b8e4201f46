import type { ShStep, StepResult } from '../plan/step'
import { type Rec, RecordParser } from './records'
import type { ProgramEnd, WireItem } from './remote'

const TAIL_BYTES = 4096

interface Open {
  readonly n: number
  readonly up: number | null
  readonly sinceMs: number
}

/**
 * Folds the records of one program into items. Each attach reads from the first record again; what was told once is
 * not told twice, so a broken connection costs nothing and doubles nothing.
 */
export class ProgramReader {
  readonly #steps: readonly ShStep[]
  readonly #tell: (item: WireItem) => void
  #parser = new RecordParser()
  #told = 0
  #seen = 0
  #liveTold = 0
  #liveSeen = 0
  #open: Open | null = null
  #data = new Map<number, { text: string; truncated: boolean }>()
  #tail = ''
  #end: ProgramEnd | null = null
  #overtime: string | null = null

  constructor(steps: readonly ShStep[], tell: (item: WireItem) => void) {
    this.#steps = steps
    this.#tell = tell
  }

  get isOver(): boolean {
    return this.#end !== null
  }

  /** A new attach begins: its bytes start at the first record. */
  restart(): void {
    this.#parser = new RecordParser()
    this.#seen = 0
    this.#liveSeen = 0
  }

  push(bytes: Uint8Array): void {
    for (const record of this.#parser.push(bytes)) {
      if (++this.#seen <= this.#told) continue
      this.#told = this.#seen
      this.#take(record)
    }
  }

  /** `live` is sent whole with each attach as well. */
  live(text: string, bytes: number): void {
    const already = Math.max(0, this.#liveTold - this.#liveSeen)
    this.#liveSeen += bytes
    if (this.#liveSeen <= this.#liveTold) return
    this.#liveTold = this.#liveSeen
    const fresh = already > 0 ? text.slice(already) : text
    if (fresh === '') return
    this.#tail = (this.#tail + fresh).slice(-TAIL_BYTES)
    this.#tell({ t: 'live', step: this.#open === null ? null : this.#id(this.#open.n), text: fresh })
  }

  #id(n: number): string {
    return this.#steps[n]?.id ?? `#${n}`
  }

  #take(r: Rec): void {
    if (r.t === 'begin') this.#begin(r.n, r.up)
    else if (r.t === 'data') this.#data.set(r.n, { text: r.bytes.toString('utf8'), truncated: r.truncated })
    else if (r.t === 'end') this.#finish(r)
    else if (r.t === 'over') this.#end ??= { t: 'over' }
    else if (r.t === 'busy' || r.t === 'lease-lost') this.#end ??= { t: 'lease-lost' }
    else if (r.t === 'nospace') this.#end ??= { t: 'no-space' }
  }

  #begin(n: number, up: number | null): void {
    this.#open = { n, up, sinceMs: performance.now() }
    this.#tail = ''
    this.#tell({ t: 'begin', step: this.#id(n) })
  }

  #finish(r: Extract<Rec, { t: 'end' }>): void {
    const open = this.#open
    const step = this.#steps[r.n]
    if (open === null || open.n !== r.n || step === undefined) {
      this.#end ??= { t: 'died' }
      return
    }
    this.#open = null
    this.#tell({ t: 'end', result: this.#result(step, r, open) })
  }

  #result(step: ShStep, r: Extract<Rec, { t: 'end' }>, open: Open): StepResult {
    const data = this.#data.get(r.n)
    const durationMs = r.up !== null && open.up !== null ? Math.max(0, Math.round((r.up - open.up) * 1000)) : Math.round(performance.now() - open.sinceMs)
    const outcome = r.rc === 'u' ? 'unchanged' : r.rc === 's' ? 'skipped' : r.rc === 0 ? 'done' : 'failed'
    return {
      id: step.id,
      outcome,
      exitCode: typeof r.rc === 'number' ? r.rc : 0,
      durationMs,
      output: data?.text ?? '',
      truncated: data?.truncated ?? false,
      tail: this.#tail,
    }
  }

  /** A step that may not be killed by the host and is past its time, or one whose own limit on the host did not work. */
  isOvertime(nowMs: number, graceMs: number): boolean {
    const step = this.#open === null ? undefined : this.#steps[this.#open.n]
    if (step === undefined || this.#open === null) return false
    const limit = step.timeoutMs + (step.overtime === 'leave' ? 0 : graceMs)
    if (nowMs - this.#open.sinceMs > limit) this.#overtime = step.id
    return this.#overtime !== null
  }

  /**
   * What became of the program once a channel ended. Exit 0 of the follower: it wrote its last record; other exit codes of
   * the follower: the process is gone without one. null: the channel broke, ask again (returns null).
   */
  end(followerExit: number | null): ProgramEnd | null {
    if (this.#end !== null) return this.#end
    if (this.#overtime !== null) return { t: 'overtime', step: this.#overtime, pid: null }
    if (this.#parser.broken) return { t: 'died' }
    if (followerExit === 73) return { t: 'no-space' }
    if (followerExit === null || followerExit === 76 || followerExit === 64) return null
    return { t: 'died' }
  }

  /** The step that was open when the program ended without ending it. */
  get interrupted(): string | null {
    return this.#open === null ? null : this.#id(this.#open.n)
  }
}
