import { ConnectError, LoginRefused, type MaintenanceError } from '../errors'
import type { KnownKeys } from './host-key'
import type { AttemptFailure } from './retry'

/** One failed attempt: what to tell, and whether another one makes sense. */
export class AttemptFailed extends Error {
  readonly why: AttemptFailure
  readonly error: MaintenanceError

  constructor(why: AttemptFailure, error: MaintenanceError) {
    super(error.message, { cause: error })
    this.why = why
    this.error = error
  }
}

export interface AttemptContext {
  readonly known: KnownKeys
  readonly user: string
  /** What was offered: "the private key". */
  readonly offered: string
  readonly handshakeMs: number
  /** The key exchange was complete before the error came. */
  readonly sawHandshake: boolean
}

/** What an error of ssh2 or Node means: by `level` and `code`. No message text is looked at. */
export function classify(error: unknown, context: AttemptContext): AttemptFailed {
  if (error instanceof AttemptFailed) return error
  if (error instanceof ConnectError) return new AttemptFailed('refused', error)
  const { level, code } = fields(error)
  if (level === 'client-authentication') return new AttemptFailed('final', loginRefused(context, error))
  if (level === 'agent') return failed(context, 'final', 'the ssh agent could not be used', error)
  if (code === 'ENOTFOUND') return failed(context, 'final', 'the name does not resolve', error)
  if (code === 'ECONNREFUSED') return failed(context, 'refused', 'nobody listens there', error)
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH' || code === 'EAI_AGAIN') {
    return failed(context, 'refused', textOf(error), error)
  }
  // No algorithm in common, or a signature that is wrong.
  if (level === 'handshake') return failed(context, 'final', textOf(error), error)
  if (level === 'client-timeout') return late(context, error)
  if (level === 'protocol' && !context.sawHandshake) {
    return failed(context, 'lost-before-handshake', 'the server hung up before it said it speaks SSH', error)
  }
  return failed(context, 'dropped', 'the connection was cut while logging in', error)
}

/** The attempt took longer than it may. */
export function late(context: AttemptContext, cause?: unknown): AttemptFailed {
  return failed(context, 'timeout', `no complete login within ${context.handshakeMs / 1000} s`, cause)
}

const HINTS: Record<AttemptFailure, string> = {
  refused: 'check address and port, and that sshd runs and the firewall lets the runner in',
  dropped: 'look at the log of sshd on the host',
  'lost-before-handshake': 'MaxStartups or PerSourcePenalties of sshd may be refusing the runner for a while',
  timeout: 'check address and port, and that the firewall lets the runner in',
  final: 'check the address; a server without common algorithms needs transport: openssh or a newer sshd',
}

function failed({ known }: AttemptContext, why: AttemptFailure, text: string, cause?: unknown): AttemptFailed {
  const message = `${known.name}: no SSH connection to ${known.address} port ${known.port}: ${text}`
  const options = cause === undefined ? { hint: HINTS[why] } : { hint: HINTS[why], cause }
  return new AttemptFailed(why, new ConnectError(message, options))
}

function loginRefused({ known, user, offered }: AttemptContext, cause: unknown): LoginRefused {
  return new LoginRefused(`${known.name}: login as ${user} was refused with ${offered}`, {
    cause,
    hint: `add the public half to authorized_keys of ${user} on ${known.address}, or correct ssh.user`,
  })
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function fields(error: unknown): { level: unknown; code: unknown } {
  if (typeof error !== 'object' || error === null) return { level: undefined, code: undefined }
  return { level: 'level' in error ? error.level : undefined, code: 'code' in error ? error.code : undefined }
}
