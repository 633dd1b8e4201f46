import { setMaxListeners } from 'node:events'
import { type Access, accessOf } from './access'
import type { Inputs } from './action/inputs'
import { chooseMode } from './action/mode'
import type { Secrets } from './action/secrets'
import { loadMaintenanceFile } from './config/load'
import type { HostConfig, MaintenanceFile } from './config/schema'
import { requireSecretsListed, requireSecretsSet } from './config/secret-rules'
import type { Tick } from './config/ticks'
import type { Clock } from './engine/clock'
import type { EngineIo } from './engine/engine-io'
import { Machines } from './engine/io'
import type { Ending } from './engine/verdict'
import { ConfigError } from './errors'
import { selectHosts } from './fleet/selection'
import type { Mode, RunFacts } from './journal/event'
import type { Journal } from './journal/journal'
import { admissionOf, closesOf, ledgerKeyOf, nextDueOf } from './modes/host-window'
import { planMode } from './modes/plan-mode'
import { recoverMode } from './modes/recover-mode'
import { dueHosts, hostFacts, type RunContext } from './modes/run-context'
import { runMode } from './modes/run-mode'
import { verifyMode } from './modes/verify-mode'
import type { Plan } from './plan/plan'
import { planHash } from './plan/plan-hash'

/** One run, as its caller (action, post, command line) asks for it. */
export interface RunRequest {
  readonly id: string
  readonly inputs: Inputs
  /** The GitHub event; null: the command line. */
  readonly event: string | null
  readonly url: string | null
  readonly actor: string | null
  /** What `config` is relative to. */
  readonly workspace: string
  readonly reportDir: string
  readonly agentSocket: string | null
  /** Lays under the file what the user's own ssh settings say; left out: nothing. */
  readonly lay?: (file: MaintenanceFile) => MaintenanceFile
  /** When the workflow starts by itself; left out: it does not, or that is not known. */
  readonly ticks?: readonly Tick[]
  /** The file that main froze for post; it is not read again. */
  readonly frozen?: MaintenanceFile
  /** Post works on the leases of the main that was cut. */
  readonly adopt?: boolean
}

export interface RunEdge {
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly journal: Journal
  readonly secrets: Secrets
  /** Called with the file once it is read, before the first fact about the run is told. */
  readonly loaded: (file: MaintenanceFile, mode: Mode) => void
  /** Called before the first lease, with the file as it was read. */
  readonly begun: (file: MaintenanceFile) => void
  readonly planned: (plan: Plan, hash: string) => void
}

export interface RunResult {
  readonly mode: Mode | null
  readonly ending: Ending
  /** The problems of a file that is refused, for annotations on its lines. */
  readonly problems: ConfigError | null
}

/** More than any file has checks: Node warns in the log of a run from the eleventh on, which no user can do anything about. */
const MOST_LISTENERS = 10_000

/** The story of a run: mode, file, hosts, machines, work, verdict. Everything is told to the journal; it never throws. */
export async function runPitstop(request: RunRequest, edge: RunEdge): Promise<RunResult> {
  const { inputs, event } = request
  // Every connection, program and wait of a fleet listens for the one cancel; every check of a file for that of its round.
  setMaxListeners(0, edge.signal)
  setMaxListeners(MOST_LISTENERS)
  const choice = chooseMode({ event, asked: inputs.mode, ignoreWindow: inputs.ignoreWindow })
  if (!choice.ok)
    return told(edge, { mode: null, ending: refused('event', `${choice.sentence}. ${choice.hint}`), problems: null })
  const { mode, contact } = choice
  let begun = false
  try {
    const file = request.frozen ?? readFile(request, mode)
    const noSecret = (name: string) => edge.secrets.whyNot(name)
    const selected = selectHosts(file, inputs.hosts ?? '')
    if (mode === 'run') requireSecretsSet(file, new Set(selected.map((host) => host.group)), noSecret)
    const access = accessOf(inputs, request.agentSocket, edge.clock)
    edge.loaded(file, mode)
    begin(request, edge, mode, file, hostFacts(file, selected, edge.clock.now()))
    begun = true
    const closed = mode === 'plan' ? null : closedToAll(access, selected)
    if (closed !== null) return told(edge, { mode, ending: keyless(edge, mode, selected, closed), problems: null })
    if (mode !== 'plan' && mode !== 'verify') edge.begun(file)
    await using machines = openMachines(request, edge, file, mode, access)
    const io = engineIo(request, edge, machines, file, mode)
    const x: RunContext = {
      file,
      selected,
      inputs,
      contact,
      closedTo: access.closedTo,
      noSecret,
      ticks: request.ticks ?? [],
      event,
      journal: edge.journal,
      machines,
      io,
    }
    return told(edge, { mode, ending: await work(x, mode, edge), problems: null })
  } catch (error) {
    if (error instanceof ConfigError) {
      if (!begun) begin(request, edge, mode, null, [])
      return told(edge, {
        mode,
        ending: refused('file', error.message.split('\n')[0] ?? error.message),
        problems: error,
      })
    }
    const why = error instanceof Error ? error.message : String(error)
    edge.journal.append({ type: 'warning', sentence: error instanceof Error ? (error.stack ?? why) : why }, null)
    return told(edge, {
      mode,
      ending: { verdict: 'failed', reason: 'none', sentence: `an internal error: ${why}` },
      problems: null,
    })
  }
}

