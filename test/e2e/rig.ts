import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject } from 'vitest'
import { stringify } from 'yaml'
import type { Event } from '../../src/journal/event'
import { type Report, type ReportHost, reportSchema } from '../../src/report/report-schema'
import type { Lab, LabLogin } from '../lab/lab'
import { type CommandResult, runCommand } from '../lab/run-command'
import { Job, type StepEnd, type StepOptions } from '../runner/harness'

/** A maintenance file as data; every part of it can be laid over `quick`. */
export type FileText = Readonly<Record<string, unknown>>

/** Waits of seconds instead of minutes. Nothing is left out. */
const quick = {
  rollout: { canary_soak: '0s', soak: '0s' },
  stages: {
    prepare: { backup: [{ archive: { paths: ['/etc/demo-conf.conf'], to: '/var/backups/pitstop' } }] },
    // The load is that of the machine that carries the lab, and says nothing about a host.
    monitor: { sample: '0s', limits: { load_per_core: false } },
    drain: { services: ['demo-web'], connections: { for: '1s' } },
    update: { reboot_stable: '1s', reboot_timeout: '60s' },
    verify: {
      checks: [{ http: { url: 'http://localhost:8080/health' } }],
      retry: { for: '12s', every: '1s', passes: 2 },
    },
    golive: { watch: '2s' },
  },
} as const

/** Lays `over` on `base`: maps key by key, everything else whole. */
function laid(base: FileText, over: FileText): FileText {
  const isMap = (v: unknown): v is FileText => typeof v === 'object' && v !== null && !Array.isArray(v)
  const entries = Object.entries(over).map(([key, value]) => {
    const below = base[key]
    return [key, isMap(value) && isMap(below) ? laid(below, value) : value] as const
  })
  return { ...base, ...Object.fromEntries(entries) }
}

export interface RunOptions extends Partial<Pick<StepOptions, 'event' | 'cancelAt' | 'node' | 'payload' | 'env'>> {
  readonly mode?: string
  readonly hosts?: string
  readonly inputs?: Readonly<Record<string, string>>
  /** Other bundle than the one built from src. */
  readonly bundle?: string
}

/** What a run left behind for those who look: never more than a user of the action has. */
export interface RunEnd extends StepEnd {
  readonly report: Report
  readonly events: readonly Event[]
  /** All that was printed, as one text. */
  readonly log: string
  /** @throws for a host that is not in the report */
  host(name: string): ReportHost
  /** Runs post of the same job, with the state that main saved. */
  post(): Promise<StepEnd>
}

let runs = 0

/** A repository with a maintenance file, on a runner of its own, in front of a lab. */
export class Rig implements AsyncDisposable {
  readonly workspace: string
  readonly #lab: Lab
  readonly #login: LabLogin

  private constructor(lab: Lab, workspace: string, login: LabLogin) {
    this.#lab = lab
    this.workspace = workspace
    this.#login = login
  }

  static async make(lab: Lab, login: LabLogin = 'maint'): Promise<Rig> {
    return new Rig(lab, await mkdtemp(join(tmpdir(), 'workspace-')), login)
  }

  /** Writes maintenance.yml with these hosts of the lab, in this order, laid over `quick`. */
  async write(hosts: readonly string[], over: FileText = {}): Promise<void> {
    const own = Object.fromEntries(hosts.map((name) => [name, { address: this.#lab.host(name).address, group: 'web' }]))
    const file = laid({ version: 1, ssh: { user: this.#login }, hosts: own, ...quick }, over)
    await writeFile(join(this.workspace, 'maintenance.yml'), stringify(file))
  }

  /** A script beside the maintenance file. */
  async script(name: string, text: string): Promise<void> {
    await writeFile(join(this.workspace, name), text, { mode: 0o755 })
  }

  /** One job: main, as a runner starts it. Every job has a run number of its own. @throws where main left no report */
  async run(o: RunOptions = {}): Promise<RunEnd> {
    const { end, folder, post } = await this.#main(o)
    return { ...end, ...readReport(end, folder), post }
  }

  /** A job that is going to be killed: nothing of a report is expected. */
  start(o: RunOptions = {}): { kill(): void; readonly ended: Promise<StepEnd & Pick<RunEnd, 'post'>> } {
    const death = new AbortController()
    const ended = this.#main(o, death.signal).then(({ end, post }) => ({ ...end, post }))
    return { kill: () => death.abort(), ended }
  }

  async #main(o: RunOptions, kill?: AbortSignal) {
    const job = new Job()
    const number = String(1_000 + ++runs)
    const step = (entry: string): StepOptions => ({
      entry: join(o.bundle ?? inject('bundle'), `${entry}.js`),
      workspace: this.workspace,
      inputs: { ...this.#inputs(), 'report-dir': `report-${number}`, ...named(o), ...o.inputs },
      ...(o.event === undefined ? {} : { event: o.event }),
      ...(o.payload === undefined ? {} : { payload: o.payload }),
      ...(o.node === undefined ? {} : { node: o.node }),
      // The whole log: what a test cancels at, or looks for, may be a line that a short log leaves out.
      env: { GITHUB_RUN_ID: number, RUNNER_DEBUG: '1', ...o.env },
    })
    const cancel = o.cancelAt === undefined ? {} : { cancelAt: o.cancelAt }
    const end = await job.run({ ...step('index'), ...cancel, ...(kill === undefined ? {} : { kill }) })
    const post = async () => {
      const after = await job.run(step('post'), end.state)
      job[Symbol.dispose]()
      return after
    }
    return { end, folder: join(this.workspace, `report-${number}`), post }
  }

  /** The command line, from the same folder. */
  cli(args: readonly string[]): Promise<CommandResult> {
    const logins = ['--identity', this.#lab.privateKeyFile, '--known-hosts-file', this.#lab.knownHostsFile]
    const flags = args[0] === 'schema' ? [] : logins
    const script = 'cd "$1" && shift && exec "$@"'
    const words = [process.execPath, join(inject('bundle'), 'cli.js'), ...args, ...flags]
    return runCommand('sh', ['-c', script, 'sh', this.workspace, ...words])
  }

  #inputs(): Record<string, string> {
    return {
      'ssh-private-key': readFileSync(this.#lab.privateKeyFile, 'utf8'),
      'known-hosts': readFileSync(this.#lab.knownHostsFile, 'utf8'),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.workspace, { recursive: true, force: true })
  }
}

function named(o: RunOptions): Record<string, string> {
  return { ...(o.mode === undefined ? {} : { mode: o.mode }), ...(o.hosts === undefined ? {} : { hosts: o.hosts }) }
}

function readReport(end: StepEnd, folder: string): Omit<RunEnd, 'post' | keyof StepEnd> {
  const log = end.lines.join('\n')
  const path = join(folder, 'report.json')
  if (!existsSync(path)) throw new Error(`the run left no report\n${log}\n${end.stderr}`)
  const report = reportSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  const journal = readFileSync(join(folder, 'journal.jsonl'), 'utf8')
  const events = journal.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Event]))
  const host = (name: string) => {
    const found = report.hosts.find((h) => h.name === name)
    if (found === undefined) throw new Error(`the report has no host ${name}\n${log}`)
    return found
  }
  return { report, events, log, host }
}
