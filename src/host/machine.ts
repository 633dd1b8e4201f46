import { randomBytes } from 'node:crypto'
import type { Duplex } from 'node:stream'
import { type Facts, ok, type Result } from '../facts/fact'
import { readStoredFacts } from '../facts/stored-forms'
import { sh } from '../shell/sh'
import {
  compileLook,
  compileRelease,
  compileRenew,
  compileTake,
  type LeaseAnswer,
  type LeaseLook,
  type LeaseWant,
  parseLook,
  parseTake,
  urlOfLease,
} from './lease'
import type { ProgramContext } from './program'
import { askNotes, type FoundNote, NOTES_CAP, NOTES_MS, parseNotes } from './program-note'
import type { Answer, Program, ProgramEnd, Question, Remote, WireItem } from './remote'
import type { HostSession } from './session'
import { FRESH, formatState, type HostState } from './state'

/** A machine that a run works on: a remote with a lease, a state, and a folder of the run's own. */
export interface Machine extends Remote {
  readonly runDir: string
  /** Held by each program for as long as it lives. */
  readonly lockFile: string
  /** The last state that was read from, or written to, the machine. */
  readonly state: HostState
  /** What stands on the machine; takes and writes nothing. null: no whole answer. */
  look(signal: AbortSignal): Promise<LeaseLook | null>
  /** `overForged`: by order of a person, who has looked at the host. */
  takeLease(signal: AbortSignal, by?: { readonly overForged: boolean }): Promise<LeaseAnswer>
  /** `unknown` where the machine could not be asked: age decides. */
  renewLease(signal: AbortSignal): Promise<'ok' | 'lost' | 'unknown'>
  releaseLease(signal: AbortSignal): Promise<'ok' | 'lost' | 'unknown'>
  /** Under the machine lock, after comparing the token; programs of one machine wait for one another. */
  run(program: Program, onItem: (item: WireItem) => void, signal: AbortSignal): Promise<ProgramEnd>
  readBaseline(signal: AbortSignal): Promise<Facts | undefined>
  /** What the programs of a run say of themselves, as their folders are named. */
  readNotes(run: string, signal: AbortSignal): Promise<Result<readonly FoundNote[]>>
  /** Follows a program of an earlier run from its first record. Needs no lease: it changes nothing. */
  attach(
    run: string,
    program: Pick<Program, 'id' | 'steps'>,
    onItem: (item: WireItem) => void,
    signal: AbortSignal,
  ): Promise<ProgramEnd>
  /** Resolves when the present connection is gone. */
  readonly closed: Promise<string>
}

export interface MachineOptions {
  readonly session: HostSession
  readonly run: string
  readonly url: string
  readonly secret: (name: string) => string
  /** Each of several entries with one machine id has a state folder and a lock of its own (design 3.3). */
  readonly ownLock: boolean
  /** false: the folder is the run's own (the runner's report folder); who may write above it is not ours to judge. */
  readonly checkPath?: boolean
  readonly adopt?: boolean
}

const MACHINE_LOCK = '/run/pitstop/lock'

/** One folder below `runs`, whatever a forged state may say. */
const isRunName = (run: string) => /^[A-Za-z0-9_-][A-Za-z0-9._:@+-]*$/.test(run)

/** Most bytes of a stored baseline that are believed. */
const BASELINE_CAP = 4 * 2 ** 20

export class LeasedMachine implements Machine {
  readonly #o: MachineOptions
  readonly #want: LeaseWant
  readonly runDir: string
  #token = 0
  #state: HostState = FRESH
  #queue: Promise<unknown> = Promise.resolve()

