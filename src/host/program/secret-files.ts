import { createHash } from 'node:crypto'
import type { ShStep } from '../../plan/step'
import { quote } from '../../shell/sh'
import type { Program } from '../remote'
import { writeFile } from '../write-file'

interface SecretPlace {
  readonly stateDir: string
  readonly run: string
  /** The value of a secret, by the name of its variable. */
  readonly secret: (name: string) => string
}

/** A folder for each state folder: several entries of a file may be one machine. */
const folderName = (stateDir: string) => createHash('sha256').update(stateDir).digest('hex').slice(0, 12)

/** Folders that are ours alone. What is in them is looked at before anything is written there. */
const PLACES = '/run/pitstop "${XDG_RUNTIME_DIR:+$XDG_RUNTIME_DIR/pitstop}" "/dev/shm/pitstop-$(id -u)"'

const DEFINE_OWN = 'own() { [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] && [ -w "$1" ]; }'

/** Whether a folder, by its real name, lies in memory: the mount that is nearest above it counts, of two the later. */
const DEFINE_IN_MEMORY =
  'in_memory() { _t= _l=0; while read -r _ _m _y _; do case $1/ in "${_m%/}"/*) [ "${#_m}" -lt "$_l" ] || { _t=$_y _l=${#_m}; };; esac; done </proc/mounts; case $_t in tmpfs|ramfs) ;; *) return 1;; esac; }'

const hasSecrets = (step: ShStep) => Object.keys(step.secretEnv ?? {}).length > 0

/** Sets R to a folder in memory for the secrets of the program. Without one the program is refused: they never lie on a disk. */
export function findSecretFolder(program: Program, { stateDir }: SecretPlace): string[] {
  if (!program.steps.some(hasSecrets)) return []
  const name = folderName(stateDir)
  return [
    DEFINE_OWN,
    DEFINE_IN_MEMORY,
    `secrets_at() { mkdir -p -m 700 "$1" 2>/dev/null; own "$1" && c=$(cd -P "$1" && pwd -P) && in_memory "$c" || return 1; mkdir -m 700 "$1/${name}" 2>/dev/null; own "$1/${name}" && R=$1/${name}; }`,
    `R=; for r in ${PLACES}; do [ -z "$r" ] || { secrets_at "$r" && break; }; done`,
    '[ -n "$R" ] || { printf \'nosecrets\\n\'; exit 73; }',
  ]
}

/** After `findSecretFolder`, with D made: the files, each unlinked as soon as its step has read it. */
export function writeSecretFiles(program: Program, place: SecretPlace): string[] {
  if (!program.steps.some(hasSecrets)) return []
  return [
    'printf "%s\\n" "$R" >"$D/secrets" || exit 73',
    ...program.steps.flatMap((step, n) => {
      if (!hasSecrets(step)) return []
      const exports = Object.entries(step.secretEnv ?? {}).map(([k, v]) => `export ${k}=${quote(place.secret(v.env))}`)
      const path = `"$R/${fileName(program, place, n)}"`
      // Nobody's link is followed.
      return [`rm -f ${path}; (set -C; ${writeFile(path, exports.join('\n'))}) || exit 73`]
    }),
  ]
}

/** Read into the environment of one step, and gone. */
export function takeSecrets(step: ShStep, n: number, program: Program, place: SecretPlace): string {
  return hasSecrets(step) ? `. "$R/${fileName(program, place, n)}"; rm -f "$R/${fileName(program, place, n)}"; ` : ''
}

/** At the head of a program: `forget_secrets` takes away those of its steps that never ran. */
export function defineForgetSecrets(program: Program, place: SecretPlace): string {
  if (!program.steps.some(hasSecrets)) return 'forget_secrets() { :; }'
  return `R=; read -r R <"$D/secrets"; forget_secrets() { [ -z "$R" ] || rm -f "$R/${place.run}-${program.id}-"*.env; }`
}

/** Whatever programs of any run left for this state folder: of one that was killed, or never started. No program may live. */
export function forgetSecretsOfAll(stateDir: string): string {
  const name = folderName(stateDir)
  return `${DEFINE_OWN}; for r in ${PLACES}; do [ -z "$r" ] || { own "$r" && own "$r/${name}" && rm -rf "$r/${name}"; }; done`
}

const fileName = (program: Program, { run }: SecretPlace, n: number) => `${run}-${program.id}-${n}.env`
