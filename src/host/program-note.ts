import { ok, type Result, unknown } from '../facts/fact'
import { type Sh, sh } from '../shell/sh'
import type { ProgramNote } from './note-schema'
import { parseNoteText } from './note-text'

export type { NotedPart, NotedStep, ProgramNote } from './note-schema'

/** A note that was found on a machine. */
export interface FoundNote extends ProgramNote {
  /** The run whose program it is. */
  readonly run: string
  /** So long ago the program began, by the host's own uptime; null: unknown, or in another boot. */
  readonly ageS: number | null
  /** The host has booted since the program began. */
  readonly isBeforeBoot: boolean
}

/** One line. */
export const formatNote = (text: ProgramNote): string => JSON.stringify(text)

/** Most bytes of one note: those of an earlier version carried the scripts of the file. */
const NOTE_CAP = 2 * 2 ** 20
/** Most bytes of the notes of a run, and most of them: a run begins a few dozen programs on a host. */
export const NOTES_CAP = 8 * 2 ** 20
const MOST_NOTES = 500
export const NOTES_MS = 60_000
/** There is no such folder. */
const NO_RUN = 3

/** Prints uptime and boot, then for each program of a run its folder, its first record and its note, a line each. */
export function askNotes(stateDir: string, run: string): Sh {
  return sh`cd ${`${stateDir}/runs/${run}`} || exit ${NO_RUN}
read -r up _ </proc/uptime; read -r boot </proc/sys/kernel/random/boot_id; printf '%s %s\\n' "$up" "$boot"
i=0; for d in */; do d=\${d%/}; [ -f "$d/note" ] || continue
  i=$((i+1)); [ "$i" -le ${MOST_NOTES} ] || exit 4
  h=; [ -f "$d/rec" ] && IFS= read -r h <"$d/rec"
  printf '%s\\n%s\\n' "$d" "$h"; head -c ${NOTE_CAP} "$d/note" | tr -d '\\n'; echo
done
echo end`
}

const HEAD = /^pitstop 1 \S+ (\S+) (\S+) (\d+(?:\.\d+)?)$/

/**
 * What the programs of a run say of themselves; nothing where nobody knows the run. One note that is torn, forged or of
 * another version makes all of them unknown: what it would have said may be just what matters. A program that never began
 * says nothing.
 */
export function parseNotes(
  answer: { readonly rc: number | null; readonly out: string; readonly truncated: boolean },
  run: string,
): Result<readonly FoundNote[]> {
  if (answer.rc === NO_RUN) return ok([])
  const unread = (why: string) => unknown(`what run ${run} noted of the host could not be read: ${why}`)
  if (answer.truncated || answer.rc === 4) return unread('it is more than a run notes')
  if (answer.rc !== 0) return unread('no whole answer came')
  const [now = '', ...lines] = answer.out.split('\n')
  if (lines.at(-2) !== 'end') return unread('no whole answer came')
  const found: FoundNote[] = []
  for (let at = 0; at < lines.length - 2; at += 3) {
    const [folder = '', first = '', text = ''] = lines.slice(at, at + 3)
    if (first === '') continue
    const note = parseNoteText(text)
    if (note === null || note.id !== folder)
      return unread('a note of one of its programs is torn, forged or of another version')
    found.push(foundNote(note, run, first, now))
  }
  return ok(found)
}

function foundNote(note: ProgramNote, run: string, first: string, now: string): FoundNote {
  const [up, boot] = now.split(' ')
  const [, id, then, at] = HEAD.exec(first) ?? []
  const isOwn = id === note.id
  const ageS = isOwn && then === boot ? Number(up) - Number(at) : Number.NaN
  return {
    ...note,
    run,
    ageS: Number.isFinite(ageS) ? Math.max(0, ageS) : null,
    isBeforeBoot: isOwn && then !== undefined && boot !== undefined && then !== boot,
  }
}
