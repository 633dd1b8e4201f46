import { quote, reviewed, type Sh } from '../shell/sh'
import { type Interpreter, interpreterOf } from './interpreter'
import type { Script } from './schema'

/** What a command of the file may know about the host it is for. */
export interface CommandHost {
  readonly name: string
  readonly address: string
  readonly group: string
}

const PLACEHOLDER = /\{(host|address|group)\}/g

/** `{host} {address} {group}` in a text that no shell reads (URLs, names, patterns of checks). */
export function expand(text: string, host: CommandHost): string {
  return text.replace(PLACEHOLDER, (_, word: string) => placeholderValue(word, host))
}

function placeholderValue(word: string, host: CommandHost): string {
  if (word === 'host') return host.name
  return word === 'address' ? host.address : host.group
}

/** The `./x` a command of the file begins with, or null where it is plain `sh` text. */
export function scriptPath(command: string): string | null {
  return /^\s*(\.\/\S+)/.exec(command)?.[1] ?? null
}

export type ShellName = 'sh' | 'bash'

/** A command of the file ends at the first command in it that fails, also inside a pipe where the shell can tell. */
const STOPS_AT_FAILURE = 'set -e; if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi'
const BASH = 'bash -e -o pipefail'

/**
 * A command of the maintenance file as a value for a step. `run` of a script is its interpreter, `"$PITSTOP_SCRIPT"` and
 * the rest of the line as arguments: named outright, a folder mounted noexec changes nothing. Anything else is reviewed
 * shell text. Placeholders become quoted words; they stand outside quotes.
 * @param shell what runs text, and a script without a `#!` line
 * @throws when the script was not read at load, which is a fault of ours
 */
export function commandSh(
  command: string,
  host: CommandHost & { readonly scripts?: ReadonlyMap<string, Script> },
  scripts: ReadonlyMap<string, Script> = host.scripts ?? new Map(),
  shell: ShellName = 'sh',
): { readonly run: Sh; readonly script?: { readonly text: string; readonly sha256: string } } {
  const path = scriptPath(command)
  if (path === null) return { run: inShell(withWords(command, host), shell) }
  const script = scripts.get(path)
  if (script === undefined) throw new Error(`the script ${path} was not read with the maintenance file`)
  const rest = withWords(command.trimStart().slice(path.length), host).trim()
  const run = inShell(scriptRun(interpreterOf(script.text, shell), rest), shell)
  return { run, script: { text: script.text, sha256: script.sha256 } }
}

function inShell(text: string, shell: ShellName): Sh {
  return reviewed(shell === 'bash' ? `exec ${BASH} -c ${quote(text)}` : `${STOPS_AT_FAILURE}\n${text}`)
}

/** A shell is told to stop at a failure by its options, whatever its script says of itself. */
function scriptRun({ words, shell }: Interpreter, rest: string): string {
  const call = (options: string) =>
    [...words, options, '"$PITSTOP_SCRIPT"', rest].filter((word) => word !== '').join(' ')
  if (shell === null) return call('')
  if (shell === 'knows') return call('-e -o pipefail')
  const ask = `pitstop_e=-e; if ${words.join(' ')} -o pipefail -c : 2>/dev/null; then pitstop_e='-e -o pipefail'; fi`
  return `${ask}\n${call('$pitstop_e')}`
}

function withWords(text: string, host: CommandHost): string {
  return text.replace(PLACEHOLDER, (_, word: string) => quote(placeholderValue(word, host)))
}

const WHOLE_SECRET = /^\$\{env:([^}]*)\}$/

/** The NAME of a value that is `${env:NAME}` and nothing else. */
export function secretName(value: string): string | null {
  return WHOLE_SECRET.exec(value)?.[1] ?? null
}

/** The environment of a command of the file, for `env` and `secretEnv` of its step. */
export function commandEnv(
  host: CommandHost,
  stage: string,
  runId: string,
  env: Readonly<Record<string, string>> = {},
): { readonly env: Record<string, string>; readonly secretEnv: Record<string, { readonly env: string }> } {
  const out = { env: contextOf(host, stage, runId), secretEnv: {} as Record<string, { readonly env: string }> }
  for (const [key, value] of Object.entries(env)) {
    const secret = secretName(value)
    if (secret === null) out.env[key] = expand(value, host)
    else out.secretEnv[key] = { env: secret }
  }
  return out
}

function contextOf(host: CommandHost, stage: string, runId: string): Record<string, string> {
  return {
    PITSTOP_HOST: host.name,
    PITSTOP_ADDRESS: host.address,
    PITSTOP_GROUP: host.group,
    PITSTOP_STAGE: stage,
    PITSTOP_RUN: runId,
  }
}
