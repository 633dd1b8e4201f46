import { durationsFile, KEPT_DURATIONS } from '../facts/past-durations'
import { readFacts } from '../facts/read'
import { disarmDeadMan } from '../host/dead-man'
import { heldReasonFile, sayHeld } from '../host/held/notice'
import type { HostState } from '../host/state'
import { forgetOwnUndos } from '../host/undo-files'
import type { HostVerdict } from '../journal/event'
import type { ShStep, StageName } from '../plan/step'
import { reloadBehind } from '../services/hold'
import { serviceFacts, stopServicesAgain } from '../services/systemd'
import { lines, type Sh, sh } from '../shell/sh'
import type { Rule } from '../stages/stage'
import { isolationOf } from '../traffic/kinds'
import { type HostContext, stageInput } from './host-context'
import { ended, type HostEnd, isStuck } from './host-end'
import { orLost, withinReach } from './silence'
import { runSteps } from './steps'
import { describeEnd, type StepsEnd } from './steps-end'
import { keepFindings } from './told-finding'
import { forgetUndosElsewhere } from './undo'

/** Runs kept on a host, so that a person can look back; older folders go. */
const KEEP_RUNS = 10

/**
 * The end of a maintenance that worked: nothing of the run is left to undo, the packages it fetched are gone, and the
 * state says so. Only then is the host `live` or `rolled-back`.
 */
export async function finishLive(x: HostContext, verdict: 'live' | 'rolled-back', reason: string): Promise<HostEnd> {
  const state: Partial<HostState> = {
    phase: 'idle',
    touched: false,
    drained: false,
    ...now(x, verdict),
    lastMaintained: x.clock.now().toISOString(),
  }
  const end = await closeState(x, 'golive', state, lines(keepDuration(x), keepFindings(x), letForget(x)))
  if (end !== null) return ended('held', `the host serves, but its state could not be written: ${end}`)
  return ended(verdict, reason)
}

/** The host waits for a person. Where traffic cannot be kept out by a driver, the drained services are stopped again. */
export async function hold(x: HostContext, reason: string, rule: Rule | null = null): Promise<HostEnd> {
  // Its state says already that it is touched, or drained: a host that is lost keeps nobody waiting for the note.
  const { stopped, end } = await withinReach(x, async (y) => {
    const stopped = isolationOf(y.host) === 'isolated' ? null : orLost(x, await stopAgain(y))
    return { stopped, end: orLost(x, await writeState(y, 'verify', { phase: 'held' }, reason)) }
  })
  const notes = [
    ...(stopped === null || stopped.t === 'ok'
      ? []
      : [`its services could not be stopped again: ${describeEnd(stopped)}`]),
    ...(end.t === 'ok' ? [] : [`its state could not be written: ${describeEnd(end)}`]),
  ]
  return ended('held', [reason, ...notes].join('; '), rule)
}

/** Users are on a host that failed them until its services are down: what keeps those from being stopped has to be told. */
async function stopAgain(x: HostContext): Promise<StepsEnd> {
  if (x.host.stages.drain.services.length === 0 || !x.machine.state.drained) return { t: 'ok' }
  x.known.facts = x.known.facts.with(await readFacts(x.machine, serviceFacts(stageInput(x)), x.signal, x.clock))
  const { steps, missing } = stopServicesAgain(stageInput(x))
  const why = [...missing]
  // One that does not stop keeps no other from being stopped.
  for (const [i, step] of steps.entries()) {
    const end = await runSteps(x, 'verify', [{ ...step, id: `hold-${i + 1}`, onFullDisk: true }], { phase: 'held' })
    if (isStuck(end)) return end
    if (end.t !== 'ok') why.push(describeEnd(end))
  }
  return why.length === 0 ? { t: 'ok' } : { t: 'failed', step: 'hold', reason: why.join('; ') }
}

