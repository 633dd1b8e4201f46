import { createHash, randomBytes } from 'node:crypto'
import type { ShStep } from '../plan/step'
import { quote } from '../shell/sh'
import type { Program } from './remote'

/** Where things are on the machine and whose turn it is: everything a program needs besides its steps. */
export interface ProgramContext {
  readonly stateDir: string
  /** `<stateDir>/runs/<run>` */
  readonly runDir: string
  readonly run: string
  /** Held for as long as the program lives: `flock`, freed by the kernel when it dies. */
  readonly lockFile: string
  readonly token: number
  /** The whole content of `<stateDir>/state` that must be on disk before the first step. */
  readonly stateText: string
  /** Values of secrets, by variable name; they go into a file on tmpfs that is unlinked once read. */
  readonly secret: (name: string) => string
  readonly systemd: boolean
}

const undoDir = (c: ProgramContext) => `${c.stateDir}/undo`
const folder = (c: ProgramContext, id: string) => `${c.runDir}/${id}`

/** A here-document: exact text, ended by a word that the text cannot hold. */
function file(path: string, text: string): string {
  const end = `E${randomBytes(12).toString('hex')}`
  return `cat >${path} <<'${end}'\n${text}\n${end}`
}

/** The payload that puts the program on the disk, starts it once, and follows it (starting it again only follows). */
export function compileStart(program: Program, c: ProgramContext): string {
  const dir = folder(c, program.id)
  const text = programText(program, c)
  const sum = createHash('sha256').update(text).digest('hex').slice(0, 16)
  const launch = c.systemd
    ? `systemd-run --quiet --collect --unit=pitstop-${c.run}-${program.id} -p KillMode=process /bin/sh "$D/program" "$D"`
    : 'if command -v setsid >/dev/null; then setsid sh "$D/program" "$D" </dev/null >/dev/null 2>&1 & else ( trap "" HUP; exec sh "$D/program" "$D" ) </dev/null >/dev/null 2>&1 & fi'
  return [
    `D=${quote(dir)}`,
    'mkdir -p -m 700 "$D" || exit 73',
    'if ! [ -e "$D/started" ]; then',
    file('"$D/program.new"', `${text}\n# whole ${sum}`),
    // Cut off by a full disk, the program must not run: the last line tells.
    `[ "$(tail -n 1 "$D/program.new")" = "# whole ${sum}" ] || { rm -f "$D/program.new"; printf 'nospace\\n'; exit 73; }`,
    ...noteFile(program),
    ...stepFiles(program, sum),
    ...secretFiles(program, c),
    ': >>"$D/rec" && : >>"$D/live" && mv "$D/program.new" "$D/program" && sync "$D/program" 2>/dev/null || sync',
    `if mkdir "$D/started" 2>/dev/null; then ${launch}; fi`,
    'fi',
    FOLLOW,
  ].join('\n')
}

/** Follows a program of this or an earlier run from its first record. */
export function compileAttach(dir: string): string {
  return `D=${quote(dir)}\n[ -e "$D/started" ] || exit 66\n${FOLLOW}`
}

/** Whole or not there: a note that is torn is none. */
function noteFile(program: Program): string[] {
  return program.note === undefined ? [] : [`{ ${file('"$D/note.new"', program.note)}\n} && mv "$D/note.new" "$D/note"`]
}

/** Every line of a step's body lives in a file: no argument of a process shows it, no length limit meets it. */
function stepFiles(program: Program, sum: string): string[] {
  return program.steps.flatMap((step, n) => [
    file(`"$D/${n}.sh"`, `${stepBody(step, n)}\n# whole ${sum}`),
    `[ "$(tail -n 1 "$D/${n}.sh")" = "# whole ${sum}" ] || { printf 'nospace\\n'; exit 73; }`,
    ...(step.script === undefined ? [] : scriptFile(step.script.text, n)),
  ])
}

function scriptFile(text: string, n: number): string[] {
  return [file(`"$D/${n}.script"`, text.replace(/\n$/, '')), `chmod 700 "$D/${n}.script"`]
}

function stepBody(step: ShStep, n: number): string {
  const env = Object.entries(step.env ?? {}).map(([k, v]) => `export ${k}=${quote(v)}`)
  const script = step.script === undefined ? [] : [`PITSTOP_SCRIPT=$D/${n}.script; export PITSTOP_SCRIPT`]
  return [...env, ...script, step.run.text].join('\n')
}

/** A name of its own for each state folder: several entries of a file may be one machine. */
function secretFile(program: Program, c: ProgramContext, n: number): string {
  const place = createHash('sha256').update(c.runDir).digest('hex').slice(0, 12)
  return `"$R/${c.run}-${place}-${program.id}-${n}.env"`
}

