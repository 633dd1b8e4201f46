import { aptPurgeExactly } from '../clean/apt-purge'
import { PACKAGE_CACHE } from '../clean/cleanable'
import { installedKernels, obsoleteKernels } from '../clean/kernels'
import { orphans } from '../clean/orphans'
import { cleanPath, hasGnuFind, whyNotCleaned } from '../clean/paths'
import { APT_ENV } from '../packages/apt-options'
import type { ShStep } from '../plan/step'
import { type Sh, sh } from '../shell/sh'
import { ruleAt } from './rule'
import type { Observation, Phase, PhasePlan, Stage, StageInput } from './stage'

const SHORT_MS = 300_000
const PURGE_MS = 1_800_000
const FREED_BYTES = 64

/** Frees space. Every step is best-effort: what cannot be cleaned is a finding, and the update goes on. */
export const clean: Stage = {
  name: 'clean',
  phases: [
    { name: 'clean', facts: factsFor, plan: planClean },
    { name: 'freed', plan: planFreed },
  ],
}

function factsFor(x: StageInput): ReturnType<NonNullable<Phase['facts']>> {
  const { kernels, orphans: wantsOrphans } = x.host.stages.clean
  if (x.rights === 'none') return []
  return [...(kernels ? [installedKernels] : []), ...(wantsOrphans ? [orphans] : [])]
}

function planClean(x: StageInput): PhasePlan {
  const config = x.host.stages.clean
  const paths = config.paths.map((_, index) => planPath(x, index))
  const plans = [...(x.rights === 'none' ? [withoutRoot(config)] : ofTheSystem(x, config)), ...paths]
  return { steps: plans.flatMap((plan) => plan.steps), notes: plans.flatMap((plan) => plan.notes ?? []) }
}

/** Declared paths are cleaned as far as the login may; the rest belongs to root. */
function withoutRoot({ package_cache, orphans, kernels, journald, temp }: CleanConfig): PhasePlan {
  const isWanted = package_cache || orphans || kernels || journald !== false || temp
  return isWanted ? { steps: [], notes: [note('Only declared paths are cleaned', 'The rest needs root.')] } : NOTHING
}

function ofTheSystem(x: StageInput, config: CleanConfig): readonly PhasePlan[] {
  return [
    config.package_cache ? { steps: [packageCache] } : NOTHING,
    config.orphans ? planOrphans(x) : NOTHING,
    config.kernels ? planKernels(x) : NOTHING,
    config.journald === false ? NOTHING : { steps: [journald(config.journald)] },
    config.temp ? { steps: [temp] } : NOTHING,
  ]
}

type CleanConfig = StageInput['host']['stages']['clean']
const NOTHING: PhasePlan = { steps: [] }

/** A step that reports the bytes that became free on the file system of `path`; the action itself prints to the log. */
function freeing(id: string, title: string, path: string, act: Sh, more: Partial<ShStep> = {}): ShStep {
  return {
    do: 'sh',
    id,
    title,
    place: 'host',
    required: false,
    disruptive: false,
    changes: true,
    timeoutMs: SHORT_MS,
    run: sh`avail() { df -Pk -- ${path} | { read -r _; read -r _ _ _ k _; echo "$k"; }; }
before=$(avail)
( ${act} ) >&2; rc=$?
after=$(avail)
[ "$rc" != 0 ] || [ "$after" -lt "$before" ] || echo "$(( (after - before) * 1024 ))"
exit "$rc"`,
    output: { data: FREED_BYTES },
    ...more,
  }
}

/** The run's own folder is no cache of apt: what prepare fetched stays (H25). */
const packageCache = freeing('package-cache', 'Empty the package cache', PACKAGE_CACHE, sh`apt-get clean`, {
  onlyIf: sh`command -v apt-get >/dev/null && [ -d ${PACKAGE_CACHE} ]`,
})

const temp = freeing('temp', 'Remove old temporary files', '/tmp', sh`systemd-tmpfiles --clean`, {
  onlyIf: sh`command -v systemd-tmpfiles >/dev/null`,
})

