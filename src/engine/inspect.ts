import type { CheckResult } from '../checks/check'
import type { ShStep } from '../plan/step'
import { sh } from '../shell/sh'
import { monitor } from '../stages/monitor'
import { prepare } from '../stages/prepare'
import { ruleAt } from '../stages/rule'
import type { Finding, Rule } from '../stages/stage'
import { trafficState } from '../traffic/traffic'
import type { EngineIo } from './engine-io'
import { type HostContext, stageInput } from './host-context'
import { ended, type HostEnd, ruleOf } from './host-end'
import { machineAt } from './place'
import { runStage } from './stage-run'
import { runSteps } from './steps'
import { describeEnd, type StepsEnd } from './steps-end'
import { logUnread, readTrafficOrWhy } from './traffic-read'
import { declaredChecks, doubtOf } from './well-being'

/** prepare and monitor: nothing users notice, so whatever fails leaves the host untouched. null: ready for admission. */
export async function inspect(x: HostContext, io: EngineIo): Promise<HostEnd | null> {
  const missing = await missingPlace(x)
  if (missing !== null) return missing
  const read = await readTrafficOrWhy(x)
  if (read !== null) x.tell({ type: 'traffic', state: read.state, act: 'read' })
  if (read?.state === 'out') {
    x.tell({ type: 'observed', stage: 'prepare', what: { kind: 'finding', ...wasOut(x) } })
    return maybeOut('was out before the run', ruleAt(x.host, 'stages.drain.traffic', 'out'))
  }
  if (read?.state === 'unknown') {
    logUnread(x, read.why ?? '')
    const reason = `the traffic state could not be read before the run: ${read.why}`
    return maybeOut(reason, ruleAt(x.host, 'stages.drain.traffic', 'unknown'))
  }
  const prepared = await runStage(x, prepare)
  if (prepared.t !== 'ok') return before('prepare', prepared)
  const seen = await runStage(x, monitor, {}, { core: () => baseline(x, io) })
  return seen.t === 'ok' ? null : before('monitor', seen)
}

/** Who cannot be had now could not put the host back either: why is told, and by whom it is held. */
async function missingPlace(x: HostContext): Promise<HostEnd | null> {
  for (const { place } of trafficState(stageInput(x))) {
    const machine = await machineAt(x, place)
    if (typeof machine === 'string') return maybeOut(machine, ruleAt(x.host, 'stages.drain.traffic', place))
  }
  return null
}

/** It uses a place of its group until somebody puts it back. */
const wasOut = ({ host }: HostContext): Finding => ({
  what: 'Its traffic was out before the run, and stays out: no run puts back what it did not take away.',
  severity: 'warn',
  advice: `Whoever took it out puts it back; or \`release ${host.name} --undrain --reason TEXT\` on the command line does, once it verifies.`,
})

/** Untouched, but nobody can say that its users are served. */
const maybeOut = (reason: string, rule: Rule): HostEnd => ({ ...ended('untouched', reason, rule), isOut: true })

/** Before admission nothing was disturbed: also a lost connection leaves the host as it was. */
function before(stage: string, end: StepsEnd): HostEnd {
  if (end.t === 'lost') return ended('unreachable', `in ${stage}, before anything was disturbed: ${end.why}`)
  if (end.t === 'cancelled') return ended('untouched', `cancelled in ${stage}, before anything was disturbed`)
  return ended('untouched', `${stage}: ${describeEnd(end)}`, ruleOf(end))
}

async function baseline(x: HostContext, io: EngineIo): Promise<StepsEnd> {
  const broken = await lookAtDeclared(x, io)
  if (broken.length > 0 && x.host.stages.monitor.broken === 'stop') {
    const first = broken[0]
    return {
      t: 'failed',
      step: 'declared-checks',
      reason: `a declared check is broken before anything changed: ${first?.id} expected ${first?.expected}, got ${first?.actual}`,
      rule: ruleAt(x.host, 'stages.monitor.broken', 'stop'),
    }
  }
  x.known.baseline = x.known.facts
  x.tell({ type: 'facts', when: 'baseline', facts: x.known.facts.toJSON() })
  return runSteps(x, 'monitor', [keepBaseline(x)], { phase: 'monitor' })
}

async function lookAtDeclared(x: HostContext, io: EngineIo): Promise<readonly CheckResult[]> {
  const checks = await declaredChecks(x, io)
  x.known.doubt = doubtOf(x, checks, x.known.facts)
  for (const check of checks)
    x.tell({ type: 'observed', stage: 'monitor', what: { kind: 'check', when: 'monitor', check } })
  return checks.filter((c) => c.outcome === 'fail' || c.outcome === 'unknown')
}

/** The baseline belongs to the host: a later run compares with it. */
function keepBaseline(x: HostContext): ShStep {
  const path = `${x.machine.stateDir}/baseline.json`
  return {
    do: 'sh',
    id: 'keep-baseline',
    title: 'Keep the baseline on the host',
    place: 'host',
    required: true,
    disruptive: false,
    changes: true,
    timeoutMs: 60_000,
    output: 'text',
    script: { text: JSON.stringify(x.known.baseline), sha256: '' },
    run: sh`cp "$PITSTOP_SCRIPT" ${`${path}.new`} && { sync ${`${path}.new`} 2>/dev/null || sync; } && mv ${`${path}.new`} ${path} && rm -f "$PITSTOP_SCRIPT"`,
  }
}
