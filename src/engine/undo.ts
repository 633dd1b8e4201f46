import type { Place, ShStep, StageName } from '../plan/step'
import { sh } from '../shell/sh'
import type { HostContext } from './host-context'
import { runSteps } from './steps'
import type { StepsEnd } from './steps-end'

/**
 * Takes back what is written in `<state_dir>/undo` of a machine: newest first, each tried 3 times, stopping at the first
 * that fails. What is done is renamed, so that nothing is taken back twice. The files decide, not the memory of this run.
 */
function undoStep(stateDir: string, place: Place, id: string, secretEnv?: ShStep['secretEnv']): ShStep {
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
    ...(secretEnv === undefined ? {} : { secretEnv }),
    run: sh`cd ${`${stateDir}/undo`} || exit 1
for f in $(ls | grep '\.sh$' | sort -r); do
  n=0; until sh "./$f"; do n=$((n+1)); if [ "$n" -ge 3 ]; then echo "undo $f failed three times"; exit 1; fi; sleep 1; done
  mv "$f" "\${f%.sh}.done" || exit 1; sync . 2>/dev/null || sync
done`,
  }
}

/** Undoes at every place that holds undos of this run: the host first, then helpers and runner, newest place first. */
export async function undoAll(x: HostContext, stage: StageName): Promise<StepsEnd> {
  const others = [...x.known.undoPlaces.keys()].filter((p) => p !== 'host').reverse()
  const places: Place[] = ['host', ...others]
  for (const [i, place] of places.entries()) {
    const machine = await x.place(place)
    const end = await runSteps(
      x,
      stage,
      [undoStep(machine.stateDir, place, `undo-${i + 1}`, x.known.undoPlaces.get(place))],
      { phase: stage },
    )
    if (end.t !== 'ok') return end
  }
  return { t: 'ok' }
}