const hasSecrets = (step: ShStep) => Object.keys(step.secretEnv ?? {}).length > 0

function secretFiles(program: Program, c: ProgramContext): string[] {
  if (!program.steps.some(hasSecrets)) return []
  return [
    'for R in /run/pitstop "$XDG_RUNTIME_DIR" /dev/shm "$D"; do [ -n "$R" ] && mkdir -p -m 700 "$R" 2>/dev/null && [ -O "$R" ] && [ -w "$R" ] && break; done',
    'printf "%s\\n" "$R" >"$D/secrets"',
    ...program.steps.flatMap((step, n) => {
      if (!hasSecrets(step)) return []
      const exports = Object.entries(step.secretEnv ?? {}).map(([k, v]) => `export ${k}=${quote(c.secret(v.env))}`)
      const path = secretFile(program, c, n)
      // What a broken connection left half-way is written again; nobody's link is followed.
      return [`rm -f ${path}; (set -C; ${file(path, exports.join('\n'))}\n) || exit 73`]
    }),
  ]
}

/** The program notes its process a moment after its start: only one that never does, or is gone without an end, has died. */
const FOLLOW = `P= w=0
alive() { if [ -z "$P" ]; then read -r P B T <"$D/pid" || { P=; w=$((w+1)); [ "$w" -lt 250 ]; return; }; fi
  read -r _b </proc/sys/kernel/random/boot_id && [ "$_b" = "$B" ] && read -r _s <"/proc/$P/stat" && _s=\${_s##*)} && set -- $_s && [ "\${20}" = "$T" ]; }
exec 3<"$D/rec" 4<"$D/live" || exit 66
i=0
while :; do
  [ -e "$D/done" ] && break; cat <&4 >&2 || exit 76; cat <&3 || exit 76
  alive 2>/dev/null || break
  i=$((i+1)); if [ $i -lt 25 ]; then sleep 0.02; elif [ $i -lt 200 ]; then sleep 0.1; else sleep 0.3; fi
done
cat <&4 >&2; cat <&3; [ -e "$D/done" ]`

/**
 * `taken LOCK`, with the lock file open as fd 9: false once the lock is ours. ksh hides its own descriptors from commands,
 * hence `9>&9`. Where there is no flock, the program that noted itself beside the lock holds it for as long as it lives.
 */
export const IS_TAKEN = `if command -v flock >/dev/null; then taken() { ! flock -n 9 9>&9; }; else
taken() { { read -r _p _b _t <"$1.pid" && read -r _c </proc/sys/kernel/random/boot_id && [ "$_b" = "$_c" ] && read -r _s <"/proc/$_p/stat"; } 2>/dev/null || return 1; _s=\${_s##*)}; set -- $_s; [ "\${20}" = "$_t" ]; }; fi`

/** The program itself. It writes `rec` (records, ours alone) and `live` (what steps print), and talks to nobody. */
function programText(program: Program, c: ProgramContext): string {
  const steps = program.steps.map((step, n) => compileStep(step, n, program, c))
  return [
    'D=$1; LC_ALL=C; export LC_ALL D; umask 077',
    `exec 3>>"$D/rec" >>"$D/live" 2>&1 </dev/null`,
    'read -r b </proc/sys/kernel/random/boot_id; read -r s </proc/$$/stat; s=${s##*)}; set -- $s',
    'printf "%s %s %s\\n" "$$" "$b" "${20}" >"$D/pid.new" && mv "$D/pid.new" "$D/pid"',
    'limited() { if command -v timeout >/dev/null; then exec timeout -k 10 "$1" sh "$2"; else exec sh "$2"; fi; }',
    'up() { U=-; read -r U _ </proc/uptime; }',
    'printed() { O=$(wc -c <"$D/live"); O=$((O)); }',
    'fin() { printf "over %s\\n" "$1" >&3; sync "$D/rec" 2>/dev/null || sync; : >"$D/done"; exit 0; }',
    LOCK(c),
    `L=; while IFS== read -r k v; do [ "$k" = token ] && L=$v; done <${quote(`${c.stateDir}/lease`)}`,
    `[ "$L" = ${c.token} ] || { printf 'lease-lost\\n' >&3; fin 0; }`,
    `up; printf 'pitstop 1 %s %s %s %s\\n' ${quote(c.run)} ${quote(program.id)} "$b" "$U" >&3`,
    `mkdir -p ${quote(undoDir(c))}`,
    // The state (touched, phase) is on the disk before anything changes; a disk that cannot take it stops the program.
    `{ ${file(quote(`${c.stateDir}/state.new`), c.stateText.trimEnd())}\n} && { sync ${quote(`${c.stateDir}/state.new`)} 2>/dev/null || sync; } && mv ${quote(`${c.stateDir}/state.new`)} ${quote(`${c.stateDir}/state`)} && sync ${quote(c.stateDir)} 2>/dev/null || { printf 'nospace\\n' >&3; fin 0; }`,
    ...steps,
    `fin ${program.steps.length}`,
  ].join('\n')
}

