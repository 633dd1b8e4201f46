import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseFileCommands, parseWorkflowCommand, type WorkflowCommand } from './workflow-commands'

/** What a runner knows about the step. */
export interface StepOptions {
  /** Bundle or script, run by `node` (`nodeArgs` before it). */
  readonly entry: string
  readonly nodeArgs?: readonly string[]
  /** Node to run it with; default: the one that runs the tests. */
  readonly node?: string
  /** By the names of action.yml. */
  readonly inputs?: Readonly<Record<string, string>>
  readonly event?: string
  readonly payload?: unknown
  /** Added to the environment of the job; a value of undefined takes a variable out. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** The checked-out repository: the working directory. */
  readonly workspace: string
  /** Cancels the job once a line of the log matches: SIGINT, 7.5 s, SIGTERM, 2.5 s, SIGKILL, to the entry only. */
  readonly cancelAt?: RegExp
  /** Kills the entry as a dying machine does, whenever it aborts: no signal can be handled, no report is written. */
  readonly kill?: AbortSignal
  /** The times of a runner; shorter only in tests of the harness itself. */
  readonly graceMs?: { readonly afterInt: number; readonly afterTerm: number }
}

export interface StepEnd {
  /** null: ended by a signal. */
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** All lines of standard output, commands included, as the runner gets them. */
  readonly lines: readonly string[]
  readonly stderr: string
  readonly commands: readonly WorkflowCommand[]
  readonly masks: readonly string[]
  readonly outputs: ReadonlyMap<string, string>
  readonly state: ReadonlyMap<string, string>
  readonly exported: ReadonlyMap<string, string>
  readonly summary: string
  /** From start to the first line of output; null: there was none. */
  readonly firstLineMs: number | null
  /** From the cancellation to the end; null: not cancelled. */
  readonly cancelledMs: number | null
  readonly durationMs: number
}

/** One job on one machine: main and post share RUNNER_TEMP, the run's number and, through the runner, the state. */
export class Job {
  readonly temp: string
  readonly #folder: string

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'runner-'))
    this.temp = join(this.#folder, 'temp')
    mkdirSync(this.temp)
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  /** Runs main, or post with the state that main saved. */
  async run(options: StepOptions, state: ReadonlyMap<string, string> = new Map()): Promise<StepEnd> {
    const files = commandFiles(mkdtempSync(join(this.#folder, 'step-')))
    writeFileSync(files.GITHUB_EVENT_PATH, JSON.stringify(options.payload ?? PRIVATE))
    const env = {
      ...runnerEnv(options),
      ...files,
      RUNNER_TEMP: this.temp,
      ...inputEnv(options.inputs ?? {}),
      ...stateEnv(state),
      ...options.env,
    }
    const ended = await runEntry(options, env)
    const commands = ended.lines.flatMap((line) => parseWorkflowCommand(line) ?? [])
    const read = (file: string) => readFileSync(file, 'utf8')
    return {
      ...ended,
      commands,
      masks: commands.filter((c) => c.name === 'add-mask').map((c) => c.value),
      outputs: parseFileCommands(read(files.GITHUB_OUTPUT)),
      state: parseFileCommands(read(files.GITHUB_STATE)),
      exported: parseFileCommands(read(files.GITHUB_ENV)),
      summary: read(files.GITHUB_STEP_SUMMARY),
    }
  }
}

/** What most tests are about: a repository that only its own people read. */
const PRIVATE = { repository: { private: true, full_name: 'acme/ops' } }

const FILES = [
  'GITHUB_OUTPUT',
  'GITHUB_STATE',
  'GITHUB_ENV',
  'GITHUB_PATH',
  'GITHUB_STEP_SUMMARY',
  'GITHUB_EVENT_PATH',
] as const

function commandFiles(folder: string): Record<(typeof FILES)[number], string> {
  const paths = FILES.map((name) => [name, join(folder, name.toLowerCase())] as const)
  for (const [, path] of paths) writeFileSync(path, '')
  return Object.fromEntries(paths) as Record<(typeof FILES)[number], string>
}

/** A clean environment: what a developer's shell happens to hold must decide nothing. */
function runnerEnv(options: StepOptions): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: process.env.HOME ?? '/',
    LANG: 'C.UTF-8',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: 'pitstop',
    GITHUB_ACTOR: 'octocat',
    GITHUB_EVENT_NAME: options.event ?? 'workflow_dispatch',
    GITHUB_JOB: 'maintain',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_REPOSITORY: 'acme/ops',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_RUN_ID: '1000',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: '0000000000000000000000000000000000000000',
    GITHUB_WORKSPACE: options.workspace,
    RUNNER_OS: 'Linux',
    RUNNER_TRACKING_ID: 'github_harness',
  }
}

function inputEnv(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
  )
}

function stateEnv(state: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...state].map(([name, value]) => [`STATE_${name}`, value]))
}

type EntryEnd = Pick<StepEnd, 'exitCode' | 'signal' | 'lines' | 'stderr' | 'firstLineMs' | 'cancelledMs' | 'durationMs'>

function runEntry(options: StepOptions, env: NodeJS.ProcessEnv): Promise<EntryEnd> {
  const startedAt = performance.now()
  const child = spawn(options.node ?? process.execPath, [...(options.nodeArgs ?? []), options.entry], {
    cwd: options.workspace,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  options.kill?.addEventListener('abort', () => child.kill('SIGKILL'))
  const lines: string[] = []
  const timers: NodeJS.Timeout[] = []
  let [rest, stderr] = ['', '']
  let firstLineMs: number | null = null
  let cancelledAt: number | null = null
  const cancel = () => {
    const { afterInt, afterTerm } = options.graceMs ?? { afterInt: 7_500, afterTerm: 2_500 }
    cancelledAt = performance.now()
    child.kill('SIGINT')
    timers.push(
      setTimeout(() => child.kill('SIGTERM'), afterInt),
      setTimeout(() => child.kill('SIGKILL'), afterInt + afterTerm),
    )
  }
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    firstLineMs ??= performance.now() - startedAt
    // A carriage return ends a line for the runner too.
    const parts = (rest + text).split(/\r\n|\r|\n/)
    rest = parts.pop() ?? ''
    lines.push(...parts)
    if (cancelledAt === null && options.cancelAt !== undefined && parts.some((line) => options.cancelAt?.test(line)))
      cancel()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode, signal) => {
      for (const timer of timers) clearTimeout(timer)
      const endedAt = performance.now()
      resolve({
        exitCode,
        signal,
        lines: rest === '' ? lines : [...lines, rest],
        stderr,
        firstLineMs,
        cancelledMs: cancelledAt === null ? null : endedAt - cancelledAt,
        durationMs: endedAt - startedAt,
      })
    })
  })
}
