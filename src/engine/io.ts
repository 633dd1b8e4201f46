import { join } from 'node:path'
import { runnerNetwork } from '../checks/runner-network'
import type { HostConfig, MaintenanceFile } from '../config/schema'
import { placesOfSecrets } from '../config/secret-places'
import { ConnectError, HostKeyError, LockHeldError, LoginRefused, MaintenanceError, NoRootError } from '../errors'
import type { Dialers } from '../host/dialer'
import { localDialer } from '../host/local'
import { LeasedMachine, type Machine } from '../host/machine'
import { MachinePool } from '../host/machine-pool'
import { HostSession } from '../host/session'
import type { Place, Secret } from '../plan/step'
import type { Clock } from './clock'
import { LeaseKeeper } from './lease-keeper'
import { describeLease } from './lease-sentence'
import { hasOwnLock, type Known, OwnMachines } from './own-machine'
import { waitForLease } from './wait-for-lease'

export interface MachinesOptions {
  readonly file: MaintenanceFile
  readonly dialers: Dialers
  /** Why a host cannot be logged in to, known before anybody tries. */
  readonly closedTo: (host: HostConfig) => string | null
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly run: { readonly id: string; readonly url: string }
  readonly sudoPassword: string | null
  readonly secret: (secret: Secret) => string
  /** Where the runner keeps its own state: the report folder. */
  readonly reportDir: string
  /** Look only: no password is sent, and without `sudo -n` the session goes on without root. */
  readonly readOnly: boolean
  /** Post: the lease of this very run may be taken over. */
  readonly adopt: boolean
  /** false: helpers and the runner are only asked (verify, plan), which needs no lease, and takes none away. */
  readonly leases?: boolean
  /** Recover: the lease of a run that is gone is waited for, at a helper as at a host. */
  readonly waits: boolean
  readonly say: (sentence: string) => void
}

/** Opens the machines of one run, and keeps those that several hosts share. */
export class Machines implements AsyncDisposable {
  readonly #o: MachinesOptions
  readonly #shared = new Map<Place, Promise<Machine>>()
  /** A target that is a helper too is one machine, with one lease. */
  readonly #pool = new MachinePool()
  readonly #known = new Map<string, Known>()
  readonly #own: OwnMachines
  readonly #keepers: LeaseKeeper[] = []
  readonly network = runnerNetwork()

  constructor(options: MachinesOptions) {
    this.#o = options
    this.#own = new OwnMachines(options.say)
  }

  /** @throws ConnectError and its kin, NoRootError, MaintenanceError where two entries are one machine */
  async open(host: HostConfig, signal: AbortSignal): Promise<Machine> {
    const machine = await this.#pool.get(host.name, () => this.#connect(host, signal))
    try {
      const known = this.#known.get(host.name)
      if (known !== undefined) this.#own.require(known)
    } catch (error) {
      await machine[Symbol.asyncDispose]()
      throw error
    }
    return machine
  }