/** fd 9 holds the lock until the last process of the program (not of what it started) is gone. */
const LOCK = (c: ProgramContext) => {
  const lock = quote(c.lockFile)
  return [
    `mkdir -p ${quote(c.lockFile.slice(0, c.lockFile.lastIndexOf('/')))}`,
    `exec 9>>${lock}`,
    IS_TAKEN,
    // The last program of this run may need a moment between its last record and its end.
    `i=0; while taken ${lock}; do i=$((i+1)); [ $i -lt 50 ] || { printf 'busy\\n' >&3; fin 0; }; sleep 0.1; done`,
    `cat "$D/pid" >${quote(`${c.lockFile}.pid`)}; printf '%s\\n' "$D" >${quote(`${c.lockFile}.dir`)}`,
  ].join('\n')
}

function compileStep(step: ShStep, n: number, program: Program, c: ProgramContext): string {
  const guarded = `3>&- 9>&- </dev/null`
  const run = step.overtime === 'leave' ? 'exec sh' : `limited ${Math.max(1, Math.ceil(step.timeoutMs / 1000))}`
  const secret = secretFile(program, c, n)
  const secrets = hasSecrets(step) ? `read -r R <"$D/secrets"; . ${secret}; rm -f ${secret}; ` : ''
  const target = step.output === 'text' ? '' : ` >"$D/${n}.out"`
  const act = [
    undo(step, n, program, c),
    step.changes ? 'sync "$D/rec" 2>/dev/null || sync' : '',
    `( ${secrets}${run} "$D/${n}.sh" ) ${guarded}${target}; rc=$?`,
  ]
  const body = [`rc=0; up; printf 'begin ${n} %s\\n' "$U" >&3`, ...act.filter((l) => l !== '')].join('\n')
  return [
    condition(step.onlyIf?.text, 's', n, guarded, false),
    condition(step.already?.text, 'u', n, guarded, true),
    'if [ -z "$w" ]; then',
    body,
    ending(step, n),
    'else',
    `up; printed; printf 'begin ${n} %s\\nend ${n} %s %s %s\\n' "$U" "$w" "$U" "$O" >&3`,
    'fi',
  ].join('\n')
}

/** Sets `w` to the word that the step ends with when it need not run. `first` opens the pair. */
function condition(
  text: string | undefined,
  word: 'u' | 's',
  _n: number,
  guarded: string,
  wordIfZero: boolean,
): string {
  const reset = word === 's' ? 'w=' : ''
  if (text === undefined) return reset
  const test = `sh -c ${quote(text)} ${guarded}`
  const set = wordIfZero ? `[ -n "$w" ] || { ${test} && w=${word}; }` : `{ ${test} || w=${word}; }`
  return `${reset === '' ? '' : `${reset}; `}${set}`
}

function undo(step: ShStep, n: number, program: Program, c: ProgramContext): string {
  if (step.undo === undefined) return ''
  const path = `${undoDir(c)}/${String(c.token).padStart(6, '0')}-$N-${program.id}-${n}.sh`
  const text = `# ${step.title.replaceAll(/[^\x20-\x7e]/g, '?')}\n# dead-man ${step.undo.onDeadMan ? 'yes' : 'no'}\n${step.undo.run.text}`
  return [
    `N=$(ls ${quote(undoDir(c))} | wc -l); N=$(printf '%04d' "$N"); X="${path}"`,
    `${file('"$X.new"', text)}`,
    `sync "$X.new" 2>/dev/null || sync; mv "$X.new" "$X" && sync ${quote(undoDir(c))} 2>/dev/null || { printf 'nospace\\n' >&3; fin ${n}; }`,
  ].join('\n')
}

/**
 * The record of an end is on the disk with the next intent or the last record: lost, it makes a step one that was cut.
 * A text step prints to `live`; a data step's bytes follow as a frame whose length is known.
 */
function ending(step: ShStep, n: number): string {
  const data =
    step.output === 'text'
      ? ''
      : `m=$(wc -c <"$D/${n}.out"); m=$((m)); t=0; [ "$m" -le ${step.output.data} ] || { m=${step.output.data}; t=1; }; printf 'data ${n} %s %s\\n' "$m" "$t" >&3; head -c "$m" "$D/${n}.out" >&3; printf '\\n' >&3\n`
  const stop = step.required ? `\n[ "$rc" = 0 ] || fin ${n}` : ''
  return `${data}up; printed; printf 'end ${n} %s %s %s\\n' "$rc" "$U" "$O" >&3${stop}`
}
