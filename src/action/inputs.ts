import { nearest, nearestByWords } from '../config/nearest'
import { SECRET_NAME } from '../config/values'
import { ConfigError, type Problem } from '../errors'
import type { Mode } from '../journal/event'

/** Every input of action.yml with its default; the flags of the command line bear the same names. */
export const INPUT_DEFAULTS = {
  config: 'maintenance.yml',
  mode: 'auto',
  'ssh-private-key': '',
  'ssh-key-passphrase': '',
  'known-hosts': '',
  'sudo-password': '',
  secrets: '',
  'ssh-config': '',
  hosts: '',
  plan: '',
  'ignore-window': 'false',
  'report-dir': 'pitstop-report',
  shard: '',
  reports: '',
  'github-token': '',
} as const
export type InputName = keyof typeof INPUT_DEFAULTS

/** Inputs that carry a secret: never a flag of the command line, always masked. */
export const SECRET_INPUTS = ['ssh-private-key', 'ssh-key-passphrase', 'sudo-password', 'github-token'] as const
export type SecretInput = (typeof SECRET_INPUTS)[number]

const LATER_INPUTS: readonly InputName[] = ['plan', 'shard', 'reports']
const MODES = ['run', 'plan', 'verify', 'recover'] as const
const LATER_MODES: readonly string[] = ['announce', 'finish']

/** All inputs, read once at the door; nothing behind it reads the environment for them. `null`: not given. */
export interface Inputs {
  /** Path of the maintenance file, as given. */
  readonly config: string
  readonly mode: Mode | 'auto'
  readonly sshPrivateKey: string | null
  readonly sshKeyPassphrase: string | null
  /** Lines of known_hosts. */
  readonly knownHosts: string | null
  readonly sudoPassword: string | null
  /** Names of environment variables that the maintenance file may use. */
  readonly secrets: readonly string[]
  /** Path of an ssh_config. */
  readonly sshConfig: string | null
  /** The choice of hosts as given; null: all. */
  readonly hosts: string | null
  readonly ignoreWindow: boolean
  readonly reportDir: string
  readonly githubToken: string | null
}

const PREFIX = 'INPUT_'

/** The variable that carries an input on a runner: upper case, blanks become `_`, dashes stay. */
export function inputVariable(name: InputName): string {
  return PREFIX + name.toUpperCase()
}

/** Inputs as a runner hands them over. @throws ConfigError with every problem at once, undeclared inputs included (H1) */
export function actionInputs(env: NodeJS.ProcessEnv): Inputs {
  const names = Object.keys(INPUT_DEFAULTS) as InputName[]
  const declared = new Set(names.map(inputVariable))
  const undeclared = Object.keys(env).filter((variable) => variable.startsWith(PREFIX) && !declared.has(variable))
  const given = new Map(names.map((name) => [name, env[inputVariable(name)] ?? ''] as const))
  return parseInputs(given, undeclared.map(undeclaredInput))
}

function undeclaredInput(variable: string): Problem {
  const name = variable.slice(PREFIX.length).toLowerCase()
  return withNearest({ message: `there is no input "${name}"` }, name, Object.keys(INPUT_DEFAULTS))
}

/** Texts to typed inputs; a missing or empty text means the default. @throws ConfigError with every problem at once */
export function parseInputs(given: ReadonlyMap<InputName, string>, found: readonly Problem[] = []): Inputs {
  const problems: Problem[] = [...found]
  const whole = (name: InputName): string | null => {
    const text = given.get(name) ?? ''
    return text.trim() === '' ? null : text
  }
  const text = (name: InputName): string => whole(name)?.trim() ?? INPUT_DEFAULTS[name]
  for (const name of LATER_INPUTS) {
    if (whole(name) !== null) problems.push({ path: name, message: 'this input is not available in this version' })
  }
  const inputs: Inputs = {
    config: text('config'),
    mode: parseMode(text('mode'), problems),
    sshPrivateKey: whole('ssh-private-key'),
    sshKeyPassphrase: whole('ssh-key-passphrase'),
    knownHosts: whole('known-hosts'),
    sudoPassword: whole('sudo-password'),
    secrets: parseSecretNames(text('secrets'), problems),
    sshConfig: whole('ssh-config')?.trim() ?? null,
    hosts: whole('hosts')?.trim() ?? null,
    ignoreWindow: parseBoolean('ignore-window', text('ignore-window'), problems),
    reportDir: text('report-dir'),
    githubToken: whole('github-token')?.trim() ?? null,
  }
  if (problems.length > 0)
    throw new ConfigError(problems, {
      hint: 'Correct what was given (in a workflow below `with:`), then run it again.',
    })
  return inputs
}

function parseMode(text: string, problems: Problem[]): Mode | 'auto' {
  const known = ['auto', ...MODES] as const
  const mode = known.find((candidate) => candidate === text)
  if (mode !== undefined) return mode
  if (LATER_MODES.includes(text))
    problems.push({ path: 'mode', message: `mode "${text}" is not available in this version` })
  else
    problems.push(
      withNearest({ path: 'mode', message: `expected one of ${known.join(', ')}, got "${text}"` }, text, known),
    )
  return 'auto'
}

function parseBoolean(name: InputName, text: string, problems: Problem[]): boolean {
  if (text !== 'true' && text !== 'false')
    problems.push({ path: name, message: `expected true or false, got "${text}"` })
  return text === 'true'
}

function parseSecretNames(text: string, problems: Problem[]): readonly string[] {
  const names = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  for (const name of names) {
    if (!SECRET_NAME.test(name)) problems.push({ path: 'secrets', message: secretNameProblem(name) })
  }
  return [...new Set(names)]
}

function secretNameProblem(name: string): string {
  return `"${name}" is no name for a secret: one a line, A-Z 0-9 _, not of the runner or the shell (INPUT_, GITHUB_, ACTIONS_, RUNNER_, STATE_, NODE_, LD_, SSH_)`
}

function withNearest(problem: Problem, word: string, candidates: Iterable<string>): Problem {
  const near = nearest(word, candidates) ?? nearestByWords(word, candidates)
  return near === undefined ? problem : { ...problem, nearest: near }
}
