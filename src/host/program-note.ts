import { z } from 'zod'
import { STAGES } from '../plan/step'
import { quote } from '../shell/sh'

const step = z.object({
  id: z.string(),
  title: z.string(),
  required: z.boolean(),
  disruptive: z.boolean(),
  timeoutMs: z.number(),
  /** Never killed: over its time it goes on. */
  isLeft: z.boolean(),
})

const note = z.object({
  v: z.literal(1),
  /** Of the program. */
  id: z.string(),
  /** The host that the program is for; at a helper it is another machine. */
  host: z.string(),
  stage: z.enum(STAGES),
  steps: z.array(step),
  /** The build that wrote what follows: no other one knows how to read it. */
  build: z.string(),
  /** What the host was to be maintained by: its part of the maintenance file of then. */
  plan: z.unknown().optional(),
  /** What the rest of the stage is planned from, and nobody can read any more: versions before, the transaction. */
  facts: z.record(z.string(), z.unknown()).optional(),
})

/**
 * What a program says of itself on the disk, beside its records. With it a later run can follow a program that it did not
 * start, without the file it came from.
 */
export type ProgramNote = z.infer<typeof note>

export type NotedStep = z.infer<typeof step>

/** A note that was found on a machine. */
export interface FoundNote extends ProgramNote {
  /** The run whose program it is. */
  readonly run: string
  /** So long ago the program began, by the host's own uptime; null: unknown, or in another boot. */
  readonly ageS: number | null
}

/** One line. */
export const formatNote = (text: ProgramNote): string => JSON.stringify(text)

/** Prints uptime and boot, then for each program of a run its first record and its note, a line each. */
export function compileNotes(stateDir: string, run: string): string {
  return [
    `cd ${quote(`${stateDir}/runs/${run}`)} 2>/dev/null || exit 0`,
    'read -r up _ </proc/uptime; read -r boot </proc/sys/kernel/random/boot_id; printf "%s %s\\n" "$up" "$boot"',
    // A program that could not get the lock has no first record: its line is empty.
    'for d in */; do [ -e "$d/note" ] || continue; h=; IFS= read -r h <"$d/rec"; n=; IFS= read -r n <"$d/note" || continue; printf "%s\\n%s\\n" "$h" "$n"; done',
    "printf 'end\\n'",
  ].join('\n')
}

const HEAD = /^pitstop 1 \S+ (\S+) (\S+) (\d+(?:\.\d+)?)$/

/** What can be read of them: a torn or foreign note is left out. null: no whole answer. */
export function parseNotes(text: string, run: string): readonly FoundNote[] | null {
  if (text === '') return []
  const [now = '', ...lines] = text.split('\n')
  if (lines.at(-2) !== 'end') return null
  const [up, boot] = now.split(' ')
  const found: FoundNote[] = []
  for (let at = 0; at + 1 < lines.length - 2; at += 2) {
    const head = HEAD.exec(lines[at] ?? '')
    const said = parseNote(lines[at + 1] ?? '')
    if (said === null) continue
    const ageS = head !== null && head[1] === said.id && head[2] === boot ? Number(up) - Number(head[3]) : null
    found.push({ ...said, run, ageS: ageS === null || Number.isNaN(ageS) ? null : Math.max(0, ageS) })
  }
  return found
}

function parseNote(line: string): ProgramNote | null {
  try {
    return note.parse(JSON.parse(line))
  } catch {
    return null
  }
}
