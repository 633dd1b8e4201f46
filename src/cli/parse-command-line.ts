import { parseArgs } from 'node:util'
import {
  INPUT_DEFAULTS,
  type InputName,
  type Inputs,
  parseInputs,
  SECRET_INPUTS,
  type SecretInput,
} from '../action/inputs'
import { nearest } from '../config/nearest'
import { DEMO_HOSTS } from '../demo/hosts'
import { ConfigError, type Problem } from '../errors'
import { COMMANDS, type CommandName, LATER_COMMANDS } from './commands'

/** Files that only a laptop has: their text becomes the input of the same meaning. Read by the caller. */
export interface CommandLineFiles {
  /** `--identity`: path of a private key. */
  readonly identity: string | null
  /** `--known-hosts-file` */
  readonly knownHosts: string | null
}

/** What was asked for on the command line. */
export type CommandLine =
  | { readonly command: 'help'; readonly about: CommandName | null }
  /** Nothing was asked for, which is bad usage. */
  | { readonly command: 'none' }
  | { readonly command: 'version' }
  | { readonly command: 'schema'; readonly of: 'maintenance' | 'report' }
  | {
      readonly command: 'release'
      readonly host: string
      readonly reason: string
      readonly undrain: boolean
      readonly inputs: Inputs
      readonly files: CommandLineFiles
    }
  | {
      readonly command: 'demo'
      /** `--break`: the host whose new release does not work. */
      readonly breaking: string | null
      readonly keep: boolean
      readonly reportDir: string
    }
  | {
      readonly command: Exclude<CommandName, 'schema' | 'release' | 'demo'>
      readonly inputs: Inputs
      readonly files: CommandLineFiles
      /** `--verbose`, or RUNNER_DEBUG=1: the log tells everything. */
      readonly verbose: boolean
    }

const MODES: readonly string[] = ['run', 'plan', 'verify', 'recover']

/** Secrets come by environment only: an argument is seen by every user of the machine. */
export const SECRET_VARIABLES: Readonly<Record<SecretInput, string>> = {
  'ssh-private-key': 'PITSTOP_SSH_PRIVATE_KEY',
  'ssh-key-passphrase': 'PITSTOP_SSH_KEY_PASSPHRASE',
  'sudo-password': 'PITSTOP_SUDO_PASSWORD',
  'github-token': 'GITHUB_TOKEN',
}

/** Arguments (without node and script) to what was asked for. @throws ConfigError: bad usage, exit 2 */
export function parseCommandLine(args: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  const [first, ...rest] = args
  if (first === '--version') return { command: 'version' }
  if (first === undefined) return { command: 'none' }
  if (first === 'help' || first === '--help' || first === '-h')
    return { command: 'help', about: rest[0] === undefined ? null : requireCommand(rest[0]) }
  const command = requireCommand(first)
  if (rest.includes('--help') || rest.includes('-h')) return { command: 'help', about: command }
  const { values, positionals } = parseFlags(command, rest)
  if (command === 'schema') return { command, of: requireSchema(positionals) }
  if (command === 'demo') return requireDemo(positionals, values)
  const inputs = parseInputs(givenInputs(command, values, env))
  const files = { identity: values.get('identity') ?? null, knownHosts: values.get('known-hosts-file') ?? null }
  requireOneSource(inputs, files)
  if (command === 'release') return { command, ...requireRelease(positionals, values), inputs, files }
  if (positionals.length > 0) throw bad(`"${positionals[0]}" is one word too many`)
  return { command, inputs, files, verbose: isVerbose(values, env) }
}

function isVerbose(values: ReadonlyMap<string, string>, env: NodeJS.ProcessEnv): boolean {
  return requireSwitch(values, 'verbose') || env.RUNNER_DEBUG === '1'
}

function requireSwitch(values: ReadonlyMap<string, string>, name: string): boolean {
  const given = values.get(name) ?? 'false'
  if (given !== 'true' && given !== 'false') throw bad(`${name}: expected true or false, got "${given}"`)
  return given === 'true'
}

function commandNamed(word: string | undefined): CommandName | undefined {
  return COMMANDS.find((name) => name === word)
}

function requireCommand(word: string): CommandName {
  const command = commandNamed(word)
  if (command !== undefined) return command
  if (LATER_COMMANDS.includes(word)) throw bad(`the command "${word}" is not available in this version`)
  throw bad(`there is no command "${word}"`, nearest(word, COMMANDS))
}

/** Flags that stand alone. */
const SWITCHES: ReadonlySet<string> = new Set(['ignore-window', 'keep', 'undrain', 'verbose'])

