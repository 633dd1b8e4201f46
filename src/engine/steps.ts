import type { ProgramEnd } from '../host/remote'
import type { HostState } from '../host/state'
import type { Place, ShStep, StageName, Step, StepResult, WaitStep } from '../plan/step'
import { pause } from './clock'
import type { HostContext } from './host-context'
import { machineAt } from './place'
import { noteOf } from './program-note'
import { reboot, whyNoLogin } from './reboot'
import { segmentsOf } from './segments'
import { tellBegin, tellEnd } from './step-events'
import { StepTeller } from './step-teller'
import type { StepsEnd } from './steps-end'

const OK: StepsEnd = { t: 'ok' }
const NO_OUTPUT = { durationMs: 0, output: '', truncated: false, tail: '' }
const NO_LOGIN = Promise.resolve('it was not tried')

/**
 * Carries out the steps in order. Steps that share a place become one program; a required one that fails ends the row.
 * `state` is on the disk of the host before the first changing step.
 */
export async function runSteps(
  x: HostContext,
  stage: StageName,
  steps: readonly Step[],
  state: Partial<HostState>,
): Promise<StepsEnd> {
  const login = steps.some((step) => step.do === 'reboot') ? loginBeforeReboot(x) : NO_LOGIN
  for (const segment of segmentsOf(steps)) {
    const barred = x.signal.aborted ? null : x.mayBegin()
    if (x.signal.aborted) return { t: 'cancelled' }
    if (barred !== null) return { t: 'failed', step: 'lease', reason: barred }
    // A wait changes nothing by itself; what it let pass it clears (below).
    if (segment[0]?.do !== 'wait') forget(x)
    const end = await runSegment(x, stage, segment, state, login)
    if (end.t !== 'ok') return end
  }
  return OK
}

/** What was true before something was done need not be any more. */
function forget(x: HostContext): void {
  x.known.fresh.clear()
  x.known.login = null
}

/** One that was tried along with the facts counts if it worked; one that failed is tried again. */
async function loginBeforeReboot(x: HostContext): Promise<string | null> {
  const tried = x.known.login
  const why = await (tried ?? whyNoLogin(x))
  return why !== null && tried !== null ? whyNoLogin(x) : why
}

function runSegment(
  x: HostContext,
  stage: StageName,
  segment: readonly Step[],
  state: Partial<HostState>,
  login: Promise<string | null>,
): Promise<StepsEnd> {
  const first = segment[0]
  if (first?.do === 'reboot') return reboot(x, stage, first, state, login)
  if (first?.do === 'wait') return wait(x, stage, first)
  const steps = segment as readonly ShStep[]
  return steps.some((s) => s.changes) || steps.some(needsFiles)
    ? runProgram(x, stage, steps, state)
    : askSteps(x, stage, steps)
}

const needsFiles = (s: ShStep) =>
  s.script !== undefined || s.already !== undefined || s.onlyIf !== undefined || s.secretEnv !== undefined

/** What changes something runs detached, under the lock, with the token: it outlives connection, runner and job. */
async function runProgram(
  x: HostContext,
  stage: StageName,
  steps: readonly ShStep[],
  state: Partial<HostState>,
): Promise<StepsEnd> {
  const place = steps[0]?.place ?? 'host'
  const machine = await machineAt(x, place)
  if (typeof machine === 'string') return notDone(x, stage, steps, machine)
  const teller = new StepTeller(x, stage, steps)
  rememberUndos(x, place, steps)
  const prefix = place === 'host' ? '' : `${x.host.name}-`
  const id = `${prefix}${stage}-${x.known.programs++}`
  // Only the host itself remembers how far its own maintenance went.
  const kept = place === 'host' ? state : {}
  if (kept.touched === true && !machine.state.touched) x.tell({ type: 'touched' })
  const end = await machine.run(
    {
      id,
      steps,
      state: kept,
      note: noteOf(x, stage, place, id, steps),
      ...(x.beside && place === 'host' ? { beside: true as const } : {}),
    },
    (item) => teller.take(item),
    x.signal,
  )
  if (place === 'host' || (end.t !== 'lost' && end.t !== 'lease-lost')) return programEnd(end, teller)
  // The host itself is in hand: what became of the step there is unknown, and what follows the stage decides.
  const open = steps.findIndex((step) => step.id === teller.open)
  teller.closeOpen('interrupted')
  const why =
    end.t === 'lost' ? `the connection to ${place} is lost: ${end.why}` : `another run took the lease of ${place}`
  return notDone(x, stage, steps.slice(Math.max(0, open)), why)
}