  async #connect(host: HostConfig, signal: AbortSignal): Promise<Machine> {
    const session = await this.#session(host, signal)
    if (session.hello.sudoKeepsInput && this.#getsSecrets(host)) {
      await session[Symbol.asyncDispose]()
      throw sudoKeeps(host)
    }
    this.#known.set(host.name, { host, machineId: session.hello.machineId, hostKey: session.hostKey })
    return this.#machine(session, { ownLock: hasOwnLock(host) })
  }

  /** For its own maintenance, or as a helper for that of another. */
  #getsSecrets(host: HostConfig): boolean {
    return [...this.#o.file.hosts.values()].some((one) =>
      placesOfSecrets(one).has(one.name === host.name ? 'host' : host.name),
    )
  }

  async #session(host: HostConfig, signal: AbortSignal): Promise<HostSession> {
    const { clock, sudoPassword, readOnly, file } = this.#o
    const closed = this.#o.closedTo(host)
    if (closed !== null) throw new LoginRefused(closed)
    const dialer = this.#o.dialers.for(host, file.hosts)
    const options = { dialer, clock, become: host.become, stateDir: host.stateDir }
    const password = sudoPassword === null || readOnly ? {} : { sudoPassword }
    try {
      return await HostSession.open({ ...options, ...password }, signal)
    } catch (error) {
      if (!readOnly || !(error instanceof NoRootError)) throw error
      return HostSession.open({ ...options, become: 'none' }, signal)
    }
  }

  #machine(session: HostSession, more: { ownLock: boolean; checkPath?: boolean }): LeasedMachine {
    const { run, secret, adopt } = this.#o
    return new LeasedMachine({ session, run: run.id, url: run.url, secret: (env) => secret({ env }), adopt, ...more })
  }

  /** A helper or the runner, with its lease; the same one for all hosts of the run. */
  shared(place: Place): Promise<Machine> {
    const found = this.#shared.get(place)
    if (found !== undefined) return found
    const opening = place === 'runner' ? this.#runner() : this.#helper(place)
    this.#shared.set(place, opening)
    // A helper that was away, or in other hands, for a moment fails whoever asks then, and nobody after.
    opening.catch((error: unknown) => {
      if (mayPass(error) && this.#shared.get(place) === opening) this.#shared.delete(place)
    })
    return opening
  }

  async #runner(): Promise<Machine> {
    const { clock, signal, reportDir } = this.#o
    const stateDir = join(reportDir, 'runner')
    const session = await HostSession.open({ dialer: localDialer(), clock, become: 'none', stateDir }, signal)
    return this.#leased('the runner', this.#machine(session, { ownLock: true, checkPath: false }))
  }

  async #helper(name: string): Promise<Machine> {
    const helper = this.#o.file.hosts.get(name)
    if (helper === undefined) throw new MaintenanceError(`there is no host ${name} in the maintenance file`)
    return this.#leased(`helper ${name}`, await this.#pool.get(name, () => this.#connect(helper, this.#o.signal)))
  }

  /** Renewed until the run ends, as long as that may take: a drain at a helper is undone there. */
  async #leased(who: string, machine: Machine): Promise<Machine> {
    const { clock, signal, leases = true, waits, say } = this.#o
    if (!leases) return machine
    const answer = await waitForLease(machine, {
      clock,
      signal,
      forProgramMs: PROGRAM_AT_HELPER_MS,
      forLease: waits,
      say: (sentence) => say(`${who}: ${sentence}`),
    })
    if (answer.t === 'taken') {
      this.#keepers.push(new LeaseKeeper(machine, clock, () => say(`${who}: another run took its lease`)))
      return machine
    }
    await machine[Symbol.asyncDispose]()
    throw new LockHeldError(`${who}: ${describeLease(answer, machine.stateDir)}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#keepers.map((keeper) => keeper[Symbol.asyncDispose]()))
    const quick = AbortSignal.timeout(this.#o.signal.aborted ? 1_500 : 15_000)
    await Promise.all(
      [...this.#shared.values()].map(async (opening) => {
        const machine = await opening.catch(() => null)
        if (machine === null) return
        if (this.#o.leases !== false) await machine.releaseLease(quick).catch(() => undefined)
        await machine[Symbol.asyncDispose]()
      }),
    )
  }
}

/** What may be otherwise the next time. A refused key or login, or sudo, is never tried again (H37). */
function mayPass(error: unknown): boolean {
  if (error instanceof HostKeyError || error instanceof LoginRefused) return false
  return error instanceof ConnectError || error instanceof LockHeldError
}

function sudoKeeps({ name, user }: HostConfig): MaintenanceError {
  return new MaintenanceError(
    `sudo on ${name} keeps in a log what programs are given (log_input), and the file sends secrets there`,
    {
      hint: `Switch that log off for this login (\`Defaults:${user} !log_input\`), log in as root, or send no secret to this host.`,
    },
  )
}

/** How long the program of an earlier run at a helper is waited for: it drains or undrains one host. */
const PROGRAM_AT_HELPER_MS = 120_000
