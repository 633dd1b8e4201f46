import { type Fact, ok, unknown } from '../facts/fact'
import { unitId } from '../facts/units'
import { packageManagerId } from '../packages/facts'
import { MANAGERS } from '../packages/managers'
import type { WaitStep } from '../plan/step'
import { lines, type Sh, sh } from '../shell/sh'
import type { StageInput } from '../stages/stage'
import { JOBS, LOGIND, namedUnit, serviceUnits } from './service-units'

const QUIET_MS = 600_000

/**
 * Whether no package manager is at work and nobody asks the host to stay up, at this moment. Asked along with the units, so
 * that a host that is quiet, as most are, costs no trip of its own.
 */
export function quietNow(x: Pick<StageInput, 'facts'>): Fact<boolean> {
  return {
    id: 'quiet',
    sh: lines(
      ...(hasManager(x) ? [noManagerAtWork] : []),
      sh`[ ! -d /run/systemd/system ] || {`,
      noInhibitor(),
      sh`} || exit 1`,
    ),
    cap: 4096,
    parse: (_, rc) => (rc === 0 ? ok(true) : rc === 1 ? ok(false) : unknown(`the look ended with exit code ${rc}`)),
  }
}

/** Where there surely is none, nobody can be at work with it. */
function hasManager(x: Pick<StageInput, 'facts'>): boolean {
  const manager = x.facts.get(packageManagerId)
  return !manager.ok || manager.value !== null
}

/** Waits until the host's own jobs, package managers and inhibitors are done, before anything is disturbed. */
export function waitForQuiet(x: StageInput): readonly WaitStep[] {
  const all = x.facts.or(serviceUnits(x.host), [])
  const wanted = x.host.stages.drain.wait_for.map((name) => namedUnit(all, name)?.id ?? unitId(name))
  const jobs = JOBS.filter((name) => namedUnit(all, name)?.load === 'loaded')
  const units = [...new Set([...wanted, ...jobs])]
  const checks = [
    ...(hasManager(x) ? [noManagerAtWork] : []),
    ...(units.length > 0 ? [unitsAtRest(units)] : []),
    ...(all.length > 0 ? [noInhibitor()] : []),
  ]
  if (checks.length === 0) return []
  const waitedFor = [
    ...units,
    ...(hasManager(x) ? ['package managers'] : []),
    ...(all.length > 0 ? ['block inhibitors'] : []),
  ]
  return [
    {
      do: 'wait',
      id: 'wait-quiet',
      title: `Wait for ${waitedFor.join(', ')}`,
      place: 'host',
      required: true,
      disruptive: false,
      changes: false,
      timeoutMs: QUIET_MS,
      everyMs: 5_000,
      until: lines(...checks),
      isMet: x.facts.or(quietNow(x), false) && areAtRest(x, units),
    },
  ]
}

/** As far as is known; where nothing is known of units, none is. */
function areAtRest(x: StageInput, names: readonly string[]): boolean {
  const all = x.facts.get(serviceUnits(x.host))
  if (!all.ok) return names.length === 0
  return names.every((name) => /^(inactive|failed)$/.test(namedUnit(all.value, name)?.active ?? ''))
}

/** A job of type oneshot is `activating` while it runs, so `is-active` would call it idle. */
function unitsAtRest(units: readonly string[]): Sh {
  return sh`states=$(systemctl show -p ActiveState --value -- ${units}) || exit 1
for s in $states; do case $s in inactive | failed) ;; *) exit 1 ;; esac; done`
}

/**
 * A package manager is at work while somebody holds its lock. Names of processes tell nothing: packagekitd idles for
 * minutes, unattended-upgrades waits for a shutdown all day, and an apt-get in sight may be one of a container or a chroot.
 */
const noManagerAtWork: Sh = lines(
  ...MANAGERS.map((manager) => sh`if ${manager.present}; then { ${manager.unlocked}; } || exit 1; fi`),
)

/**
 * Inhibitors live in logind: where it does not run there are none. A call prints `a(ssssuu) N "what" "who" "why" "mode" …`
 * (org.freedesktop.login1(5)); quotes inside the strings are escaped.
 */
function noInhibitor(): Sh {
  return sh`if systemctl is-active --quiet ${LOGIND}; then
  l=$(busctl call org.freedesktop.login1 /org/freedesktop/login1 org.freedesktop.login1.Manager ListInhibitors) || exit 1
  ! printf '%s\\n' "$l" | grep -Eq '"([a-z-]+:)*shutdown(:[a-z-]+)*" "([^"\\\\]|\\\\.)*" "([^"\\\\]|\\\\.)*" "block" '
fi`
}

/** A unit of `wait_for` that is not on the host, if any: a wait that can only ever end at once is a mistake of the file. */
export function missingWaitUnit(x: StageInput): string | null {
  const all = x.facts.get(serviceUnits(x.host))
  if (!all.ok) return null
  return (
    x.host.stages.drain.wait_for.find((name) => (namedUnit(all.value, name)?.load ?? 'not-found') === 'not-found') ??
    null
  )
}