function readFile({ inputs, workspace, lay }: RunRequest, mode: Mode): MaintenanceFile {
  const file = loadMaintenanceFile(inputs.config, { root: workspace })
  // A plan resolves no secret, so a fork without secrets can be planned.
  if (mode !== 'plan') requireSecretsListed(file, inputs.secrets)
  return lay === undefined ? file : lay(file)
}

/** Where no host can be logged in to, that is told once for the run, before anything begins; a plan names them one by one. */
function closedToAll(access: Access, selected: readonly HostConfig[]): string | null {
  const why = selected.map((host) => access.closedTo(host))
  return why.every((one) => one !== null) ? (why[0] ?? null) : null
}

function keyless(edge: RunEdge, mode: Mode, selected: readonly HostConfig[], sentence: string): Ending {
  const now = edge.clock.now()
  const end = { verdict: 'unreachable', reason: sentence, rule: null, lastMaintained: null, overrun: false } as const
  for (const [name, host] of dueHosts({ selected }, now)) {
    const nextDue = nextDueOf(host, now)?.toISOString() ?? null
    edge.journal.append({ type: 'host.ended', ...end, nextDue }, name)
  }
  return { verdict: mode === 'verify' ? 'failed' : 'refused', reason: 'key', sentence }
}

/** `file: null`: it could not be read, and so there are no hosts. */
function begin(
  { id, inputs, url, actor }: RunRequest,
  edge: RunEdge,
  mode: Mode,
  file: MaintenanceFile | null,
  hosts: ReturnType<typeof hostFacts>,
): void {
  const about: RunFacts = {
    id,
    mode,
    file: file?.file ?? inputs.config,
    name: file?.name ?? inputs.config,
    owner: file?.owner ?? null,
    configHash: file?.configHash ?? '',
    planHash: null,
    url,
    actor,
    overrides: inputs.ignoreWindow ? ['ignore-window'] : [],
  }
  edge.journal.append({ type: 'run.begun', about, hosts }, null)
}

function openMachines(
  request: RunRequest,
  edge: RunEdge,
  file: MaintenanceFile,
  mode: Mode,
  { dialers, closedTo }: Access,
): Machines {
  return new Machines({
    file,
    dialers,
    closedTo,
    clock: edge.clock,
    signal: edge.signal,
    run: { id: request.id, url: request.url ?? 'command-line' },
    sudoPassword: request.inputs.sudoPassword,
    secret: (secret) => edge.secrets.get(secret),
    reportDir: request.reportDir,
    readOnly: mode === 'plan',
    adopt: request.adopt === true,
    leases: mode !== 'verify' && mode !== 'plan',
    waits: mode === 'recover' && request.adopt !== true,
    say: (sentence) => edge.journal.append({ type: 'warning', sentence }, null),
  })
}

function engineIo(request: RunRequest, edge: RunEdge, machines: Machines, file: MaintenanceFile, mode: Mode): EngineIo {
  return {
    open: (host, signal) => machines.open(host, signal),
    shared: (place) => machines.shared(place),
    network: machines.network,
    clock: edge.clock,
    signal: edge.signal,
    tell: (body, host) => edge.journal.append(body, host),
    mask: (text) => edge.journal.mask(text),
    run: { id: request.id, mode, url: request.url ?? 'command-line', file: file.file },
    barred: (host) => barredBy(request, host, edge.clock.now()),
    onlyUndo: request.adopt === true,
    closes: (host) => closesOf(host, edge.clock.now()),
    nextDue: (host) => nextDueOf(host, edge.clock.now()),
    ledgerKey: (host) => ledgerKeyOf(file, host, edge.clock.now()),
  }
}

/** The window, for what an earlier run left: recovery is no admission, but what it would begin anew needs one. */
function barredBy({ inputs, event }: RunRequest, host: HostConfig, now: Date): string | null {
  if (inputs.ignoreWindow) return null
  const at = admissionOf(host.window, now, { scheduled: event === 'schedule', p95Ms: null })
  return at.open ? null : at.reason
}

async function work(x: RunContext, mode: Mode, edge: RunEdge): Promise<Ending> {
  if (mode === 'run') return runMode(x)
  if (mode === 'verify') return verifyMode(x)
  if (mode === 'recover') return recoverMode(x)
  const { ending, plan } = await planMode(x)
  edge.planned(plan, planHash(plan))
  return ending
}

const refused = (reason: Ending['reason'], sentence: string): Ending => ({ verdict: 'refused', reason, sentence })

function told(edge: RunEdge, result: RunResult): RunResult {
  edge.journal.append({ type: 'run.ended', ...result.ending }, null)
  return result
}
