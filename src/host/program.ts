import type { ShStep } from '../plan/step'
import { quote } from '../shell/sh'
import { FOLLOW } from './follower'
import { defineLaunch } from './launch'
import { defineForgetSecrets, findSecretFolder, takeSecrets, writeSecretFiles } from './program/secret-files'
import type { Program } from './remote'
import { DEFINE_WRITE, writeFile } from './write-file'

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
  /** `sync`: something of it that decides what becomes of the host is new, and has to survive a power cut. */
  readonly keepState: 'no' | 'write' | 'sync'
  /** Values of secrets, by variable name; they go into a file on tmpfs that is unlinked once read. */
  readonly secret: (name: string) => string
  readonly systemd: boolean
}

const undoDir = (c: ProgramContext) => `${c.stateDir}/undo`
const folder = (c: ProgramContext, id: string) => `${c.runDir}/${id}`

/** The payload that puts the program on the disk, starts it once, and follows it (starting it again only follows). */
export function compileStart(program: Program, c: ProgramContext): string {
  const files = [{ name: 'program', text: programText(program, c) }, ...stepFiles(program), ...noteFile(program)]
  const scripts = files.filter((file) => file.name.endsWith('.script')).map((file) => `"$D/${file.name}"`)
  return [
    `D=${quote(folder(c, program.id))}`,
    DEFINE_WRITE,
    ...(program.steps.some((step) => step.onFullDisk) ? [`rm -f ${quote(`${c.stateDir}/reserve`)}`] : []),
    ...findSecretFolder(program, c),
    // One bell for all programs of the run: they follow one another.
    `[ -d "\${D%/*}" ] || mkdir -p -m 700 "\${D%/*}"; [ -p "\${D%/*}/bell" ] || mkfifo "\${D%/*}/bell" 2>/dev/null`,
    // Who makes the folder starts the program, whatever becomes of the connection.
    'N=; mkdir -m 700 "$D" 2>/dev/null && N=1',
    '[ -d "$D" ] && : >>"$D/rec" && : >>"$D/live" || exit 73',
    'if [ -n "$N" ]; then',
    // Cut off by a full disk, nothing of it must run: whoever writes a part of a text says so.
    `${files.map((file) => writeFile(`"$D/${file.name}"`, file.text)).join(' &&\n')} || { printf 'nospace\\n'; exit 73; }`,
    ...(scripts.length > 0 ? [`chmod 700 ${scripts.join(' ')}`] : []),
    ...writeSecretFiles(program, c),
    defineLaunch(c.systemd),
    `launch ${quote(`pitstop-${c.run}-${program.id}`)} "$D/program" "$D"`,
    'fi',
    FOLLOW,
  ].join('\n')
}

/** Follows a program of this or an earlier run from its first record. */
export function compileAttach(dir: string): string {
  return `D=${quote(dir)}\n[ -d "$D" ] || exit 66\n${FOLLOW}`
}

interface File {
  readonly name: string
  readonly text: string
}

/** On the disk before the program is started. */
function noteFile(program: Program): readonly File[] {
  return program.note === undefined ? [] : [{ name: 'note', text: program.note }]
}

/** Every line of a step's body lives in a file: no argument of a process shows it, no length limit meets it. */
function stepFiles(program: Program): readonly File[] {
  return program.steps.flatMap((step, n) => [
    { name: `${n}.sh`, text: stepBody(step, n) },
    ...(step.script === undefined ? [] : [{ name: `${n}.script`, text: step.script.text.replace(/\n$/, '') }]),
  ])
}

function stepBody(step: ShStep, n: number): string {
  const env = Object.entries(step.env ?? {}).map(([k, v]) => `export ${k}=${quote(v)}`)
  const script = step.script === undefined ? [] : [`PITSTOP_SCRIPT=$D/${n}.script; export PITSTOP_SCRIPT`]
  return [...env, ...script, step.run.text].join('\n')
}

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
    'D=$1; mine=; LC_ALL=C; export LC_ALL D; umask 077',
    `exec 3>>"$D/rec" >>"$D/live" 2>&1 </dev/null`,
    // Opened for both, a fifo neither waits for a reader nor breaks without one.
    'bell=${D%/*}/bell; if [ -p "$bell" ]; then exec 7<>"$bell"; ring() { echo >&7; }; else ring() { :; }; fi',
    DEFINE_WRITE,
    'read -r b </proc/sys/kernel/random/boot_id; read -r s </proc/$$/stat; s=${s##*)}; set -- $s',
    'me="$$ $b ${20}"; echo "$me" >"$D/pid"',
    'limited() { if command -v timeout >/dev/null; then exec timeout -k 10 "$1" sh "$2"; else exec sh "$2"; fi; }',
    'up() { U=-; read -r U _ </proc/uptime; }',
    // Where our own end of `live` stands, without a process to count it.
    'printed() { O=; { read -r _ O </proc/$$/fdinfo/1; } 2>/dev/null; case $O in ""|*[!0-9]*) O=$(wc -c <"$D/live"); O=$((O));; esac; }',
    defineForgetSecrets(program, c),
    // Free for the next program, of this run or another, before anybody learns that this one is over.
    `fin() { forget_secrets; echo "over $1" >&3; : >"$D/done"; [ -z "$mine" ] || { : >${quote(`${c.lockFile}.pid`)}; exec 9>&-; }; ring; exit 0; }`,
    program.beside ? BESIDE(c) : LOCK(c),
    `L=; while IFS== read -r k v; do [ "$k" = token ] && L=$v; done <${quote(`${c.stateDir}/lease`)}`,
    `[ "$L" = ${c.token} ] || { echo lease-lost >&3; fin 0; }`,
    `up; echo ${quote(`pitstop 1 ${c.run} ${program.id}`)} "$b" "$U" >&3; ring`,
    `[ -d ${quote(undoDir(c))} ] || mkdir -p ${quote(undoDir(c))}`,
    ...(program.beside ? [] : keepState(program, c)),
    ...steps,
    `fin ${program.steps.length}`,
  ].join('\n')
}

