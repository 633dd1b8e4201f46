import type { HostConfig } from '../config/schema'
import type { Facts } from '../facts/fact'
import type { FoundNote } from '../host/program-note'
import type { StageName } from '../plan/step'
import type { Phase } from '../stages/stage'
import { update } from '../stages/update'
import type { Attached } from './attach'
import { stepsOf } from './attach'
import type { EngineIo } from './engine-io'
import type { HostContext } from './host-context'
import { type HostEnd, isStuck, ruleOf, stuck } from './host-end'
import { failed, verifyAndGo } from './maintain'
import { isApp, isPackageUpgrade, notedFacts } from './program-note'
import { runStage } from './stage-run'
import { describeEnd } from './steps-end'
import { takeStoredBaseline } from './stored-baseline'
import { TrafficGuard } from './traffic-guard'

/** The rest of an update whose program was followed to a good end, with the host as its own plan describes it. */
export interface Rest {
  readonly host: HostConfig
  readonly facts: Facts
  readonly phases: readonly Phase[]
  /** The run that began the update. */
  readonly run: string
}

/**
 * What is left of the update, where that is known for sure: every step of the program that was followed ended well, it was
 * the upgrade or the applications, and what the rest is planned from is on the host. null: the real state is verified, and
 * the gate decides.
 */
export function restOf(attached: Attached, planned: HostConfig | null): Rest | null {
  const { note, end } = attached
  if (end.t !== 'ok' || note.stage !== 'update' || planned === null || note.facts === undefined) return null
  const ids = note.steps.map((step) => step.id)
  const from = ids.some(isApp) ? 'app-versions' : ids.some(isPackageUpgrade) ? 'changes' : null
  const at = update.phases.findIndex((phase) => phase.name === from)
  if (at < 0) return null
  return { host: planned, facts: notedFacts(note), phases: update.phases.slice(at), run: note.run }
}

/** The rest of the update, verify, go-live. Hooks before the update had their turn; those after it have not. */
export async function goOn(x: HostContext, io: EngineIo, notes: readonly FoundNote[], rest: Rest): Promise<HostEnd> {
  const { stages } = rest.host
  const host = { ...rest.host, stages: { ...stages, update: { ...stages.update, before: [] } } }
  const y: HostContext = { ...x, host, runDir: `${x.machine.stateDir}/runs/${rest.run}` }
  y.known.facts = x.known.facts.with(rest.facts)
  const blind = await takeStoredBaseline(y)
  if (blind !== null) return blind
  await readResults(y, notes)
  const updated = await finishUpdate(y, rest.phases)
  if (isStuck(updated)) return stuck('update', updated)
  if (updated.t !== 'ok') return failed(y, io, `update: ${describeEnd(updated)}`, ruleOf(updated))
  return verifyAndGo(y, io, 'recovered')
}

async function finishUpdate(x: HostContext, phases: readonly Phase[]) {
  await using guard = new TrafficGuard(x)
  guard.stage = 'update'
  await guard.look()
  return runStage(x, { name: 'update', phases }, { touched: true })
}

/** Whether packages were upgraded stands in the programs of the update; what was kept for a way back, in those of prepare. */
const TOLD: readonly StageName[] = ['prepare', 'update']

/** What the programs before the one that was followed have said. */
async function readResults(x: HostContext, notes: readonly FoundNote[]): Promise<void> {
  for (const note of notes.filter((n) => TOLD.includes(n.stage) && n.host === x.host.name)) {
    await x.machine.attach(
      note.run,
      { id: note.id, steps: stepsOf(note, 0) },
      (item) => {
        if (item.t === 'end') x.known.results.set(`${note.stage}/${item.result.id}`, item.result)
      },
      x.signal,
    )
  }
}
