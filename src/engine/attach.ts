import type { HostConfig } from '../config/schema'
import type { LeaseAnswer } from '../host/lease'
import type { FoundNote } from '../host/program-note'
import type { ShStep, StageName } from '../plan/step'
import { sh } from '../shell/sh'
import type { EngineIo } from './engine-io'
import type { HostContext } from './host-context'
import { StepTeller } from './step-teller'
import { programEnd } from './steps'
import { describeEnd, type StepsEnd } from './steps-end'
import { waitForLease } from './wait-for-lease'

type Alive = Extract<LeaseAnswer, { t: 'alive' }>

/**
 * Takes the lease of a host. A living program of an earlier run keeps it: that program is followed from the start of its
 * records, so that what it does is told here, and the lease is taken at its end (design 4.3).
 */
export async function takeOrAttach(x: HostContext, io: EngineIo): Promise<LeaseAnswer> {
  const waiting = {
    clock: x.clock,
    signal: x.signal,
    forProgramMs: 0,
    // A recover that begins while its dead run's lease still counts would find nothing to do, and leave the host out.
    forLease: io.run.mode === 'recover' && !io.onlyUndo,
    say: (sentence: string) => x.tell({ type: 'warning', sentence }),
  }
  const first = await waitForLease(x.machine, waiting)
  if (first.t !== 'alive' || x.signal.aborted) return first
  const note = await noteOfLiving(x, first)
  const patient = { ...waiting, forProgramMs: x.host.stages.update.lock_wait }
  if (note === null) return waitForLease(x.machine, patient)
  // Post has two minutes, and puts back only what was not touched: it waits for no upgrade.
  if (io.onlyUndo && isChanging(note.stage)) return first
  const end = await follow(x, note, first)
  if (end.t === 'overtime' || end.t === 'lost' || end.t === 'cancelled') return first
  // Between the last record of a program and its end there is a moment.
  return waitForLease(x.machine, patient)
}

const isChanging = (stage: StageName) => stage !== 'prepare' && stage !== 'monitor' && stage !== 'drain'

/** null: it is of another state folder, of another host, or says nothing of itself: then it is only waited for. */
async function noteOfLiving(x: HostContext, alive: Alive): Promise<FoundNote | null> {
  const runs = `${x.machine.stateDir}/runs/`
  const [run, id, ...more] = alive.dir.startsWith(runs) ? alive.dir.slice(runs.length).split('/') : []
  if (run === undefined || id === undefined || more.length > 0) return null
  const notes = await x.machine.readNotes(run, x.signal)
  if (!notes.ok) return null
  return notes.value.find((note) => note.id === id && note.host === x.host.name) ?? null
}

async function follow(x: HostContext, note: FoundNote, alive: Alive): Promise<StepsEnd> {
  const { run, id, stage } = note
  x.tell({
    type: 'settled',
    sentence: `run ${run} is gone, and its program ${id} is still at work (pid ${alive.pid ?? 'unknown'}): attached to it`,
  })
  x.tell({ type: 'stage.begun', stage })
  const steps = stepsOf(note, x.host)
  const teller = new StepTeller(x, stage, steps)
  const ended = await x.machine.attach(run, { id, steps }, (item) => teller.take(item), x.signal)
  const end = programEnd(ended, teller)
  const outcome = end.t === 'ok' ? 'done' : end.t === 'failed' ? 'failed' : 'interrupted'
  x.tell({ type: 'stage.ended', stage, outcome, reason: end.t === 'ok' ? null : describeEnd(end) })
  return end
}

/**
 * The steps as far as their records need them. One that is never killed is followed for the rest of its time; how long any
 * of them may take the file says, whatever the note does.
 */
export function stepsOf(note: FoundNote, host: HostConfig): readonly ShStep[] {
  const { lock_wait, timeout } = host.stages.update
  return note.steps.map((step) => ({
    do: 'sh',
    id: step.id,
    title: step.title,
    place: 'host',
    required: step.required,
    disruptive: step.disruptive,
    changes: true,
    timeoutMs: step.isLeft
      ? Math.max(lock_wait, Math.min(step.timeoutMs, timeout) - (note.ageS ?? 0) * 1_000)
      : Math.min(step.timeoutMs, longestOf(host)),
    ...(step.isLeft ? { overtime: 'leave' as const } : {}),
    run: sh`:`,
    output: { data: READ_BYTES },
  }))
}

/** Steps of Pitstop's own that take no time of the file. */
const OWN_MS = 2 * 3_600_000

function longestOf({ stages }: HostConfig): number {
  const hooks = Object.values(stages).flatMap(({ before, after }) => [...before, ...after])
  const drivers = stages.drain.traffic.flatMap((entry) => ('command' in entry ? [entry.command] : []))
  return Math.max(OWN_MS, ...[...hooks, ...stages.update.apps, ...drivers].map((command) => command.timeout))
}

/** Of any answer that a step gave: a note does not say how long it may be. */
const READ_BYTES = 2 ** 20
