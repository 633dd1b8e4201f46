import { commandEnv, commandSh } from '../config/command'
import type { Hook } from '../config/schema'
import type { Fact } from '../facts/fact'
import { readFacts } from '../facts/read'
import type { HostState } from '../host/state'
import type { Outcome, ShStep, StageName, Step } from '../plan/step'
import { sh } from '../shell/sh'
import type { Phase, Stage } from '../stages/stage'
import { type HostContext, stageInput } from './host-context'
import { INTENT } from './program-note'
import { whyNoLogin } from './reboot'
import { runSteps } from './steps'
import { describeEnd, type StepsEnd } from './steps-end'
import { toldFinding } from './told-finding'

/** What the engine adds to a stage that plans for itself. */
export interface Additions {
  /** Steps before the first ones of its phases that change anything: what must stand before anything is disturbed. */
  readonly first?: readonly ShStep[]
  /** Work that is no steps, after its phases: the rounds of verify, the watch of golive. */
  readonly core?: () => Promise<StepsEnd>
  /** An earlier run has begun this hook: it is not begun again. */
  readonly isBegun?: (hook: ShStep) => boolean
}

/**
 * One stage of one host: `before` hooks, its phases, `after` hooks. The last word is the first thing that failed; `after`
 * hooks marked `always` run all the same, and their own failure is told but hides nothing.
 */
export async function runStage(
  x: HostContext,
  stage: Stage,
  state: Partial<HostState> = {},
  add: Additions = {},
): Promise<StepsEnd> {
  const name = stage.name
  x.tell({ type: 'stage.begun', stage: name })
  // A stage may begin long after the one before: it waits for admission, or for users.
  x.known.fresh.clear()
  x.known.login = null
  const hooks = x.host.stages[name]
  const own = { phase: name, ...state } as Partial<HostState>
  const isAlways = ({ id }: ShStep) => hooks.after[Number(id.slice('after-'.length)) - 1]?.always === true
  const hookRow = (when: 'before' | 'after') => {
    return hookSteps(x, name, when, hooks[when]).filter((step) => add.isBegun?.(step) !== true)
  }
  const before = await runSteps(x, name, withIntents(name, hookRow('before')), own)
  const main = before.t === 'ok' ? await runPhases(x, stage, own, add) : before
  const after = hookRow('after').filter((step) => main.t === 'ok' || isAlways(step))
  // The connection or the lease is gone, or the run is cancelled: an `after` hook could not be begun either.
  const canGoOn = main.t === 'ok' || main.t === 'failed' || main.t === 'interrupted'
  const afterEnd = canGoOn ? await runSteps(x, name, withIntents(name, after), own) : main
  const end = main.t === 'ok' ? (name === 'golive' ? tolerated(x, afterEnd) : afterEnd) : main
  x.tell({
    type: 'stage.ended',
    stage: name,
    outcome: add.core !== undefined && end.t === 'ok' ? 'done' : stageOutcome(x, name, end),
    reason: end.t === 'ok' ? null : describeEnd(end),
  })
  return end
}

/** An `after` hook of golive changes no verdict: the host serves already (design 4.2). */
function tolerated(x: HostContext, end: StepsEnd): StepsEnd {
  if (end.t !== 'failed' && end.t !== 'interrupted') return end
  x.tell({ type: 'warning', sentence: `after golive: ${describeEnd(end)}` })
  return { t: 'ok' }
}

async function runPhases(
  x: HostContext,
  stage: Stage,
  state: Partial<HostState>,
  add: Additions = {},
): Promise<StepsEnd> {
  let first = add.first ?? []
  for (const phase of stage.phases) {
    const end = await runPhase(x, stage.name, phase, state, (steps) => {
      // In one program with the first steps that change anything, so that they cost no trip of their own.
      if (first.length === 0 || !steps.some((step) => step.changes)) return steps
      const all = [...first, ...steps]
      first = []
      return all
    })
    if (end.t !== 'ok') return end
  }
  return add.core === undefined ? { t: 'ok' } : add.core()
}