/** Flags of a command: the inputs but the secret ones and `mode`, which the command itself is. */
export function flagsOf(command: CommandName): readonly string[] {
  if (command === 'schema') return []
  if (command === 'demo') return ['break', 'keep', 'report-dir']
  const secret: readonly string[] = SECRET_INPUTS
  const inputs = Object.keys(INPUT_DEFAULTS).filter((name) => name !== 'mode' && !secret.includes(name))
  const own = command === 'release' ? ['reason', 'undrain'] : MODES.includes(command) ? ['verbose'] : []
  return [...inputs, 'identity', 'known-hosts-file', ...own]
}

function parseFlags(
  command: CommandName,
  args: readonly string[],
): { values: ReadonlyMap<string, string>; positionals: readonly string[] } {
  const known = flagsOf(command)
  const options = Object.fromEntries(
    known.map((name) => [name, { type: SWITCHES.has(name) ? 'boolean' : 'string', multiple: true }] as const),
  )
  // Not strict, so that an unknown flag can be answered with the nearest known one.
  const { tokens } = parseArgs({ args: [...args], options, allowPositionals: true, strict: false, tokens: true })
  const values = new Map<string, string>()
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    if (!known.includes(token.name))
      throw bad(unknownFlag(command, token.rawName, token.name), nearest(token.name, known))
    if (values.has(token.name)) throw bad(`the flag --${token.name} is given twice`)
    values.set(token.name, flagValue(token.name, token.value))
  }
  return { values, positionals }
}

function unknownFlag(command: CommandName, rawName: string, name: string): string {
  const variable = Object.entries(SECRET_VARIABLES).find(([input]) => input === name)?.[1]
  if (variable !== undefined)
    return `${rawName} would show the secret to every user of this machine: set the environment variable ${variable}`
  return `the command "${command}" has no flag ${rawName}`
}

function flagValue(name: string, value: string | undefined): string {
  if (SWITCHES.has(name)) return value ?? 'true'
  // A value that looks like a flag is a forgotten value: `--hosts --config x`.
  if (value === undefined || value === '' || value.startsWith('--')) throw bad(`the flag --${name} needs a value`)
  return value
}

function givenInputs(
  command: CommandName,
  values: ReadonlyMap<string, string>,
  env: NodeJS.ProcessEnv,
): ReadonlyMap<InputName, string> {
  const given = new Map<InputName, string>()
  for (const name of Object.keys(INPUT_DEFAULTS) as InputName[]) given.set(name, values.get(name) ?? '')
  for (const name of SECRET_INPUTS) given.set(name, env[SECRET_VARIABLES[name]] ?? '')
  // One a line in a workflow; on one line of a shell, commas.
  given.set('secrets', (values.get('secrets') ?? '').replaceAll(',', '\n'))
  if (MODES.includes(command)) given.set('mode', command)
  return given
}

function requireOneSource(inputs: Inputs, files: CommandLineFiles): void {
  if (files.identity !== null && inputs.sshPrivateKey !== null)
    throw bad(`give the key once: --identity or ${SECRET_VARIABLES['ssh-private-key']}`)
  if (files.knownHosts !== null && inputs.knownHosts !== null)
    throw bad('give the known hosts once: --known-hosts-file or --known-hosts')
}

function requireSchema(positionals: readonly string[]): 'maintenance' | 'report' {
  const [of = 'maintenance', ...more] = positionals
  if ((of === 'maintenance' || of === 'report') && more.length === 0) return of
  throw bad('expected "schema maintenance" or "schema report"')
}

function requireDemo(
  positionals: readonly string[],
  values: ReadonlyMap<string, string>,
): Extract<CommandLine, { command: 'demo' }> {
  if (positionals.length > 0) throw bad(`"${positionals[0]}" is one word too many`)
  const breaking = values.get('break') ?? null
  if (breaking !== null && !DEMO_HOSTS.includes(breaking))
    throw bad(
      `--break: the demo has no host "${breaking}" to break, only ${DEMO_HOSTS.join(', ')}`,
      nearest(breaking, DEMO_HOSTS),
    )
  const keep = requireSwitch(values, 'keep')
  return { command: 'demo', breaking, keep, reportDir: values.get('report-dir') ?? 'pitstop-demo' }
}

function requireRelease(
  positionals: readonly string[],
  values: ReadonlyMap<string, string>,
): { host: string; reason: string; undrain: boolean } {
  const [host, ...more] = positionals
  if (host === undefined || more.length > 0) throw bad('expected the name of one host: release HOST --reason TEXT')
  const reason = values.get('reason')?.trim() ?? ''
  if (reason === '') throw bad('a host is released with a reason only: release HOST --reason TEXT')
  return { host, reason, undrain: requireSwitch(values, 'undrain') }
}

function bad(message: string, near?: string): ConfigError {
  const problem: Problem = near === undefined ? { message } : { message, nearest: near }
  return new ConfigError([problem], { hint: 'See: node dist/cli.js help' })
}