/**
 * The state (touched, phase) is on the disk before anything changes; a disk that cannot take it stops the program. So is
 * the record that the program began: after a power cut every step without an end may have been done.
 */
function keepState(program: Program, c: ProgramContext): string[] {
  const [state, next] = [quote(`${c.stateDir}/state`), quote(`${c.stateDir}/state.new`)]
  const write = writeFile(next, c.stateText.trimEnd())
  const begun = program.steps.some((step) => step.changes) ? '"$D/rec"' : ''
  const failed = '{ echo nospace >&3; fin 0; }'
  if (c.keepState === 'no') return []
  if (c.keepState === 'write') return [`${write} && mv ${next} ${state} || ${failed}`]
  return [
    `${write} && { sync ${next} ${begun} 2>/dev/null || sync; } && mv ${next} ${state} && { sync ${quote(c.stateDir)} 2>/dev/null || sync; } || ${failed}`,
  ]
}

/** The machine must be in the hands of this run: the last program that had the lock is one of its own. */
const BESIDE = (c: ProgramContext) =>
  `d=; read -r d <${quote(`${c.lockFile}.dir`)}; case $d in ${quote(c.runDir)}/*) ;; *) echo busy >&3; fin 0;; esac`

/** fd 9 holds the lock until the last process of the program (not of what it started) is gone. */
const LOCK = (c: ProgramContext) => {
  const lock = quote(c.lockFile)
  const dir = quote(c.lockFile.slice(0, c.lockFile.lastIndexOf('/')))
  return [
    `[ -d ${dir} ] || mkdir -p ${dir}`,
    `exec 9>>${lock}`,
    IS_TAKEN,
    // The last program of this run may need a moment between its last record and its end.
    `i=0; while taken ${lock}; do i=$((i+1)); [ $i -lt 50 ] || { echo busy >&3; fin 0; }; sleep 0.1; done`,
    `mine=1; echo "$me" >${quote(`${c.lockFile}.pid`)}; printf '%s\\n' "$D" >${quote(`${c.lockFile}.dir`)}`,
  ].join('\n')
}

function compileStep(step: ShStep, n: number, program: Program, c: ProgramContext): string {
  const guarded = `3>&- 7>&- 9>&- </dev/null`
  const run = step.overtime === 'leave' ? 'exec sh' : `limited ${Math.max(1, Math.ceil(step.timeoutMs / 1000))}`
  const secrets = takeSecrets(step, n, program, c)
  const target = step.output === 'text' ? '' : ` >"$D/${n}.out"`
  const act = [
    undo(step, n, program, c),
    step.disruptive && step.undo === undefined ? 'sync "$D/rec" 2>/dev/null || sync' : '',
    `( ${secrets}${run} "$D/${n}.sh" ) ${guarded}${target}; rc=$?`,
  ]
  const body = [`rc=0; up; echo "begin ${n} $U" >&3; ring`, ...act.filter((l) => l !== '')].join('\n')
  return [
    condition(step.onlyIf?.text, 's', n, guarded, false),
    condition(step.already?.text, 'u', n, guarded, true),
    'if [ -z "$w" ]; then',
    body,
    ending(step, n),
    'else',
    `up; printed; echo "begin ${n} $U" >&3; echo "end ${n} $w $U $O" >&3; ring`,
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

/**
 * The number in the names of undos, by which the newest is known, only ever grows: a count of files would go back where
 * those of another host are forgotten. Read without its zeros, which arithmetic takes for octal.
 */
const HIGHEST_UNDO = (folder: string) =>
  `for f in ${quote(folder)}/*; do f=\${f##*/}; f=\${f#*-}; f=\${f%%-*}; case $f in ""|*[!0-9]*|?????????*) continue;; esac; while :; do case $f in 0?*) f=\${f#0};; *) break;; esac; done; [ "$f" -le "$N" ] || N=$f; done`

function undo(step: ShStep, n: number, program: Program, c: ProgramContext): string {
  if (step.undo === undefined) return ''
  const path = `${undoDir(c)}/${String(c.token).padStart(6, '0')}-$N-${program.id}-${n}.sh`
  const text = `# ${step.title.replaceAll(/[^\x20-\x7e]/g, '?')}\n# dead-man ${step.undo.onDeadMan ? 'yes' : 'no'}\n${step.undo.run.text}`
  return [
    `N=-1; ${HIGHEST_UNDO(undoDir(c))}; N=$(printf '%04d' $((N+1))); X="${path}"`,
    writeFile('"$X.new"', text),
    `sync "$X.new" "$D/rec" 2>/dev/null || sync; mv "$X.new" "$X" && sync ${quote(undoDir(c))} 2>/dev/null || { echo nospace >&3; fin ${n}; }`,
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
  return `${data}up; printed; echo "end ${n} $rc $U $O" >&3; ring${stop}`
}
