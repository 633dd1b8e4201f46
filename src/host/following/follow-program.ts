import { type Clock, pause } from '../../engine/clock'
import type { Connection } from '../connection'
import type { HostShell } from '../host-shell'
import type { ProgramReader } from '../program-reader'
import type { ProgramEnd, Transport, WireItem } from '../remote'
import type { ShellPool } from '../shell-pool'

/** Longer than the follower waits between two looks: what it saw before it has told by then. */
const LOOK_EVERY_MS = 400
/** Channels in a row that may break before a program counts as one that cannot be followed. */
const MOST_BROKEN = 20

const FLOOD = 'the records of a program are more than it can have written: the host is not listened to any longer'

/** A program on a machine, and who hears of it. */
export interface Followed {
  readonly connection: Connection
  readonly clock: Clock
  readonly reader: ProgramReader
  readonly onItem: (item: WireItem) => void
  /** Of the process of the program; null: unknown. */
  readonly pid: (signal: AbortSignal) => Promise<number | null>
}

/** Follows a program to its end, through as many connections as it takes, but no longer than its reader has time for. */
export async function followProgram(f: Followed, payload: string, signal: AbortSignal): Promise<ProgramEnd> {
  const { connection, reader } = f
  let failures = 0
  let isLost = false
  for (;;) {
    const shells = await connection.shells(signal)
    if (signal.aborted) return reader.conclude() ?? { t: 'cancelled' }
    if (shells === null) return reader.conclude() ?? { t: 'lost', why: connection.why }
    if (isLost) f.onItem({ t: 'reconnected' })
    reader.restart()
    const code = await followOnce(f, shells, payload, signal)
    const isGone = code === null && (await hasClosed(f.clock, shells.transport))
    const end = reader.end(code, isGone || failures === MOST_BROKEN)
    if (end !== null) return end.t === 'overtime' ? { ...end, pid: await f.pid(signal) } : end
    if (signal.aborted) return reader.conclude() ?? { t: 'cancelled' }
    if (++failures > MOST_BROKEN)
      return { t: 'lost', why: 'the program could not be followed: twenty channels in a row broke' }
    isLost = isGone
    await pause(f.clock, Math.min(100 * 2 ** failures, 5_000), signal)
  }
}

async function followOnce(
  { reader }: Followed,
  shells: ShellPool,
  payload: string,
  signal: AbortSignal,
): Promise<number | null> {
  let shell: HostShell | undefined
  const look = setInterval(() => {
    reader.settle()
    if (reader.isLate()) shell?.close()
  }, LOOK_EVERY_MS)
  const onBytes = (bytes: Buffer) => {
    reader.push(bytes)
    if (reader.isFlooded) shells.giveUp(FLOOD)
    if (reader.isBroken) shell?.close()
  }
  const onLive = (bytes: Buffer) => reader.live(bytes)
  const mostBytes = reader.bounds.bytes
  try {
    return await shells.exchange(
      { payload, signal, deadlineMs: Number.POSITIVE_INFINITY, mostBytes, onBytes, onLive },
      (one) => {
        shell = one
      },
    )
  } finally {
    clearInterval(look)
  }
}

async function hasClosed(clock: Clock, transport: Transport): Promise<boolean> {
  return Promise.race([
    transport.closed.then(() => true),
    pause(clock, 10, new AbortController().signal).then(() => false),
  ])
}