/** Their machine cannot be had, so none of them is told as begun here: the first required one fails its row. */
function notDone(x: HostContext, stage: StageName, steps: readonly Step[], why: string): StepsEnd {
  if (x.signal.aborted) return { t: 'cancelled' }
  for (const step of steps) {
    const reason = `${step.title}: ${why}`
    if (step.required) return { t: 'failed', step: step.id, reason, unreached: true }
    x.tell({
      type: 'observed',
      stage,
      what: { kind: 'finding', what: reason, severity: 'warn', advice: `Look at ${step.place}.` },
    })
  }
  return OK
}

function rememberUndos(x: HostContext, place: Place, steps: readonly ShStep[]): void {
  for (const { undo } of steps) {
    if (undo) x.known.undoPlaces.set(place, { ...x.known.undoPlaces.get(place), ...undo.secretEnv })
  }
}

/** What the end of a program, and of its steps, means for the row they are part of. */
export function programEnd(end: ProgramEnd, teller: StepTeller): StepsEnd {
  if (end.t === 'over') return teller.failed ?? OK
  if (end.t === 'died') {
    const step = teller.closeOpen('interrupted')
    return {
      t: 'interrupted',
      step,
      reason: `${step} was cut in the middle: the program on the host is gone without an end`,
    }
  }
  if (end.t === 'no-space') {
    teller.closeOpen('failed')
    return {
      t: 'failed',
      step: 'space',
      reason: 'the disk of the host does not take the program or its state: it is full or read-only',
    }
  }
  if (end.t === 'no-secrets') {
    teller.closeOpen('failed')
    return { t: 'failed', step: 'secrets', reason: `nothing that needs a secret is done there: ${end.why}` }
  }
  if (end.t === 'overtime') {
    teller.closeOpen('interrupted')
    return { t: 'overtime', step: end.step, pid: end.pid }
  }
  teller.closeOpen('interrupted')
  return end
}

/** What only looks is asked over the channel: no file is needed, so it works on a full or read-only disk. */
async function askSteps(x: HostContext, stage: StageName, steps: readonly ShStep[]): Promise<StepsEnd> {
  const machine = await machineAt(x, steps[0]?.place ?? 'host')
  if (typeof machine === 'string') return notDone(x, stage, steps, machine)
  const teller = new StepTeller(x, stage, steps)
  for (const s of steps) teller.take({ t: 'begin', step: s.id })
  const began = x.clock.monotonicMs()
  const answers = await machine.ask(
    steps.map((s) => ({
      id: s.id,
      sh: s.run,
      cap: s.output === 'text' ? 16_384 : s.output.data,
      timeoutMs: s.timeoutMs,
      ...(s.env === undefined ? {} : { env: s.env }),
    })),
    x.signal,
  )
  const durationMs = Math.round(x.clock.monotonicMs() - began)
  for (const a of answers) {
    const outcome = a.rc === 0 && !a.truncated ? 'done' : a.rc === null && !a.truncated ? 'interrupted' : 'failed'
    teller.take({
      t: 'end',
      result: {
        id: a.id,
        outcome,
        exitCode: a.rc,
        durationMs,
        output: a.out,
        truncated: a.truncated,
        tail: a.out.slice(-4096),
      },
    })
  }
  return x.signal.aborted ? { t: 'cancelled' } : (teller.failed ?? OK)
}

/** Asks again and again until it is so. */
async function wait(x: HostContext, stage: StageName, step: WaitStep): Promise<StepsEnd> {
  const machine = await machineAt(x, step.place)
  if (typeof machine === 'string') return notDone(x, stage, [step], machine)
  const began = x.clock.monotonicMs()
  tellBegin(x, stage, step)
  if (step.isMet === true) {
    tellEnd(x, stage, step, { id: step.id, outcome: 'done', exitCode: 0, ...NO_OUTPUT })
    return OK
  }
  for (;;) {
    const [answer] = await machine.ask([{ id: step.id, sh: step.until, cap: 4096, timeoutMs: 60_000 }], x.signal)
    const durationMs = Math.round(x.clock.monotonicMs() - began)
    if (x.signal.aborted) return { t: 'cancelled' }
    const end = (outcome: StepResult['outcome']) =>
      tellEnd(x, stage, step, {
        id: step.id,
        outcome,
        exitCode: answer?.rc ?? null,
        durationMs,
        output: '',
        truncated: false,
        tail: answer?.out ?? '',
      })
    if (answer?.rc === 0) {
      end('done')
      return OK
    }
    if (durationMs >= step.timeoutMs) {
      end('failed')
      return step.required
        ? { t: 'failed', step: step.id, reason: `${step.title}: not so after ${Math.round(step.timeoutMs / 1000)} s` }
        : OK
    }
    forget(x)
    await pause(x.clock, step.everyMs, x.signal)
  }
}
