import type { LeaseAnswer } from './lease'
import type { Machine } from './machine'

type Taken = Extract<LeaseAnswer, { t: 'taken' }>

/**
 * The machines of one run by name, each once. A target at which others are drained has two roles in the run: with a session
 * and a lease for each, the run would meet its own lease there, and two memories of one state would overwrite one another.
 */
export class MachinePool {
  readonly #open = new Map<string, Promise<Shared>>()

  /** In one more role: its lease is given back, and its connection closed, with the last one. @throws what `connect` throws */
  async get(name: string, connect: () => Promise<Machine>): Promise<Machine> {
    for (;;) {
      const role = (await (this.#open.get(name) ?? this.#connect(name, connect))).role()
      if (role !== null) return role
    }
  }

  #connect(name: string, connect: () => Promise<Machine>): Promise<Shared> {
    const forget = () => {
      if (this.#open.get(name) === opening) this.#open.delete(name)
    }
    const opening = connect().then((machine) => new Shared(machine, forget))
    this.#open.set(name, opening)
    // Who asks next tries again.
    opening.catch(forget)
    return opening
  }
}

/** One machine, and the roles that it is open for. */
class Shared {
  readonly machine: Machine
  readonly #onOver: () => void
  readonly #roles = new Set<Machine>()
  readonly #leased = new Set<Machine>()
  #taken: Taken | null = null
  #isOver = false

  constructor(machine: Machine, onOver: () => void) {
    this.machine = machine
    this.#onOver = onOver
  }

  /** null: the last one was over before this one came. */
  role(): Machine | null {
    if (this.#isOver) return null
    const role = new Role(this)
    this.#roles.add(role)
    return role
  }

  /** What the run holds already it need not ask for, whatever program of its own is at work there. */
  async take(role: Machine, signal: AbortSignal, by?: { readonly overForged: boolean }): Promise<LeaseAnswer> {
    const answer = this.#taken ?? (await this.machine.takeLease(signal, by))
    if (answer.t !== 'taken') return answer
    this.#taken ??= answer
    this.#leased.add(role)
    // A state that could not be read then is none of anybody's now.
    return { ...answer, state: answer.state === null ? null : this.machine.state }
  }

  async renew(signal: AbortSignal): Promise<'ok' | 'lost' | 'unknown'> {
    const answer = await this.machine.renewLease(signal)
    if (answer === 'lost') this.#taken = null
    return answer
  }

  async release(role: Machine, signal: AbortSignal): Promise<'ok' | 'lost' | 'unknown'> {
    this.#leased.delete(role)
    if (this.#leased.size > 0) return 'ok'
    this.#taken = null
    return this.machine.releaseLease(signal)
  }

  async leave(role: Machine): Promise<void> {
    this.#leased.delete(role)
    if (!this.#roles.delete(role) || this.#roles.size > 0) return
    this.#isOver = true
    this.#onOver()
    await this.machine[Symbol.asyncDispose]()
  }
}

/** A machine in one of its roles: all of it is shared but the end. */
class Role implements Machine {
  readonly #shared: Shared
  readonly #on: Machine

  constructor(shared: Shared) {
    this.#shared = shared
    this.#on = shared.machine
  }

  get rights() {
    return this.#on.rights
  }
  get stateDir() {
    return this.#on.stateDir
  }
  get runDir() {
    return this.#on.runDir
  }
  get lockFile() {
    return this.#on.lockFile
  }
  get state() {
    return this.#on.state
  }
  get closed() {
    return this.#on.closed
  }
  look: Machine['look'] = (signal) => this.#on.look(signal)
  takeLease: Machine['takeLease'] = (signal, by) => this.#shared.take(this, signal, by)
  renewLease: Machine['renewLease'] = (signal) => this.#shared.renew(signal)
  releaseLease: Machine['releaseLease'] = (signal) => this.#shared.release(this, signal)
  run: Machine['run'] = (program, onItem, signal) => this.#on.run(program, onItem, signal)
  readBaseline: Machine['readBaseline'] = (signal) => this.#on.readBaseline(signal)
  readNotes: Machine['readNotes'] = (run, signal) => this.#on.readNotes(run, signal)
  attach: Machine['attach'] = (run, program, onItem, signal) => this.#on.attach(run, program, onItem, signal)
  ask: Machine['ask'] = (questions, signal) => this.#on.ask(questions, signal)
  dial: Machine['dial'] = (host, port) => this.#on.dial(host, port)
  freshLogin: Machine['freshLogin'] = (signal) => this.#on.freshLogin(signal)
  reconnect: Machine['reconnect'] = (signal, deadlineMs) => this.#on.reconnect(signal, deadlineMs)
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#shared.leave(this)
  }
}
