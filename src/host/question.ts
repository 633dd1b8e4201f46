import { quote } from '../shell/sh'
import type { Answer, Question } from './remote'

/**
 * One payload for many read-only questions. An answer is a frame `<index> <bytes> LF <output>x<rc> LF`: its length says
 * where it ends, so no output can imitate a frame, and a question costs two forks instead of an encoder's five (ADR 0002).
 * NUL bytes are dropped by the shell.
 */
export function compileQuestions(questions: readonly Question[]): string {
  return [ASK, ...questions.map((q, i) => compileOne(q, i)), "printf 'over\\n' >&5"].join('\n')
}

// fd 5 is the channel: what a question prints reaches it only through a frame.
const ASK = `exec 5>&1 </dev/null 2>/dev/null
a() { n=\${#o}; [ "$n" -le "$2" ] || n=$2; printf "%s %s\\n%.$2s\\n" "$1" "$n" "$o" >&5; }
q() { o=$( exec 5>&-; trap 'printf x%s "$?"' 0; eval "$3" ); a "$1" "$2"; }
b() { o=$( { ( eval "$5"; exec timeout -k 2 "$4" sh -c "$3" 5>&- ); printf 'x%s' "$?"; } | head -c "$2" ); a "$1" "$2"; }`

/**
 * Our own facts print little: what one prints too much is cut in the shell itself. What a person wrote (it has a time
 * limit) may print without end, so head bounds it.
 */
function compileOne(q: Question, index: number): string {
  const text = quote(q.sh.text)
  const most = q.cap + RC_ROOM
  if (q.timeoutMs === undefined) return `q ${index} ${most} ${text}`
  // The environment is set in the shell, never in an argument: arguments are world-readable (H21).
  const env = Object.entries(q.env ?? {}).map(([k, v]) => `export ${k}=${quote(v)}`)
  return `b ${index} ${most} ${text} ${Math.max(1, Math.ceil(q.timeoutMs / 1000))} ${quote(env.join('\n'))}`
}

/** `x`, up to three digits, and one byte that tells "cut" from "just fits". */
const RC_ROOM = 5

/** Index, length, and the two line feeds of a frame. */
const FRAME_BYTES = 6 + 1 + 12 + 2
const OVER_BYTES = 5

/** Most that the answers may be together: a machine that says more is not one that answers these questions (H40). */
export function mostBytesOf(questions: readonly Question[]): number {
  return questions.reduce((sum, q) => sum + q.cap + RC_ROOM + FRAME_BYTES, OVER_BYTES)
}

/** Answers in the order of the questions. What did not come whole has `rc: null`: unknown. */
export function parseAnswers(bytes: Buffer, questions: readonly Question[]): readonly Answer[] {
  const frames = readFrames(bytes)
  return questions.map((q, i) => answer(q, frames.get(i)))
}

/** Whether the shell came to the end of the questions. What the answers are worth each frame says for itself. */
export function isWhole(bytes: Buffer): boolean {
  return bytes.subarray(-6).toString('latin1') === '\nover\n'
}

function readFrames(bytes: Buffer): Map<number, Buffer> {
  const frames = new Map<number, Buffer>()
  let at = 0
  while (at < bytes.length) {
    const eol = bytes.indexOf(10, at)
    const head = eol < 0 ? null : /^(\d{1,6}) (\d{1,12})$/.exec(bytes.toString('latin1', at, eol))
    if (!head) break
    const end = eol + 1 + Number(head[2])
    if (bytes[end] !== 10) break
    frames.set(Number(head[1]), bytes.subarray(eol + 1, end))
    at = end + 1
  }
  return frames
}

function answer(q: Question, frame: Buffer | undefined): Answer {
  if (frame === undefined) return { id: q.id, rc: null, out: '', truncated: false }
  const x = frame.lastIndexOf(0x78)
  const code = x < 0 ? '' : frame.toString('latin1', x + 1)
  const isCut = frame.length >= q.cap + RC_ROOM
  if (isCut || x > q.cap || !/^\d{1,3}$/.test(code)) {
    return { id: q.id, rc: null, out: frame.toString('utf8', 0, Math.min(frame.length, q.cap)), truncated: true }
  }
  return { id: q.id, rc: Number(code), out: frame.toString('utf8', 0, x), truncated: false }
}
