import type { Rule } from '../stages/stage'
import { nextOpening, openingsBetween } from './openings'
import type { WindowConfig } from './schema'
import { dayIn, isFrozen, momentIn, startOfNextFreeze } from './zone'

const DAY_MS = 86_400_000

export interface AdmissionOptions {
  /** The trigger was `schedule`: only then can an opening be missed. */
  readonly scheduled: boolean
  /** Openings (ISO 8601 UTC) for which any selected host has an entry in its ledger. */
  readonly ledger?: ReadonlySet<string>
  /** 95th percentile of the host's own maintenance in ms; where it is longer than the cutoff it counts instead. */
  readonly p95Ms?: number | null
}

export interface OpenWindow {
  readonly open: true
  /** When this opening began; null where no window is declared, which means always open and no ledger. */
  readonly opening: Date | null
  readonly closes: Date | null
  /** The last moment at which a host may be admitted. */
  readonly lastAdmission: Date | null
  /** The part of the ledger key that names this opening: ISO 8601 UTC. */
  readonly ledgerOpening: string | null
  readonly rule: Rule | null
}

export interface ShutWindow {
  readonly open: false
  readonly why: 'too-early' | 'missed' | 'freeze'
  /** For people: what is shut, and when it opens again. */
  readonly sentence: string
  readonly rule: Rule
  readonly next?: Date
}

/**
 * May a host be admitted at `now`? Windows are a union: one that is open is enough. A pure function of the clock, so
 * ask again for every host. An opening on a frozen day counts as none, also past midnight.
 */
export function admission(
  windows: readonly WindowConfig[],
  now: Date,
  options: AdmissionOptions,
): OpenWindow | ShutWindow {
  const [first] = windows
  if (first === undefined) {
    return { open: true, opening: null, closes: null, lastAdmission: null, ledgerOpening: null, rule: null }
  }
  const at = now.getTime()
  const recent = windows.flatMap((window) => recentOpenings(window, at, options.p95Ms ?? 0))
  const admitting = recent.filter((o) => !o.frozen && at <= o.lastAdmission && !isFrozen(o.window, at))
  const best = admitting.sort((a, b) => b.lastAdmission - a.lastAdmission)[0]
  if (best !== undefined) return opened(best, recent)
  const next = nextOf(windows, at)
  const frozen = recent.find((o) => at <= o.lastAdmission)
  if (frozen !== undefined) return shut('freeze', frozen.window, at, next)
  const missed = missedOpening(recent, at, options)
  if (missed !== undefined) return shut('missed', missed.window, at, next, missed)
  const late = recent.find((o) => !o.frozen && at < o.closes)
  return late === undefined
    ? shut('too-early', next?.window ?? first, at, next)
    : shut('too-early', late.window, at, next, late)
}

interface Opening {
  readonly window: WindowConfig
  readonly opening: number
  readonly closes: number
  readonly lastAdmission: number
  /** Its own day is frozen. */
  readonly frozen: boolean
}

/** Openings that may still be open or have been missed, and what overlaps those; newest first. */
function recentOpenings(window: WindowConfig, at: number, p95Ms: number): Opening[] {
  const reach = window.durationMs + 3 * DAY_MS
  return openingsBetween(window, at - reach - 1_000, at, 10_000)
    .map((opening) => openingOf(window, opening, p95Ms))
    .reverse()
}

function openingOf(window: WindowConfig, opening: number, p95Ms: number): Opening {
  const closes = opening + window.durationMs
  const frozen = isFrozen(window, opening)
  const limits = [closes - Math.max(window.cutoffMs, p95Ms)]
  if (window.startWithinMs !== null) limits.push(opening + window.startWithinMs)
  const freeze = frozen ? null : startOfNextFreeze(window, opening)
  if (freeze !== null) limits.push(freeze - 1)
  return { window, opening, closes, lastAdmission: Math.min(...limits), frozen }
}

function opened(best: Opening, recent: readonly Opening[]): OpenWindow {
  return {
    open: true,
    opening: new Date(best.opening),
    closes: new Date(best.closes),
    lastAdmission: new Date(best.lastAdmission),
    ledgerOpening: new Date(startOfUnion(best, recent)).toISOString(),
    rule: ruleOf(best.window),
  }
}

/** Where windows overlap they are one opening, so that a host is not maintained twice in one night. */
function startOfUnion(best: Opening, recent: readonly Opening[]): number {
  let start = best.opening
  const earlier = recent.filter((o) => !o.frozen && o.opening < start).sort((a, b) => b.opening - a.opening)
  for (const o of earlier) if (o.closes > start) start = o.opening
  return start
}

/** Within 24 h after its last admission, and no selected host was maintained in it. */
function missedOpening(recent: readonly Opening[], at: number, options: AdmissionOptions): Opening | undefined {
  if (!options.scheduled) return undefined
  const past = recent.filter((o) => !o.frozen && at > o.lastAdmission && at - o.lastAdmission <= DAY_MS)
  return past.find((o) => !options.ledger?.has(new Date(startOfUnion(o, recent)).toISOString()))
}

function nextOf(
  windows: readonly WindowConfig[],
  at: number,
): { readonly window: WindowConfig; readonly opening: number } | undefined {
  return windows
    .flatMap((window) => {
      const opening = nextOpening(window, at, (o) => !isFrozen(window, o))
      return opening === null ? [] : [{ window, opening }]
    })
    .sort((a, b) => a.opening - b.opening)[0]
}

function shut(
  why: ShutWindow['why'],
  window: WindowConfig,
  at: number,
  next: ReturnType<typeof nextOf>,
  over?: Opening,
): ShutWindow {
  const opens =
    next === undefined ? 'it does not open again' : `it opens ${momentIn(next.window.timezone, next.opening)}`
  const rule = ruleOf(window)
  const opening = next === undefined ? {} : { next: new Date(next.opening) }
  return { open: false, why, sentence: `${sentenceOf(why, window, at, over)}; ${opens}`, rule, ...opening }
}

function sentenceOf(why: ShutWindow['why'], window: WindowConfig, at: number, over: Opening | undefined): string {
  if (why === 'freeze') return `${dayIn(window.timezone, at)} is a freeze day, no host is admitted`
  if (over === undefined) return 'the window is shut'
  const last = momentIn(window.timezone, over.lastAdmission)
  if (why === 'missed') return `the window was missed: its last admission was ${last}`
  return `it is too late in this window: its last admission was ${last}`
}

function ruleOf(window: WindowConfig): Rule {
  return { name: 'window', value: `${window.open} ${window.timezone}`, line: window.line }
}
