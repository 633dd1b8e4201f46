import type { HostConfig } from '../config/schema'
import { MaintenanceError, sentenceOf } from '../errors'
import { pastDurations, percentile95 } from '../facts/past-durations'
import type { Machine } from '../host/machine'
import type { EventBody } from '../journal/event'
import { takeOrAttach } from './attach'
import type { EngineIo } from './engine-io'
import { freshKnowledge, type HostContext } from './host-context'
import { ended, type HostEnd } from './host-end'
import { inspect } from './inspect'
import { LeaseKeeper } from './lease-keeper'
import { maintain } from './maintain'
import { openHost } from './open-host'
import { firstProgramOf } from './program-note'
import { refusedLease, unreadableState } from './refused-lease'
import { lookAgain, type Recorded, type Scouted, scouted, WHY_OUT, whyNotOpened } from './scouted'
import { settle } from './settle'
import { type Doubt, lookAtUsers, lookAtWellBeing } from './well-being'

/** One host, from connection to verdict. `prepare` changes nothing users notice; `maintain` needs admission before. */
export class HostRun implements AsyncDisposable {
  readonly host: HostConfig
  readonly #io: EngineIo
  readonly #known = freshKnowledge()
  #x: HostContext | null = null
  #keeper: LeaseKeeper | null = null
  #end: HostEnd | null = null
  #admitted = false
  #prepared = false
  #notOpened: HostEnd | null = null
  #closes: Date | null = null

  constructor(host: HostConfig, io: EngineIo) {
    this.host = host
    this.#io = io
  }

  get end(): HostEnd | null {
    return this.#end
  }

  /** `prepare` has been here, and left the host ready. */
  get isPrepared(): boolean {
    return this.#prepared
  }

  get isAdmitted(): boolean {
    return this.#admitted
  }

  /** This run holds its lease: nobody else can take it out of service. */
  get isInHand(): boolean {
    return this.#keeper !== null
  }

  /** 95th percentile of how long its maintenances took, in ms; null: none is known, or it was not looked at yet. */
  get usualMs(): number | null {
    const x = this.#x
    return x === null ? null : percentile95(x.known.facts.or(pastDurations(x.machine.stateDir), []))
  }

  /** Why it counts as out of service; null: it serves; undefined: nobody has looked. */
  get out(): Doubt {
    const end = this.#end
    if (end?.verdict === 'held') return 'it is held'
    if (end?.verdict === 'unreachable') return WHY_OUT.unreachable
    return end?.isOut ? end.reason : this.#known.doubt
  }

  /**
   * A first look that takes no lease and changes nothing, so that hosts which are out already use the budget before the
   * first host is admitted (promise 3). The connection is kept for the host's turn.
   */
  async scout(): Promise<Scouted> {
    const found = await this.#glance()
    if (found === 'calm') return (await this.lookAtUsers()) === null ? 'calm' : 'unwell'
    this.#known.doubt ??= this.#notOpened?.reason ?? WHY_OUT[found]
    return found
  }

