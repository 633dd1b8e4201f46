import type { Duplex } from 'node:stream'
import type { Secret, ShStep, StepResult } from '../plan/step'
import type { Sh } from '../shell/sh'
import type { HostState } from './state'

/** One command on a machine: bytes in, bytes out, an exit code. Everything of SSH above it is the wire (wire.ts). */
export interface Channel {
  /** Written as it is; `end` closes standard input. */
  readonly stdin: NodeJS.WritableStream
  readonly stdout: AsyncIterable<Uint8Array>
  readonly stderr: AsyncIterable<Uint8Array>
  /** Exit code once stdout and stderr are over and the channel is closed; null: unknown (signal, lost connection). Never rejects. */
  readonly exit: Promise<number | null>
  /** Closes the channel; the remote command may live on. */
  close(): void
}

/** A connection to one machine. The only implementations: ssh (node-ssh), openssh (the runner's ssh), local. */
export interface Transport extends AsyncDisposable {
  /** `command` is given to the login shell of the other side: callers send only text that sh, csh and fish read alike. */
  exec(command: string): Promise<Channel>
  /** A TCP connection from that machine's point of view. @throws ConnectError "refused" included */
  dial(host: string, port: number): Promise<Duplex>
  /** Resolves when the connection is gone, with the reason. Never rejects. */
  readonly closed: Promise<string>
  /** Fingerprint of the host key that was verified; left out where the transport does not tell. */
  readonly hostKey?: string
}

/** Makes connections to one machine. Retries with jitter what may be retried, never a refused key or login. */
export interface Dialer {
  /** @throws HostKeyError | LoginRefused | ConnectError */
  connect(signal: AbortSignal, options?: { attempts?: number; handshakeMs?: number }): Promise<Transport>
}

/** Several steps as one POSIX sh program that runs detached, under the machine lock, for the holder of `token`. */
export interface Program {
  /** Unique on the host: `<stage>-<k>`. Starting the same id of the same run twice starts it once. */
  readonly id: string
  readonly steps: readonly ShStep[]
  /** What of the host's state is on the disk before the first step begins. */
  readonly state: Partial<HostState>
  /**
   * Runs beside the program of this run that is at work: it neither waits for the machine lock nor holds it, and writes no
   * state. Only for what is over long before the lease could be.
   */
  readonly beside?: true
  /** One line, kept beside the program for whoever finds it later (program-note.ts). */
  readonly note?: string
}

export type WireItem =
  | { readonly t: 'begin'; readonly step: string }
  | { readonly t: 'live'; readonly step: string | null; readonly text: string }
  | { readonly t: 'end'; readonly result: StepResult }
  | { readonly t: 'reconnected' }

export type ProgramEnd =
  | { readonly t: 'over' }
  /** The process is gone and no `over` was written: what was open is interrupted, the rest never began. */
  | { readonly t: 'died' }
  /** The connection could not be had again: the program may go on by itself. */
  | { readonly t: 'lost'; readonly why: string }
  /** We were told to stop: the program goes on by itself. */
  | { readonly t: 'cancelled' }
  /** The disk did not take the program or the state: nothing was begun after that. */
  | { readonly t: 'no-space' }
  /** Its secrets could only have lain on a disk, or in the log of sudo: nothing of it was sent or begun. */
  | { readonly t: 'no-secrets'; readonly why: string }
  /** The token on the host is not ours, or another program holds the machine lock: nothing was begun. */
  | { readonly t: 'lease-lost' }
  /** A step that must not be killed is over its time; its program lives. */
  | { readonly t: 'overtime'; readonly step: string; readonly pid: number | null }

/** Asked in one round trip; changes nothing, needs no files, works on a full or read-only disk. */
export interface Question {
  readonly id: string
  readonly sh: Sh
  readonly cap: number
  /** About how long the answer takes, in ms, where that is much (`Fact.costMs`). */
  readonly costMs?: number
  /** Given for commands that a person wrote: ended by the host after this time, output bounded there. */
  readonly timeoutMs?: number
  /** Only with `timeoutMs`. */
  readonly env?: Readonly<Record<string, string>>
  /** Only with `timeoutMs`. Filled in on the way to the machine, which gets them by standard input, in no argument (H21). */
  readonly secretEnv?: Readonly<Record<string, Secret>>
}

export interface Answer {
  readonly id: string
  readonly rc: number | null
  readonly out: string
  readonly truncated: boolean
}

/** A machine as checks and facts see it: one connection for the whole run, made again when it breaks. */
export interface Remote extends AsyncDisposable {
  readonly rights: 'root' | 'none'
  /** Absolute path on the machine. */
  readonly stateDir: string
  ask(questions: readonly Question[], signal: AbortSignal): Promise<readonly Answer[]>
  dial(host: string, port: number): Promise<Duplex>
  /** A second, complete login, closed again: proof that new logins work. */
  freshLogin(signal: AbortSignal): Promise<void>
  /** Drops the connection and makes a new one (after a reboot): full logins, one at a time. */
  reconnect(signal: AbortSignal, deadlineMs: number): Promise<void>
}
