import type { OpenGate } from '../gate/gate'
import { undoFilesOf } from '../host/undo-files'
import type { Place, ShStep, StageName } from '../plan/step'
import { type Sh, sh } from '../shell/sh'
import type { HostContext } from './host-context'
import { machineAt } from './place'
import { runSteps } from './steps'
import type { StepsEnd } from './steps-end'
import { undoPlacesElsewhere } from './undo-places'

type Secrets = NonNullable<ShStep['secretEnv']>

/**
 * Takes back what is written in `<state_dir>/undo` of a machine: newest first, each tried 3 times, stopping at the first
 * that fails. What is done is renamed, so that nothing is taken back twice. The files decide, not the memory of this run;
 * only those of this host.
 */
function undoStep(
  x: HostContext,
  stateDir: string,
  place: Place,
  id: string,
  secretEnv: Secrets,
  skip: Sh = sh`:`,
): ShStep {
  return {
    do: 'sh',
    id,
    title: 'Take back what was done, newest first',
    place,
    required: true,
    disruptive: false,
    changes: true,
    timeoutMs: 1_800_000,
    output: 'text',
    onFullDisk: true,
    ...(Object.keys(secretEnv).length === 0 ? {} : { secretEnv }),
    run: sh`cd ${`${stateDir}/undo`} || exit 1
for f in $(ls | grep -E ${undoFilesOf(x.host.name, place)} | sort -r); do
  ${skip}
  n=0; until sh "./$f"; do n=$((n+1)); if [ "$n" -ge 3 ]; then echo "undo $f failed three times"; exit 1; fi; sleep 1; done
  mv "$f" "\${f%.sh}.done" || exit 1; sync . 2>/dev/null || sync
done`,
  }
}

/**
 * Behind an open gate: what the host itself keeps of how it is put back, for drivers of its own that no file names any more.
 * An undo that needs a secret is none of those, and services are started by then.
 */
export function undoOwn(x: HostContext, _gate: OpenGate): Promise<StepsEnd> {
  const skip = sh`grep -q '^# dead-man yes$' "$f" && grep -q '^# Take traffic away' "$f" || continue`
  const step = undoStep(x, x.machine.stateDir, 'host', 'undo-own', {}, skip)
  return runSteps(x, 'golive', [step], { phase: 'golive' })
}

/** Undoes at every place that may hold undos of this host: the host first, then helpers and runner, newest place first. */
export async function undoAll(x: HostContext, stage: StageName): Promise<StepsEnd> {
  const elsewhere = undoPlacesElsewhere(x)
  for (const [i, place] of ['host', ...elsewhere.keys()].entries()) {
    const machine = await machineAt(x, place)
    if (typeof machine === 'string')
      return { t: 'failed', step: `undo-${i + 1}`, reason: `at ${place}: ${machine}`, unreached: true }
    const end = await runSteps(
      x,
      stage,
      [undoStep(x, machine.stateDir, place, `undo-${i + 1}`, elsewhere.get(place) ?? {})],
      { phase: stage },
    )
    if (end.t !== 'ok') return end
  }
  return { t: 'ok' }
}

/** A host that is live again needs no undo: its files at helpers go. Left there they only ever meet this host again. */
export async function forgetUndosElsewhere(x: HostContext, stage: StageName): Promise<void> {
  for (const place of undoPlacesElsewhere(x).keys()) {
    const machine = await machineAt(x, place)
    if (typeof machine === 'string') continue
    const { stateDir } = machine
    const step: ShStep = {
      do: 'sh',
      id: 'forget-undos',
      title: `Forget how ${x.host.name} was to be put back`,
      place,
      required: false,
      disruptive: false,
      changes: true,
      timeoutMs: 60_000,
      output: 'text',
      run: sh`cd ${`${stateDir}/undo`} || exit 1
for f in $(ls | grep -E ${undoFilesOf(x.host.name, place)}); do rm -f "$f" || exit 1; done`,
    }
    await runSteps(x, stage, [step], {})
  }
}
