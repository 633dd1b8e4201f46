import type { Facts } from '../../facts/fact'
import type { FoundNote, NotedPart, NotedStep } from '../../host/program-note'
import type { StageName, StepResult } from '../../plan/step'
import { releaseCommand } from '../../show/own-command'
import { stepsOf } from '../attach'
import type { HostContext } from '../host-context'
import { ended, type HostEnd, stuck } from '../host-end'
import { type Chain, chainOf, TOLD } from './chain'
import { isRollback } from './judge'
import { readNotedFacts } from './noted-facts'

/** What was begun of the maintenance of a host, by the words of its own disk. It decides about that host alone. */
export interface Progress {
  /** The run that began it; its packages lie in that run's folder. */
  readonly run: string
  /** The newest run that added anything to it. */
  readonly last: string
  /** What each of the runs noted of its plan; null: nothing that was noted tells what the host was taken out by. */
  readonly parts: readonly (readonly NotedPart[])[] | null
  /** So long ago it was begun; null: unknown. */
  readonly ageS: number | null
  /** Elsewhere than on the host nothing begins that is not noted here before. */
  readonly hasIntents: boolean
  /** The last word on each step that was begun, by `<stage>/<id>`, in the order they were; `interrupted` where it has no end. */
  readonly results: ReadonlyMap<string, StepResult>
  readonly steps: ReadonlyMap<string, NotedStep>
  /** Facts from before anything was changed. */
  readonly facts: Facts
}

/** Reads what the run of the host's state, and those before it whose work it went on with, noted and recorded there. */
export async function readProgress(x: HostContext, run: string): Promise<Progress | HostEnd> {
  const chain = await chainOf(x, run)
  if (typeof chain === 'string')
    return ended('held', `${chain}: look at the host, then run \`${releaseCommand(x.host.name)}\``)
  const results = new Map<string, StepResult>()
  const steps = new Map<string, NotedStep>()
  for (const note of chain.notes.filter((one) => TOLD.includes(one.stage))) {
    const lost = await readProgram(x, note, results, steps)
    if (lost !== null) return lost
  }
  return { ...aboutOf(chain), results, steps, facts: factsOf(chain.notes) }
}

function aboutOf({ run, last, start, notes }: Chain): Pick<Progress, 'run' | 'last' | 'parts' | 'ageS' | 'hasIntents'> {
  const parts = notes.flatMap((note) => (note.parts === undefined ? [] : [note.parts]))
  return {
    run,
    last,
    parts: start === null ? null : parts,
    ageS: start?.ageS ?? null,
    hasIntents: start?.intents === true,
  }
}

/** Facts of a later program were read later: those from before the update are there for the first time. */
function factsOf(notes: readonly FoundNote[]): Facts {
  return notes.map((note) => readNotedFacts(note.facts)).reduce((all, facts) => all.with(facts), readNotedFacts())
}

/** null: read to its end, which may be that it was cut. */
async function readProgram(
  x: HostContext,
  note: FoundNote,
  results: Map<string, StepResult>,
  steps: Map<string, NotedStep>,
): Promise<HostEnd | null> {
  const noted = new Map(note.steps.map((step) => [step.id, step]))
  const put = (id: string, result: StepResult) => {
    const step = noted.get(id)
    if (step === undefined) return
    // The last word comes last, also where an earlier program of the row had a step of the name.
    for (const map of [results, steps]) map.delete(`${note.stage}/${id}`)
    results.set(`${note.stage}/${id}`, result)
    steps.set(`${note.stage}/${id}`, step)
  }
  const end = await x.machine.attach(
    note.run,
    { id: note.id, steps: stepsOf(note, x.host) },
    (item) => {
      if (item.t === 'begin') put(item.step, cut(item.step))
      if (item.t === 'end') put(item.result.id, item.result)
    },
    x.signal,
  )
  // One program takes all of an update back: where it began and a part of that was not, it was cut between two.
  const back = note.steps.filter(({ id }) => isRollback(id))
  const never = back.filter(({ id }) => !results.has(`${note.stage}/${id}`))
  if (never.length < back.length) for (const { id } of never) put(id, cut(id))
  if (note.isBeforeBoot) rebooted(results, note.stage)
  return end.t === 'lost' || end.t === 'cancelled' ? stuck(note.stage, end) : null
}

const cut = (id: string): StepResult => ({
  id,
  outcome: 'interrupted',
  exitCode: null,
  durationMs: 0,
  output: '',
  truncated: false,
  tail: '',
})

/** An order to reboot that was begun before the present boot was carried out: the boot is the proof. */
function rebooted(results: Map<string, StepResult>, stage: StageName): void {
  if (!results.has(`${stage}/reboot-order`)) return
  results.set(`${stage}/reboot`, { ...cut('reboot'), outcome: 'done', exitCode: 0 })
}
