import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '../../src/journal/event'
import { Points } from './point'

const LOOK_EVERY_MS = 4

/** A journal as it lies on the disk. */
export interface JournalFile {
  readonly events: readonly Event[]
  /** Lines that are no event, the last one excepted. */
  readonly unreadable: number
  /** The last line is not whole. */
  readonly isTorn: boolean
}

export function readJournal(path: string): JournalFile {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
  const lines = text.split('\n')
  const rest = lines.pop() ?? ''
  const parsed = lines.map(parse)
  const events = parsed.flatMap((event) => event ?? [])
  return { events, unreadable: parsed.length - events.length, isTorn: rest !== '' }
}

function parse(line: string): Event | null {
  try {
    return JSON.parse(line) as Event
  } catch {
    return null
  }
}

/** Reads along while a run writes. */
export async function whenPoint(path: string, point: string, ended: AbortSignal): Promise<'there' | 'never'> {
  const points = new Points()
  const buffer = Buffer.alloc(1 << 20)
  let [offset, rest] = [0, '']
  for (;;) {
    const isOver = ended.aborted
    const length = readFrom(path, buffer, offset)
    offset += length
    const lines = (rest + buffer.toString('utf8', 0, length)).split('\n')
    rest = lines.pop() ?? ''
    // Every line is given to `points`, which counts.
    const names = lines.map((line) => points.of(JSON.parse(line) as Event))
    if (names.includes(point)) return 'there'
    if (isOver) return 'never'
    await sleep(LOOK_EVERY_MS)
  }
}

function readFrom(path: string, buffer: Buffer, offset: number): number {
  if (!existsSync(path)) return 0
  const file = openSync(path, 'r')
  try {
    return readSync(file, buffer, 0, buffer.length, offset)
  } finally {
    closeSync(file)
  }
}
