import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { exitCodeOf } from '../action/colour'
import type { Inputs } from '../action/inputs'
import { commandLineRunId } from '../action/run-id'
import { type Carried, carryOut } from '../carry-out'
import { runDemo } from '../demo/demo'
import { systemClock } from '../engine/clock'
import { ConfigError, MaintenanceError, problemLines } from '../errors'
import { planText } from '../report/plan-text'
import { summaryPage } from '../report/summary-page'
import { batchWrites } from '../show/batched-writes'
import { withoutControls } from '../show/for-log'
import { speakToCommandLine } from '../show/input-words'
import { outliveOutput } from '../show/outlive-output'
import { shownError } from '../show/shown-error'
import { VERSION } from '../version'
import { cancelledBySignal } from './cancelled-by-signal'
import { currentUser } from './current-user'
import { nextSteps } from './next-steps'
import { type CommandLine, type CommandLineFiles, parseCommandLine } from './parse-command-line'
import { pin } from './pin'
import { prepared } from './prepared'
import { isRefused } from './refused'
import { release } from './release'
import { schemaText } from './schema'
import { status } from './status'
import { usage } from './usage'

/** One command; sets the exit code of the process (0 green, 1 red, 2 bad usage or file, 3 refused by lease or key). */
export async function commandLine(args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  batchWrites(process.stdout)
  outliveOutput(process)
  speakToCommandLine()
  try {
    process.exitCode = await carry(parseCommandLine(args, env), env)
  } catch (error) {
    process.exitCode = error instanceof ConfigError ? 2 : isRefused(error) ? 3 : 1
    for (const line of describe(error)) console.error(line)
  }
  // A connection that lingers must not hold the shell: everything is on the disk by now.
  setTimeout(() => process.exit(), 200).unref()
}

function describe(error: unknown): readonly string[] {
  if (error instanceof ConfigError)
    return [
      ...error.problems.flatMap(problemLines).map((line) => shownError(line)),
      ...(error.hint ? [error.hint] : []),
    ]
  if (error instanceof MaintenanceError) return [shownError(error.message), ...(error.hint ? [error.hint] : [])]
  return [shownError(error instanceof Error ? (error.stack ?? error.message) : String(error))]
}

async function carry(line: CommandLine, env: NodeJS.ProcessEnv): Promise<number> {
  switch (line.command) {
    case 'help':
      console.log(usage(line.about))
      return 0
    case 'none':
      console.error(usage(null))
      return 2
    case 'version':
      console.log(VERSION)
      return 0
    case 'schema':
      console.log(schemaText(line.of))
      return 0
    case 'demo':
      return runDemo({ ...line, reportDir: resolve(line.reportDir) }, env, cancelledBySignal(), (text) =>
        console.log(text),
      )
    case 'pin':
      return pin(withFiles(line.inputs, line.files), env)
    case 'status':
      return status(withFiles(line.inputs, line.files), env)
    case 'release':
      return release(withFiles(line.inputs, line.files), env, line)
    default:
      return run(withFiles(line.inputs, line.files), env, line.verbose)
  }
}

function withFiles(inputs: Inputs, files: CommandLineFiles): Inputs {
  return {
    ...inputs,
    sshPrivateKey: files.identity === null ? inputs.sshPrivateKey : readText(files.identity, 'identity'),
    knownHosts: files.knownHosts === null ? inputs.knownHosts : readText(files.knownHosts, 'known-hosts-file'),
  }
}

function readText(path: string, flag: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new ConfigError([
      { path: flag, message: `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}` },
    ])
  }
}

async function run(given: Inputs, env: NodeJS.ProcessEnv, verbose: boolean): Promise<number> {
  const { inputs, workspace, lay } = await prepared(given, env)
  const carried = await carryOut({
    request: {
      id: commandLineRunId(randomBytes(16).toString('hex')),
      inputs,
      event: null,
      url: null,
      actor: currentUser(),
      workspace,
      lay,
      agentSocket: env.SSH_AUTH_SOCK ?? null,
    },
    env,
    clock: systemClock,
    signal: cancelledBySignal(),
    sink: { line: (text) => console.log(text), verbose },
    begun: () => undefined,
  })
  for (const line of (carried.result.problems?.problems ?? []).flatMap(problemLines)) console.error(shownError(line))
  if (carried.view !== null) console.log(carried.redactor.text(planText(carried.view)))
  for (const line of ['', ...nextSteps(carried.report)]) console.log(carried.redactor.text(withoutControls(line)))
  const summary = writeSummary(carried)
  if (summary !== null) console.log(`summary: ${summary}`)
  console.log(`report: ${carried.reportPath ?? 'not kept, see the warnings'}`)
  if (carried.sitePath !== null) console.log(`status page: ${join(carried.sitePath, 'index.html')}`)
  return exitCode(carried)
}

/** The page that the action shows as the summary of a job, beside the report; null: there is no place for it. */
function writeSummary({ summary, redactor, reportPath }: Carried): string | null {
  if (reportPath === null) return null
  const text = redactor.text(summary)
  const page = join(dirname(reportPath), 'summary.html')
  try {
    writeFileSync(join(dirname(reportPath), 'summary.md'), text, { mode: 0o600 })
    writeFileSync(page, summaryPage(text, 'Pitstop'), { mode: 0o600 })
    return page
  } catch (error) {
    console.error(`the summary was not kept: ${error instanceof Error ? error.message : String(error)}`)
    return null
  }
}

function exitCode({ result, report }: Carried): number {
  return exitCodeOf({ mode: result.mode, ...result.ending, hosts: report.hosts.map((h) => h.verdict) })
}
