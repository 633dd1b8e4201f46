import type { CheckResult } from '../checks/check'
import { cleanText } from '../checks/excerpt'
import { bySeverity } from '../checks/severity'

const REASON_CHARS = 320
/** Outcomes that do not shut the gate. Anything else does, also a word that no version of ours knows. */
const HARMLESS: ReadonlySet<string> = new Set(['pass', 'warn', 'skipped'])
/** Outcomes that say that something was really looked at. */
const SEEN: ReadonlySet<string> = new Set(['pass', 'warn'])
/** Never exported: without it nobody makes an OpenGate, not even with a cast of the constructor. */
const seal = Symbol('seal')

/** The leave of one host, in one run, to go live. `decideGate` is the only place that makes one (promise 1). */
class Opened {
  readonly #host: string
  readonly #run: string

  constructor(key: typeof seal, host: string, run: string) {
    if (key !== seal) throw new Error('only decideGate opens a gate')
    this.#host = host
    this.#run = run
  }

  /** @throws when the gate is of another host or of another run. */
  requireFor(host: string, run: string): void {
    if (this.#host !== host || this.#run !== run) {
      throw new Error(`the gate of ${this.#host} (run ${this.#run}) cannot let ${host} (run ${run}) go live`)
    }
  }
}
export type OpenGate = Opened

/** Throws unless `gate` was made by `decideGate`, for this host and this run. A look-alike object is refused too. */
export function requireOpenGate(gate: unknown, host: string, run: string): asserts gate is OpenGate {
  if (!(gate instanceof Opened)) throw new Error(`${host} has no open gate`)
  gate.requireFor(host, run)
}

export type GateDecision =
  | { readonly open: true; readonly gate: OpenGate; readonly reason: string }
  | { readonly open: false; readonly reason: string }

export interface GateScope {
  readonly host: string
  readonly run: string
  /** Ids that have to be among the checks: one that is not there was never run, and shuts the gate. */
  readonly required: readonly string[]
}

/** The checks that shut a gate. Empty only if every outcome is known to be harmless. */
export function shutters(checks: readonly CheckResult[]): readonly CheckResult[] {
  return checks.filter((check) => !HARMLESS.has(check.outcome))
}

/** May this host go live? Pure: any `fail` or `unknown`, a missing check, or nothing seen at all keeps the gate shut. */
export function decideGate(checks: readonly CheckResult[], scope: GateScope): GateDecision {
  const bad = shutters(checks)
  if (bad.length > 0) return { open: false, reason: shutReason(bad, checks.length) }
  const ids = new Set(checks.map((check) => check.id))
  const missing = scope.required.filter((id) => !ids.has(id))
  if (missing.length > 0) return { open: false, reason: cut(`not verified: ${missing.join(', ')} was not run`) }
  if (!checks.some((check) => SEEN.has(check.outcome))) return { open: false, reason: 'nothing was verified' }
  return { open: true, gate: new Opened(seal, scope.host, scope.run), reason: openReason(checks) }
}

function openReason(checks: readonly CheckResult[]): string {
  const count = (outcome: string) => checks.filter((check) => check.outcome === outcome).length
  const others = ['warn', 'skipped'].filter((word) => count(word) > 0).map((word) => `${count(word)} ${word}`)
  return [`${count('pass')} of ${checks.length} checks pass`, ...others].join(', ')
}

function shutReason(bad: readonly CheckResult[], total: number): string {
  // What failed for sure says more than what could not be read, so it comes first.
  const ordered = [...bad].sort(
    (a, b) => Number(b.outcome === 'fail') - Number(a.outcome === 'fail') || bySeverity(a, b),
  )
  const named = ordered.map(describe)
  const head = `${bad.length} of ${total} checks ${bad.length === 1 ? 'shuts' : 'shut'} the gate: `
  const room = REASON_CHARS - head.length - 12
  const shown: string[] = []
  for (const text of named) {
    if (shown.length > 0 && shown.join('; ').length + text.length > room) break
    shown.push(text)
  }
  const rest = named.length - shown.length
  return cut(head + cut(shown.join('; '), room) + (rest > 0 ? ` and ${rest} more` : ''))
}

function describe(check: CheckResult): string {
  const what = check.outcome === 'fail' ? '' : ` (${check.outcome})`
  return `${cut(check.id, 60)}${what}: expected ${cut(check.expected, 40)}, got ${cut(check.actual, 60)}`
}

function cut(text: string, most: number = REASON_CHARS): string {
  return cleanText(text, most)
}