  /** Whether its users reach it and are served, as a first look tells, where it can be asked. */
  async lookAtUsers(): Promise<Doubt> {
    if (this.#x !== null) this.#known.doubt = await lookAtUsers(this.#x, this.#io).catch(() => WHY_OUT.unreachable)
    return this.#known.doubt
  }

  /** The same without its traffic. */
  async lookAtWellBeing(): Promise<Doubt> {
    if (this.#x !== null) this.#known.doubt = await lookAtWellBeing(this.#x, this.#io).catch(() => WHY_OUT.unreachable)
    return this.#known.doubt
  }

  async #glance(): Promise<Recorded> {
    const opened = await openHost(this.host, this.#io).catch(whyNotOpened)
    if (typeof opened === 'string' || 'verdict' in opened) {
      // Asked once is enough: a refused key is never tried again, and retries were made. Of anything else its turn tells.
      if (typeof opened === 'string') this.#known.doubt = opened
      else this.#notOpened = opened
      return 'unreachable'
    }
    this.#x = this.#context(opened)
    return scouted(await opened.look(this.#io.signal))
  }

  /** Whether another run has it by now: one question over the connection of the first look, without its traffic. */
  async lookAgain(): Promise<Recorded> {
    return this.#x === null ? 'unreachable' : lookAgain(this.#x)
  }

  /** Connects, leases, settles, looks, prepares. null: ready for admission; else the host has its verdict. */
  async prepare(): Promise<HostEnd | null> {
    this.#prepared = true
    return this.#guard(async () => (await this.#begin()) ?? (await inspect(this.#opened(), this.#io)))
  }

  /** Settles what an earlier run left, and no more (`rest`: what a host is for that has nothing left); always a verdict. */
  async recover(rest: (x: HostContext, io: EngineIo) => Promise<HostEnd> = nothingLeft): Promise<HostEnd | null> {
    return this.#guard(async () => (await this.#begin()) ?? (await rest(this.#opened(), this.#io)))
  }

  async #begin(): Promise<HostEnd | null> {
    const opened = this.#x?.machine ?? this.#notOpened ?? (await openHost(this.host, this.#io))
    if ('verdict' in opened) return opened
    this.#x ??= this.#context(opened)
    return (await this.#lease(this.#x)) ?? (await settle(this.#x, this.#io))
  }

  #opened(): HostContext {
    if (this.#x === null) throw new Error(`${this.host.name} is not connected`)
    return this.#x
  }

  /** Only after a `prepare` that gave null, inside the window and the budget. */
  async maintain(): Promise<HostEnd> {
    const x = this.#x
    if (x === null || this.#end !== null) throw new Error(`${this.host.name} is not ready for maintenance`)
    this.#admitted = true
    this.#closes = this.#io.closes(this.host)
    x.known.admittedAtMs = this.#io.clock.monotonicMs()
    x.tell({ type: 'admitted' })
    const end = await this.#guard(() => maintain(x, this.#io))
    return end ?? ended('held', 'an internal error: the host ended without a verdict')
  }

  /** Gives a verdict from outside to a host that was not admitted. */
  dismiss(end: HostEnd): void {
    if (this.#end === null) this.#finish(end)
  }

  #context(machine: Machine): HostContext {
    const { io, host } = { io: this.#io, host: this.host }
    return {
      host,
      machine,
      place: async (place) => (place === 'host' ? machine : io.shared(place)),
      clock: io.clock,
      signal: io.signal,
      tell: (body) => io.tell(body, host.name),
      mask: io.mask,
      run: io.run,
      mayBegin: () => this.#keeper?.barred ?? null,
      ledgerKey: () => io.ledgerKey(host),
      known: this.#known,
    }
  }

  async #lease(x: HostContext): Promise<HostEnd | null> {
    const { machine } = x
    this.#tell({ type: 'connected', rights: machine.rights, reconnect: false })
    const answer = await takeOrAttach(x, this.#io)
    if (answer.t !== 'taken') return refusedLease(answer, machine)
    this.#tell({ type: 'lease.taken', token: answer.token })
    x.known.programs = firstProgramOf(answer.token)
    this.#keeper = new LeaseKeeper(machine, this.#io.clock, () => this.#tell({ type: 'lease.lost' }))
    return answer.state === null ? unreadableState(this.host.name, machine) : null
  }

  #tell(body: EventBody): void {
    this.#io.tell(body, this.host.name)
  }

  /** Every way out of a host's work is a verdict: also what nobody foresaw. */
  async #guard(work: () => Promise<HostEnd | null>): Promise<HostEnd | null> {
    try {
      const end = await work()
      if (end !== null) this.#finish(end)
      return end
    } catch (error) {
      const foreseen = error instanceof MaintenanceError
      const touched = this.#x?.machine.state.touched === true || this.#x?.machine.state.drained === true
      const why = foreseen
        ? sentenceOf(error)
        : `an internal error: ${error instanceof Error ? error.message : String(error)}`
      const end = {
        ...ended(touched || this.#admitted ? 'held' : 'untouched', why),
        ...(foreseen ? {} : { internal: true as const }),
        ...(this.#x === null ? { unseen: true as const } : {}),
      }
      if (!foreseen)
        this.#tell({
          type: 'warning',
          sentence: error instanceof Error ? (error.stack ?? error.message) : String(error),
        })
      this.#finish(end)
      return end
    }
  }

  #finish(end: HostEnd): void {
    this.#end = end
    // The gate was open to the last.
    if (end.verdict === 'live' || end.verdict === 'rolled-back') this.#known.doubt = null
    const state = this.#x?.machine.state
    this.#tell({
      type: 'host.ended',
      verdict: end.verdict,
      reason: end.reason,
      rule: end.rule,
      lastMaintained: state?.lastMaintained || null,
      nextDue: this.#io.nextDue(this.host)?.toISOString() ?? null,
      // The window governs admission only: an admitted host is carried to its verdict (promise 5).
      overrun: this.#closes !== null && this.#io.clock.now() > this.#closes,
    })
  }

  /**
   * Ends renewal and gives the lease back. The connection is kept: from now on another run may take the host, and who is
   * admitted after it has to know. Failures here are told, never thrown.
   */
  async giveBack(): Promise<void> {
    const [x, keeper] = [this.#x, this.#keeper]
    if (x === null || keeper === null) return
    await keeper[Symbol.asyncDispose]()
    // A program that goes on by itself keeps the machine lock; the lease is not needed for that.
    const quick = AbortSignal.timeout(this.#io.signal.aborted ? 1_500 : 15_000)
    const released =
      this.#end?.verdict === 'unreachable' ? 'unknown' : await x.machine.releaseLease(quick).catch(() => 'unknown')
    this.#keeper = null
    if (released === 'ok') this.#tell({ type: 'lease.released' })
  }

  /** Gives the lease back and closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.giveBack()
    const x = this.#x
    this.#x = null
    await Promise.resolve(x?.machine[Symbol.asyncDispose]()).catch(() => undefined)
  }
}

const nothingLeft = async () => ended('untouched', 'nothing to recover')