/** Reads facts, but none twice while nothing was done in between: a phase that plans no step costs the next one no trip. */
async function learn(x: HostContext, wanted: readonly Fact<unknown>[]): Promise<void> {
  const stale = wanted.filter((fact) => !x.known.fresh.has(fact.id))
  if (stale.length === 0) return
  x.known.facts = x.known.facts.with(await readFacts(x.machine, stale, x.signal, x.clock))
  for (const fact of stale) x.known.fresh.add(fact.id)
}

/** One phase: its facts are read fresh, its notes told, its steps carried out. */
export async function runPhase(
  x: HostContext,
  name: StageName,
  phase: Phase,
  state: Partial<HostState>,
  completed: (steps: readonly Step[]) => readonly Step[] = (steps) => steps,
): Promise<StepsEnd> {
  if (phase.triesLogin?.(stageInput(x)) === true) x.known.login ??= whyNoLogin(x)
  await learn(x, phase.facts?.(stageInput(x)) ?? [])
  if (x.signal.aborted) return { t: 'cancelled' }
  const plan = phase.plan(stageInput(x))
  for (const what of plan.notes ?? []) {
    if (what.kind === 'pending') x.known.pending = what.changes
    if (what.kind === 'reboot') x.known.reboot = { ...x.known.reboot, needed: what.needed }
    x.tell({ type: 'observed', stage: name, what: toldFinding(x, what) })
  }
  if (plan.stop)
    return {
      t: 'failed',
      step: phase.name,
      reason: plan.stop.reason,
      ...(plan.stop.rule ? { rule: plan.stop.rule } : {}),
    }
  return runSteps(x, name, completed(plan.steps), state)
}

/** Hooks may change anything: they run detached like every changing step, and one that was cut is never repeated. */
export function hookSteps(
  x: Pick<HostContext, 'host' | 'run'>,
  stage: StageName,
  when: 'before' | 'after',
  hooks: readonly Hook[],
): ShStep[] {
  return hooks.map((hook, i) => ({
    do: 'sh',
    id: `${when}-${i + 1}`,
    title: `${when} ${stage}: ${hook.run.split('\n')[0]?.slice(0, 80)}`,
    place: hook.on,
    required: hook.required,
    disruptive: false,
    changes: true,
    timeoutMs: hook.timeout,
    output: 'text',
    ...commandSh(hook.run, x.host, undefined, hook.shell),
    ...commandEnv(x.host, stage, x.run.id, hook.env),
  }))
}

/** Stages that recovery goes on in: what was begun of them the host itself must be able to say. */
const RESUMED: readonly StageName[] = ['clean', 'update']

/** A hook elsewhere leaves its record there, which may be gone with a runner: so the host notes before that it begins. */
function withIntents(stage: StageName, hooks: readonly ShStep[]): readonly ShStep[] {
  return hooks.flatMap((step) => {
    if (step.place === 'host' || !RESUMED.includes(stage)) return [step]
    const { id, title, place, required } = step
    const intent: ShStep = {
      do: 'sh',
      id: `${id}${INTENT}`,
      title: `${title} (begins on ${place})`,
      place: 'host',
      required,
      disruptive: false,
      changes: true,
      timeoutMs: 60_000,
      output: 'text',
      run: sh`:`,
    }
    return [intent, step]
  })
}

function stageOutcome(x: HostContext, stage: StageName, end: StepsEnd): Outcome {
  if (end.t === 'failed') return 'failed'
  if (end.t !== 'ok') return 'interrupted'
  const steps = [...x.known.results].filter(([key]) => key.startsWith(`${stage}/`)).map(([, r]) => r.outcome)
  if (steps.includes('done')) return 'done'
  return steps.length > 0 && steps.every((o) => o === 'skipped') ? 'skipped' : 'unchanged'
}
