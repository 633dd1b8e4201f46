import { StringDecoder } from 'node:string_decoder'
import type { ShStep, StepResult } from '../plan/step'
import { ByteQueue } from './bounds/byte-queue'
import { boundsOf, type ProgramBounds } from './following/program-bounds'
import { type Late, ProgramTime } from './following/program-time'
import { type Rec, RecordParser } from './records'
import type { ProgramEnd, WireItem } from './remote'

const TAIL_CHARS = 4096
/** Output that comes so fast is told at once: memory counts for more than whose it is by a moment. */
const FLOOD_BYTES = 256 * 1024

const NO_MEMORY =
  'the host has no file system in memory for its secrets (tmpfs or ramfs at /run/pitstop, $XDG_RUNTIME_DIR or /dev/shm), and they are never written to a disk'

type Begin = Extract<Rec, { t: 'begin' }>
type End = Extract<Rec, { t: 'end' }>

/**
 * Folds the two streams of one program (records, and what its steps print) into items in their true order. Each attach
 * reads both from the beginning; what was told once is not told twice, so a broken connection costs and doubles nothing.
 */
export class ProgramReader {
  readonly #steps: readonly ShStep[]
  readonly #tell: (item: WireItem) => void
  readonly #time: ProgramTime
  readonly bounds: ProgramBounds
  #parser: RecordParser
  #attaches = 0
  #told = 0
  #seen = 0
  /** Bytes of `live` that came with this attach, and those not yet given to a step (they begin at #cursor). */
  #liveSeen = 0
  #liveTold = 0
  #cursor = 0
  readonly #pending = new ByteQueue()
  #settled = 0
  #decoder = new StringDecoder('utf8')
  /** Records that wait for the bytes which were printed before them. */
  #queue: (Begin | End)[] = []
  #open: { n: number; up: number | null } | null = null
  #data = new Map<number, { text: string; truncated: boolean }>()
  #tail = ''
  #end: ProgramEnd | null = null
  /** Steps that ended, each in its turn; and what the last record says: the step that stopped the program, or their number. */
  #ended = 0
  #over = 0
  #late: Late | null = null

  /** @param nowMs monotonic */
  constructor(
    steps: readonly ShStep[],
    tell: (item: WireItem) => void,
    nowMs: () => number,
    bounds: ProgramBounds = boundsOf(steps),
  ) {
    this.#steps = steps
    this.#tell = tell
    this.#time = new ProgramTime(nowMs)
    this.bounds = bounds
    this.#parser = new RecordParser(bounds)
  }

  /** A new attach begins: both streams start at their first byte. */
  restart(): void {
    if (this.#attaches++ > 0) this.#time.reattached()
    this.#parser = new RecordParser(this.bounds)
    this.#seen = 0
    this.#liveSeen = 0
  }

  push(bytes: Uint8Array): void {
    for (const record of this.#parser.push(bytes)) {
      if (++this.#seen <= this.#told) continue
      this.#told = this.#seen
      this.#take(record)
    }
    this.#pump()
  }

  live(bytes: Uint8Array): void {
    const old = Math.max(0, Math.min(bytes.length, this.#liveTold - this.#liveSeen))
    this.#liveSeen += bytes.length
    if (old === bytes.length) return
    this.#liveTold = this.#liveSeen
    this.#pending.push(bytes.subarray(old))
    this.#pump()
    if (this.#pending.length > FLOOD_BYTES) this.#print(this.#pending.length)
  }

  /** What came is no program of ours, or more than one may write: nothing that follows is believed. */
  get isBroken(): boolean {
    return this.#parser.broken
  }

  get isFlooded(): boolean {
    return this.#parser.flooded
  }

  #take(r: Rec): void {
    if (r.t === 'head') this.#time.begun()
    else if (r.t === 'begin' || r.t === 'end') this.#queue.push(r)
    else if (r.t === 'data') this.#data.set(r.n, { text: r.bytes.toString('utf8'), truncated: r.truncated })
    else if (r.t === 'over') {
      this.#over = r.n
      this.#end ??= { t: 'over' }
    } else if (r.t === 'busy' || r.t === 'lease-lost') this.#end ??= { t: 'lease-lost' }
    else if (r.t === 'nospace') this.#end ??= { t: 'no-space' }
    else if (r.t === 'nosecrets') this.#end ??= { t: 'no-secrets', why: NO_MEMORY }
    if (this.#end !== null) this.#time.over()
  }

  /** Tells what is complete. `flush`: no more bytes will come, so nothing waits for them. */
  #pump(flush = false): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (next.t === 'end') {
        this.#print(Math.max(0, next.printed - this.#cursor))
        if (this.#cursor < next.printed && !flush) return
      }
      this.#queue.shift()
      if (next.t === 'begin') this.#begin(next)
      else this.#finish(next)
    }
    if (this.#end !== null || flush) this.#print(this.#pending.length)
  }

  /**
   * Tells what was printed before the last call: a record that came a moment late would have come by now, so the bytes
   * are those of the open step. Called a few times a second, so that the live log stays live.
   */
  settle(): void {
    if (this.#open !== null) this.#print(Math.max(0, this.#settled - this.#cursor))
    this.#settled = this.#cursor + this.#pending.length
  }

  #print(bytes: number): void {
    const chunk = this.#pending.take(bytes)
    if (chunk.length === 0) return
    this.#cursor += chunk.length
    const text = this.#decoder.write(chunk)
    this.#tail = (this.#tail + text).slice(-TAIL_CHARS)
    if (text !== '') this.#tell({ t: 'live', step: this.#open === null ? null : this.#id(this.#open.n), text })
  }

  #id(n: number): string {
    return this.#steps[n]?.id ?? `#${n}`
  }

  #begin(r: Begin): void {
    if (this.#open !== null || r.n !== this.#ended || this.#steps[r.n] === undefined) {
      this.#disbelieve()
      return
    }
    this.#open = { n: r.n, up: r.up }
    this.#time.stepBegun(this.#steps[r.n])
    this.#tail = ''
    this.#tell({ t: 'begin', step: this.#id(r.n) })
  }

  #finish(r: End): void {
    const open = this.#open
    const step = this.#steps[r.n]
    if (open === null || open.n !== r.n || step === undefined) {
      this.#disbelieve()
      return
    }
    const tookMs = this.#time.elapsedMs
    this.#open = null
    this.#ended += 1
    this.#time.stepEnded()
    this.#tell({ t: 'end', result: this.#result(step, r, open.up, tookMs) })
  }

  /** Records out of order are not ours: nothing after them can be believed. */
  #disbelieve(): void {
    this.#end = { t: 'died' }
    this.#time.over()
  }