/** Since when the state is so, and for which opening of the window: live, rolled back and held are all "done" (4.3). */
function now(x: HostContext, verdict: HostVerdict): Partial<HostState> {
  // A maintenance that is not whole is none for the ledger: a run in the same window does the rest.
  const key = x.known.leftOut.length > 0 ? null : x.ledgerKey()
  return { since: x.clock.now().toISOString(), ...(key === null ? {} : { ledger: key, ledgerVerdict: verdict }) }
}

/** The host is as it was before the run: its undos are done, and nothing remembers a drain. null: written. */
export function restState(x: HostContext, stage: StageName): Promise<string | null> {
  return closeState(x, stage, { phase: 'idle', touched: false, drained: false })
}

/** Writes the state through a program, like every change, and removes what is no longer needed. null: written. */
async function closeState(
  x: HostContext,
  stage: StageName,
  state: Partial<HostState>,
  also: Sh = sh`:`,
): Promise<string | null> {
  const runs = `${x.machine.stateDir}/runs`
  const disarm = disarmDeadMan({ stateDir: x.machine.stateDir, asRoot: x.machine.rights === 'root' })
  const tidy: ShStep = {
    do: 'sh',
    id: 'tidy',
    title: 'Forget what this run needs no more',
    place: 'host',
    required: false,
    disruptive: false,
    changes: true,
    timeoutMs: 120_000,
    output: 'text',
    onFullDisk: true,
    // The state is on the disk before this step: from here on the undo files mean nothing.
    run: sh`${disarm}; rm -f ${heldReasonFile(x.machine.stateDir)}; ${also}; ${forgetOwnUndos(x.machine.stateDir)}; cd ${runs} && rm -rf ./*/packages && ls -1t | tail -n +${KEEP_RUNS + 1} | while IFS= read -r d; do rm -rf -- "./$d"; done`,
  }
  const wasDrained = x.machine.state.drained
  const end = await runSteps(x, stage, [tidy], state)
  if (end.t !== 'ok') return describeEnd(end)
  if (wasDrained) await forgetUndosElsewhere(x, stage)
  return null
}

/** How long this maintenance took is kept beside the state: later ones are admitted only where that much time is left. */
function keepDuration(x: HostContext): Sh {
  if (x.known.admittedAtMs === null) return sh`:`
  const path = durationsFile(x.machine.stateDir)
  const tookMs = Math.round(x.clock.monotonicMs() - x.known.admittedAtMs)
  return sh`{ [ ! -r ${path} ] || tail -n ${KEPT_DURATIONS - 1} ${path}; echo ${tookMs}; } >${`${path}.new`} && mv ${`${path}.new`} ${path}`
}

/** What was held and released in this run systemd remembers until it reads its files again. */
function letForget(x: HostContext): Sh {
  const isReleased = [...x.known.results.keys()].some((key) => /^(verify\/start-|golive\/resume-actors$)/.test(key))
  return isReleased ? reloadBehind : sh`:`
}

const MOST_KEPT = 2_000

/** For `status`: whoever asks the host has no report at hand. What must never be seen is no more seen there than anywhere. */
function keepReason(x: HostContext, reason: string): Sh {
  return sh`printf '%s\\n' ${x.mask(reason).slice(0, MOST_KEPT)} >${heldReasonFile(x.machine.stateDir)} || :`
}

function writeState(x: HostContext, stage: StageName, state: Partial<HostState>, reason: string): Promise<StepsEnd> {
  const place = { stateDir: x.machine.stateDir, asRoot: x.machine.rights === 'root' }
  const note: ShStep = {
    do: 'sh',
    id: 'note-held',
    title: 'Note on the host that it is held',
    place: 'host',
    required: true,
    disruptive: false,
    changes: true,
    timeoutMs: 60_000,
    output: 'text',
    onFullDisk: true,
    run: sh`${disarmDeadMan(place)}; ${keepReason(x, reason)}; ${x.machine.rights === 'root' ? sayHeld(x.host.name, x.run.id, x.run.url) : sh`:`}`,
  }
  return runSteps(x, stage, [note], { ...state, ...now(x, 'held') })
}