  constructor(options: MachineOptions) {
    this.#o = options
    const { session, run } = options
    this.runDir = `${session.stateDir}/runs/${run}`
    const shared = session.rights === 'root' && !options.ownLock
    this.#want = {
      stateDir: session.stateDir,
      lockFile: shared ? MACHINE_LOCK : `${session.stateDir}/lock/program`,
      asRoot: session.rights === 'root' && options.checkPath !== false,
      adopt: options.adopt === true,
      run,
      owner: randomBytes(12).toString('hex'),
      url: options.url,
    }
  }

  get lockFile() {
    return this.#want.lockFile
  }
  get rights() {
    return this.#o.session.rights
  }
  get stateDir() {
    return this.#o.session.stateDir
  }
  get state() {
    return this.#state
  }
  get closed() {
    return this.#o.session.closed
  }

  async look(signal: AbortSignal): Promise<LeaseLook | null> {
    return parseLook(
      (await this.#o.session.send(compileLook(this.stateDir, this.#want.owner), signal))?.toString('utf8') ?? '',
    )
  }

  async takeLease(signal: AbortSignal, by = { overForged: false }): Promise<LeaseAnswer> {
    const bytes = await this.#o.session.send(compileTake({ ...this.#want, ...by }), signal)
    const answer = parseTake(bytes?.toString('utf8') ?? '')
    if (answer.t === 'held') return { ...answer, url: urlOfLease(answer.url ?? '', this.#o.url) }
    if (answer.t === 'taken') {
      this.#token = answer.token
      this.#state = { ...(answer.state ?? FRESH), token: answer.token }
    }
    return answer
  }

  renewLease(signal: AbortSignal) {
    return this.#lease(compileRenew(this.#want, this.#token), signal)
  }

  releaseLease(signal: AbortSignal) {
    return this.#lease(compileRelease(this.#want, this.#token), signal)
  }

  async #lease(payload: string, signal: AbortSignal): Promise<'ok' | 'lost' | 'unknown'> {
    const text = (await this.#o.session.send(payload, signal))?.toString('latin1')
    return text === 'ok\n' ? 'ok' : text === 'lost\n' ? 'lost' : 'unknown'
  }

  run(program: Program, onItem: (item: WireItem) => void, signal: AbortSignal): Promise<ProgramEnd> {
    if (program.beside) return this.#run(program, onItem, signal)
    const turn = this.#queue.then(() => this.#run(program, onItem, signal))
    this.#queue = turn.catch(() => undefined)
    return turn
  }

  async #run(program: Program, onItem: (item: WireItem) => void, signal: AbortSignal): Promise<ProgramEnd> {
    if (signal.aborted) return { t: 'cancelled' }
    const state: HostState = { ...this.#state, ...program.state, v: 1, run: this.#o.run, token: this.#token }
    const end = await this.#o.session.run(program, onItem, signal, this.#context(state))
    const isBegun = end.t !== 'lease-lost' && end.t !== 'no-space' && end.t !== 'no-secrets'
    if (isBegun && !program.beside) this.#state = state
    return end
  }

  #context(state: HostState): ProgramContext {
    return {
      stateDir: this.stateDir,
      runDir: this.runDir,
      run: this.#o.run,
      lockFile: this.#want.lockFile,
      token: this.#token,
      stateText: formatState(state),
      keepState: keepStateOf(this.#state, state),
      secret: this.#o.secret,
      systemd: this.rights === 'root' && this.#o.session.hello.systemd,
    }
  }

  ask(questions: readonly Question[], signal: AbortSignal): Promise<readonly Answer[]> {
    return this.#o.session.ask(
      questions.map((question) => this.#withSecrets(question)),
      signal,
    )
  }

  #withSecrets(question: Question): Question {
    const secrets = Object.entries(question.secretEnv ?? {}).map(([name, { env }]) => [name, this.#o.secret(env)])
    return secrets.length === 0 ? question : { ...question, env: { ...question.env, ...Object.fromEntries(secrets) } }
  }

  async readBaseline(signal: AbortSignal): Promise<Facts | undefined> {
    const path = `${this.stateDir}/baseline.json`
    const [answer] = await this.ask(
      [{ id: 'baseline', sh: sh`[ -f ${path} ] && cat ${path}`, cap: BASELINE_CAP }],
      signal,
    )
    return answer?.rc === 0 ? readStoredFacts(answer.out) : undefined
  }

  async readNotes(run: string, signal: AbortSignal): Promise<Result<readonly FoundNote[]>> {
    if (!isRunName(run)) return ok([])
    const question = { id: 'notes', sh: askNotes(this.stateDir, run), cap: NOTES_CAP, timeoutMs: NOTES_MS }
    const [answer] = await this.ask([question], signal)
    return parseNotes(answer ?? { rc: null, out: '', truncated: false }, run)
  }

  async attach(
    run: string,
    program: Pick<Program, 'id' | 'steps'>,
    onItem: (item: WireItem) => void,
    signal: AbortSignal,
  ): Promise<ProgramEnd> {
    const dir = `${this.stateDir}/runs/${run}/${program.id}`
    return this.#o.session.attach({ ...program, state: {} }, dir, onItem, signal)
  }

  dial(host: string, port: number): Promise<Duplex> {
    return this.#o.session.dial(host, port)
  }
  freshLogin(signal: AbortSignal): Promise<void> {
    return this.#o.session.freshLogin(signal)
  }
  reconnect(signal: AbortSignal, deadlineMs: number): Promise<void> {
    return this.#o.session.reconnect(signal, deadlineMs)
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.#o.session[Symbol.asyncDispose]()
  }
}

/**
 * Stages between which nothing that decides changes: nothing is disturbed yet, or all of it is to be verified. A drain that
 * takes nobody out of service (nothing disruptive is pending) disturbs nothing either.
 */
const CALM: readonly string[] = ['idle', 'prepare', 'monitor', 'drain']
const TOUCHED: readonly string[] = ['clean', 'update', 'verify']

/** How much it matters that this state is on the disk before the next step. */
export function keepStateOf(was: HostState, is: HostState): ProgramContext['keepState'] {
  if (JSON.stringify({ ...was, phase: '' }) !== JSON.stringify({ ...is, phase: '' })) return 'sync'
  const both = (phases: readonly string[]) => phases.includes(was.phase) && phases.includes(is.phase)
  if (!is.touched && !is.drained && both(CALM)) return 'no'
  return is.touched && both(TOUCHED) ? 'write' : 'sync'
}