function journald(bytes: number): ShStep {
  const title = `Shrink the journal to ${Math.round(bytes / 1e6)} MB`
  return freeing('journald', title, '/var/log', sh`journalctl --vacuum-size=${bytes}`, {
    onlyIf: sh`command -v journalctl >/dev/null`,
  })
}

/** Package steps are never killed (design: a package manager is never killed). */
const PURGE = { timeoutMs: PURGE_MS, overtime: 'leave', env: APT_ENV } as const

function planKernels(x: StageInput): PhasePlan {
  const found = x.facts.get(installedKernels)
  if (!found.ok) return { steps: [], notes: [note('Old kernels stay', `They could not be read: ${found.why}`)] }
  const { releases, packages, kept } = obsoleteKernels(found.value)
  if (releases.length === 0) return NOTHING
  const title = `Remove old kernels ${releases.join(', ')} (${kept.join(', ')} stay)`
  return {
    steps: [freeing('kernels', title, '/boot', aptPurgeExactly(packages, x.host.stages.update.lock_wait), PURGE)],
  }
}

function planOrphans(x: StageInput): PhasePlan {
  const found = x.facts.get(orphans)
  if (!found.ok) return { steps: [], notes: [note('Orphaned packages stay', `They could not be read: ${found.why}`)] }
  const { names, vital } = found.value
  if (vital.length > 0) {
    return { steps: [], notes: [note('Orphaned packages stay', `${vital.join(', ')} would go with them.`)] }
  }
  if (names.length === 0) return NOTHING
  const act = aptPurgeExactly(names, x.host.stages.update.lock_wait)
  return { steps: [freeing('orphans', `Remove ${names.length} orphaned packages`, '/usr', act, PURGE)] }
}

function planPath(x: StageInput, index: number): PhasePlan {
  const entry = x.host.stages.clean.paths[index]
  if (entry === undefined) return NOTHING
  const why = whyNotCleaned(entry.path, ownFolders(x))
  if (why !== null) {
    const { line } = ruleAt(x.host, `stages.clean.paths.${index}`, entry.path)
    const where = line === null ? '' : ` (line ${line} of the maintenance file)`
    return { steps: [], notes: [note(`${entry.path} is not cleaned`, `${why}${where}.`)] }
  }
  const days = Math.round((entry.older_than / 86_400_000) * 10) / 10
  const title = `Delete ${entry.match} older than ${days} days below ${entry.path}`
  const onlyIf = sh`[ -d ${entry.path} ] && ${hasGnuFind}`
  return { steps: [freeing(`path-${index + 1}`, title, entry.path, cleanPath(entry), { onlyIf })] }
}

/** `<state_dir>` (two folders above the run's own) and every folder backups go to. */
function ownFolders(x: StageInput): readonly string[] {
  const stateDir = x.runDir.split('/').slice(0, -2).join('/')
  const backups = x.host.stages.prepare.backup.flatMap((backup) => ('archive' in backup ? [backup.archive.to] : []))
  return [stateDir, ...backups].filter((folder) => folder !== '')
}

const STEP_IDS = /^clean\/(package-cache|orphans|kernels|journald|temp|path-\d+)$/

/** What the steps freed, for the report; a step that could not tell adds nothing. */
function planFreed(x: StageInput): PhasePlan {
  const freed = [...x.results].flatMap(([key, result]) => {
    const id = STEP_IDS.exec(key)?.[1]
    const bytes = /^(\d{1,15})\n?$/.exec(result.output)?.[1]
    return id === undefined || bytes === undefined || result.outcome !== 'done' ? [] : [{ id, bytes: Number(bytes) }]
  })
  const total = freed.reduce((sum, one) => sum + one.bytes, 0)
  if (total === 0) return NOTHING
  const parts = freed.filter((one) => one.bytes > 0).map((one) => `${one.id} ${megabytes(one.bytes)}`)
  return { steps: [], notes: [note(`Freed about ${megabytes(total)}`, parts.join(', '), 'info')] }
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`

function note(what: string, advice: string, severity: 'info' | 'warn' = 'warn'): Observation {
  return { kind: 'finding', what, severity, advice }
}
