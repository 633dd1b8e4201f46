import { type OpenGate, requireOpenGate } from '../gate/gate'
import type { Question } from '../host/remote'
import type { Place, ShStep, Undo } from '../plan/step'
import { HEARD_BYTES, withStderr } from '../shell/heard'
import { inlineScript } from '../shell/inline-script'
import { lines, type Sh, sh } from '../shell/sh'
import type { StageInput } from '../stages/stage'
import type { Act, TrafficDriver } from './driver'
import { driversOf } from './kinds'

type Scope = Pick<StageInput, 'host' | 'run'>

const STATE_BYTES = 4_096
/** A state command answers a question; the time for draining itself is another. */
const STATE_MS = 60_000
/** A balancer may need a moment until what it says is what it does. */
const CONFIRM_MS = 60_000
const CONFIRM_EVERY_S = 2

/** One place where the state of traffic can be read, at any time and as often as wanted; it changes nothing. */
export interface TrafficReading {
  readonly label: string
  readonly place: Place
  /** For `Remote.ask`, which needs no lease. */
  readonly question: Question
  /** The same as a step; read its result with `stateOf`. */
  readonly step: ShStep
}

/** How to read where the users of a host go: one reading for each driver that can say it. Empty: nobody can say. */
export function trafficState(x: Scope): readonly TrafficReading[] {
  return driversOf(x).flatMap((driver, index) => {
    if (driver.state === null) return []
    const step = {
      ...actStep(driver, driver.state, `traffic-${index + 1}-state`, `Read the traffic state (${driver.label})`),
      ...READS,
      run: withStderr(driver.state.run),
    }
    return [{ label: driver.label, place: driver.place, question: questionOf(driver.state, step.id), step }]
  })
}

const READS = {
  disruptive: false,
  changes: false,
  timeoutMs: STATE_MS,
  output: { data: STATE_BYTES + HEARD_BYTES },
} as const

function questionOf({ run, script, env, secretEnv }: Act, id: string): Question {
  return {
    id,
    sh: withStderr(inlineScript(run, script)),
    cap: STATE_BYTES + HEARD_BYTES,
    timeoutMs: STATE_MS,
    env,
    secretEnv,
  }
}

function actStep(driver: TrafficDriver, act: Act, id: string, title: string): ShStep {
  const secrets = Object.keys(act.secretEnv).length > 0 ? { secretEnv: act.secretEnv } : {}
  const script = act.script === undefined ? {} : { script: act.script }
  return {
    do: 'sh',
    id,
    title,
    place: driver.place,
    required: true,
    disruptive: false,
    changes: true,
    timeoutMs: act.timeoutMs,
    run: act.run,
    env: act.env,
    ...secrets,
    ...script,
    output: 'text',
  }
}

/** Takes users away at every driver, in the order of the file; each that can say so must then read `out`. */
export function drainSteps(x: Scope): readonly ShStep[] {
  return driversOf(x).flatMap((driver, index) => outSteps(driver, index, undoOf(driver)))
}

/** Takes users away again, after go-live failed: there is no undo, as the host is held. */
export function redrainSteps(x: Scope): readonly ShStep[] {
  return driversOf(x).flatMap((driver, index) => outSteps(driver, index, undefined))
}

function outSteps(driver: TrafficDriver, index: number, undo: Undo | undefined): readonly ShStep[] {
  const step = {
    ...actStep(driver, driver.drain, `traffic-${index + 1}-drain`, `Take traffic away (${driver.label})`),
    disruptive: true,
    ...(undo === undefined ? {} : { undo }),
  }
  return [step, ...confirmSteps(driver, index, 'out')]
}

/** The undo carries its script and its plain environment in its own text; secrets come from the runner or not at all. */
function undoOf(driver: TrafficDriver): Undo {
  const { undrain } = driver
  const exports = Object.entries(undrain.env).map(([name, value]) => sh`export ${`${name}=${value}`}`)
  const secrets = Object.keys(undrain.secretEnv).length > 0
  return {
    run: lines(...exports, inlineScript(undrain.run, undrain.script)),
    onDeadMan: driver.place === 'host' && !secrets,
    ...(secrets ? { secretEnv: undrain.secretEnv } : {}),
  }
}

/**
 * Lets users back, newest driver first, and reads back `in`. Only an open gate of this host and run, or the undo of a
 * drain while the host is untouched, gets these steps (promise 1).
 */
export function undrainSteps(x: Scope, leave: OpenGate | 'undo'): readonly ShStep[] {
  if (leave !== 'undo') requireOpenGate(leave, x.host.name, x.run.id)
  const stage = leave === 'undo' ? 'drain' : 'golive'
  return driversOf(x)
    .map((driver, index) => [
      actStep(
        driver,
        { ...driver.undrain, env: { ...driver.undrain.env, PITSTOP_STAGE: stage } },
        `traffic-${index + 1}-undrain`,
        `Let traffic back (${driver.label})`,
      ),
      ...confirmSteps(driver, index, 'in'),
    ])
    .reverse()
    .flat()
}

function confirmSteps(driver: TrafficDriver, index: number, want: 'in' | 'out'): readonly ShStep[] {
  if (driver.state === null) return []
  const title = `Read back that traffic is ${want} (${driver.label})`
  const step = actStep(driver, driver.state, `traffic-${index + 1}-is-${want}`, title)
  return [{ ...step, changes: false, timeoutMs: CONFIRM_MS + STATE_MS, run: untilStateIs(driver.state.run, want) }]
}

/**
 * The command runs in a shell of its own, so that an `exit` in it ends only itself. A failure, or nothing at all, may pass as a
 * balancer reloads; a word that is neither of the two never becomes one of them, and is told at once. What is asked over a
 * channel has no stderr, so all of it is printed, on one line.
 */
export function untilStateIs(state: Sh, want: 'in' | 'out'): Sh {
  const tries = Math.floor(CONFIRM_MS / 1000 / CONFIRM_EVERY_S)
  return sh`m=$(printf '\\036'); n=0
say() {
  set -f; later=$1; set -- $e; o="$*"
  printf 'traffic is not %s%s: the state command ended with exit code %s and printed "%.200s"; expected in or out%.200s\\n' ${want} "$later" "$c" "$s" "\${o:+; on stderr: $o}"; exit 1
}
while :; do
  r=$( ${withStderr(sh`sh -c ${state.text}`)} ); c=$?; e=\${r##*"$m"}; s=\${r%"$m"*}
  set -f; set -- $s; set +f; s="$*"
  if [ "$c" = 0 ]; then case $s in ${want}) exit 0 ;; in | out | '') ;; *) say '' ;; esac; fi
  n=$((n + 1)); [ "$n" -lt ${tries} ] || say ${` after ${CONFIRM_MS / 1000} s`}
  sleep ${CONFIRM_EVERY_S}
done`
}