  /** @param tookMs by our own clock, for a host without an uptime */
  #result(step: ShStep, r: End, up: number | null, tookMs: number): StepResult {
    const data = this.#data.get(r.n)
    this.#data.delete(r.n)
    const known = r.up !== null && up !== null
    const durationMs = known ? Math.max(0, Math.round((Number(r.up) - Number(up)) * 1000)) : Math.round(tookMs)
    return {
      id: step.id,
      outcome: outcomeOf(r.rc),
      exitCode: typeof r.rc === 'number' ? r.rc : 0,
      durationMs,
      output: data?.text ?? '',
      truncated: data?.truncated ?? false,
      tail: this.#tail,
    }
  }

  /** Something takes longer than it may: nobody waits for it any more. */
  isLate(): boolean {
    this.#late ??= this.#time.late()
    return this.#late !== null
  }

  /**
   * What became of the program once a channel ended. Exit 0 of the follower: it wrote its last record; other exit codes
   * of the follower: the process is gone without one. null: the channel broke, ask again (returns null).
   * @param isGone the connection is gone with the channel: nobody waits for a new one to learn what was printed last
   */
  end(followerExit: number | null, isGone: boolean): ProgramEnd | null {
    const isBroken = followerExit === null || followerExit === 76 || followerExit === 64
    const isOver = isGone || this.#late !== null
    if (this.#end !== null) return isBroken && !isOver && this.#queue.length > 0 ? null : this.conclude()
    if (this.#late?.t === 'step') return { t: 'overtime', step: this.#late.step, pid: null }
    if (this.#late?.t === 'silent') return { t: 'lost', why: this.#late.why }
    if (this.#parser.broken) return { t: 'died' }
    if (followerExit === 73) return { t: 'no-space' }
    if (isBroken) return null
    this.#pump(true)
    return { t: 'died' }
  }

  /** What its last record said, where that has come; what was printed before it and has not come is done without. */
  conclude(): ProgramEnd | null {
    if (this.#end !== null) this.#pump(true)
    if (this.#end?.t === 'over' && !this.#isComplete()) this.#end = { t: 'died' }
    return this.#end
  }

  /** A full disk may take the last record and not the one before: a step without an end is unknown, which is no success. */
  #isComplete(): boolean {
    const isAll = this.#over === this.#steps.length
    return this.#open === null && this.#ended === (isAll ? this.#over : this.#over + 1)
  }

  /** The step that was open when the program ended without ending it. */
  get interrupted(): string | null {
    return this.#open === null ? null : this.#id(this.#open.n)
  }
}

function outcomeOf(rc: number | 'u' | 's'): StepResult['outcome'] {
  if (rc === 'u') return 'unchanged'
  if (rc === 's') return 'skipped'
  return rc === 0 ? 'done' : 'failed'
}
