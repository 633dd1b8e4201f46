import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { exitCodeOf } from '../action/colour'
import { type InputName, parseInputs } from '../action/inputs'
import { commandLineRunId } from '../action/run-id'
import { type Carried, carryOut } from '../carry-out'
import { currentUser } from '../cli/current-user'
import { systemClock } from '../engine/clock'
import { describeProblem, MaintenanceError } from '../errors'
import { summaryPage } from '../report/summary-page'
import { withoutControls } from '../show/for-log'
import { DemoFleet } from './demo-fleet'
import { DEMO_HOSTS } from './hosts'
import { Story } from './story'
import { Visitors, type Visits } from './visitors'

export interface DemoOptions {
  /** The host whose new release does not work; null: all work. */
  readonly breaking: string | null
  /** The folder of the hosts stays. */
  readonly keep: boolean
  /** Relative to the current folder. */
  readonly reportDir: string
}

/**
 * A fleet of its own, maintained for real: the same file, engine, SSH, stages, gate and report as on any other fleet. Only
 * the hosts are throw-away folders of this machine. Returns the exit code.
 * @throws MaintenanceError where the demo cannot be set up here
 */
export async function runDemo(
  options: DemoOptions,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  say: (line: string) => void,
): Promise<number> {
  if (process.platform !== 'linux') {
    throw new MaintenanceError(`the demo runs on Linux, and this is ${process.platform}`, {
      hint: 'Its hosts are this machine, and Pitstop maintains Linux hosts. A container with Node will do.',
    })
  }
  await using fleet = await DemoFleet.start(options.breaking, options.keep)
  for (const line of welcome(options, fleet)) say(line)
  const visitors = new Visitors(fleet.url)
  const story = new Story(say)
  const log: string[] = []
  const told = { story, log: (line: string) => void log.push(line) }
  const carried = await carry(options, fleet, env, signal, told).finally(() => visitors.end())
  for (const problem of carried.result.problems?.problems ?? []) say(withoutControls(describeProblem(problem)))
  for (const line of farewell(options, fleet, carried, await visitors.end(), log)) say(line)
  return exitCodeOf({
    mode: carried.result.mode,
    ...carried.result.ending,
    hosts: carried.report.hosts.map((h) => h.verdict),
  })
}

interface Tellers {
  readonly story: Story
  readonly log: (line: string) => void
}

function carry(
  options: DemoOptions,
  fleet: DemoFleet,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
  { story, log }: Tellers,
): Promise<Carried> {
  const given = new Map<InputName, string>([
    ['mode', 'run'],
    ['ssh-private-key', fleet.loginKey],
    ['known-hosts', fleet.knownHosts],
    ['report-dir', options.reportDir],
  ])
  return carryOut({
    request: {
      id: commandLineRunId(randomBytes(16).toString('hex')),
      inputs: parseInputs(given),
      event: null,
      url: null,
      actor: currentUser(),
      workspace: fleet.repository,
      agentSocket: null,
    },
    env,
    clock: systemClock,
    signal,
    sink: { line: log, verbose: true },
    listen: (event) => story.take(event),
    begun: () => undefined,
  })
}

function welcome({ breaking }: DemoOptions, fleet: DemoFleet): readonly string[] {
  return [
    `${DEMO_HOSTS.length} web hosts (${DEMO_HOSTS.join(', ')}) behind a load balancer (lb-1), all on loopback: each an SSH server of its own`,
    `in a throw-away folder. Visitors ask for ${fleet.url} all the time, while version 1 is replaced by version 2.`,
    ...(breaking === null
      ? []
      : [`Version 2 of ${breaking} is broken on purpose: the gate must stay shut, and no visitor may ever meet it.`]),
    '',
  ]
}

function farewell(
  options: DemoOptions,
  fleet: DemoFleet,
  carried: Carried,
  visits: Visits,
  log: readonly string[],
): readonly string[] {
  const folder = carried.reportPath === null ? options.reportDir : dirname(carried.reportPath)
  const page = join(folder, 'summary.html')
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 })
  write('summary.md', carried.summary)
  write('summary.html', summaryPage(carried.summary, 'Pitstop demo'))
  write('log.txt', `${log.join('\n')}\n`)
  write('maintenance.yml', readFileSync(join(fleet.repository, 'maintenance.yml'), 'utf8'))
  const served = [...visits.versions].sort().map(([host, version]) => `${host} ${version}`)
  return [
    '',
    ...carried.report.hosts.map((host) => withoutControls(`${host.name} is ${host.verdict}: ${host.reason}`)),
    `Visitors: ${visits.requests} requests while this went on, ${visits.failed} failed. They last met ${served.join(', ')}.`,
    '',
    `Summary:      ${page}`,
    ...(carried.sitePath === null ? [] : [`Status page:  ${join(carried.sitePath, 'index.html')}`]),
    `Report:       ${folder}  (report.json, log.txt, journal.jsonl, maintenance.yml)`,
    options.keep ? `Kept:         ${fleet.folder} (its processes are ended)` : `Removed:      ${fleet.folder}`,
    '',
    options.breaking === null
      ? 'Next: node dist/cli.js demo --break web-2   shows the gate holding a host whose new version is broken.'
      : 'Next: node dist/cli.js demo --break web-2 --keep   leaves the folders of the hosts for a look.',
  ]
}
