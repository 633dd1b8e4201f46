import { baselineFacts } from '../facts/baseline'
import { clock } from '../facts/clock'
import { type Result, unknown } from '../facts/fact'
import { mounts } from '../facts/mounts'
import { pastDurations } from '../facts/past-durations'
import { rebootRequired } from '../facts/reboot-required'
import type { ShStep, StepResult } from '../plan/step'
import { findingsOf, SKEW_REFUSES_SECONDS } from './monitor-findings'
import { brokenLimit, measure, passingPeaks } from './monitor-limits'
import { parseSamples, SAMPLE_BYTES, type Sample, takeSamples } from './monitor-samples'
import { ruleAt } from './rule'
import type { Finding, Observation, Phase, PhasePlan, Stage, StageInput } from './stage'
import { stateDirOf } from './state-dir'

const SAMPLE_STEP = 'samples'
const SAMPLES = 3
/** Room for the commands themselves on a busy host. */
const SLOWNESS_MS = 60_000

/** Looks at the host before anything changes: the baseline, findings with advice, and limits that leave the host untouched. */
export const monitor: Stage = {
  name: 'monitor',
  phases: [
    { name: 'look', facts: (x) => [...baselineFacts, pastDurations(stateDirOf(x.runDir))], plan: look } satisfies Phase,
    { name: 'judge', plan: judge } satisfies Phase,
  ],
}

function look(x: StageInput): PhasePlan {
  const notes: Observation[] = findingsOf(x.facts).map((finding) => ({ kind: 'finding', ...finding }))
  const reboot = x.facts.get(rebootRequired)
  const needed = reboot.ok ? reboot.value : { needed: 'unknown' as const, why: reboot.why }
  notes.push({ kind: 'reboot', needed: needed.needed, why: needed.why })
  const stop = refusedClock(x)
  return {
    steps: stop === undefined && isAnyLimit(x) ? [sampleStep(x)] : [],
    notes,
    ...(stop === undefined ? {} : { stop }),
  }
}

/**
 * Leases and timers do not compare clocks, but a host so far off would break certificates and logs of its own. A clock that
 * cannot be read, or compared, may be just that.
 */
function refusedClock(x: StageInput): PhasePlan['stop'] {
  const read = x.facts.get(clock)
  const skew = read.ok ? read.value.skewSeconds : null
  if (skew === null) {
    const why = read.ok ? 'when it was asked is not known' : read.why
    const reason = `how far the clock of the host is off is unknown (${why}); nothing is changed on a host whose time may be wrong`
    return { reason, rule: { name: 'clock-skew', value: 'unknown', line: null } }
  }
  if (Math.abs(skew) <= SKEW_REFUSES_SECONDS) return undefined
  const reason = `the clock of the host is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} the runner's; set it right, then run again`
  return { reason, rule: { name: 'clock-skew', value: `${skew}s`, line: null } }
}

const isAnyLimit = (x: StageInput) => Object.values(x.host.stages.monitor.limits).some((limit) => limit !== false)

/** Three samples only where a limit may stop a run and time passes between them; else one, without a wait. */
function sampleStep(x: StageInput): ShStep {
  const count = x.run.mode === 'run' && x.host.stages.monitor.sample > 0 ? SAMPLES : 1
  const pauseMs = count > 1 ? x.host.stages.monitor.sample / (count - 1) : 0
  return {
    do: 'sh',
    id: SAMPLE_STEP,
    title: count > 1 ? `Measure load, memory and disks ${count} times` : 'Measure load, memory and disks',
    place: 'host',
    required: true,
    disruptive: false,
    changes: false,
    timeoutMs: x.host.stages.monitor.sample + SLOWNESS_MS,
    run: takeSamples(count, Math.round(pauseMs / 1000)),
    output: { data: SAMPLE_BYTES },
  }
}

function judge(x: StageInput): PhasePlan {
  // A plan carries no step out, so there is nothing to judge: what is not measured yet would stop nobody.
  if (x.run.mode === 'plan') return { steps: [] }
  const { limits } = x.host.stages.monitor
  const read = readSamples(x.results.get(`monitor/${SAMPLE_STEP}`))
  const measured = read.ok ? measure(limits, read.value, x.facts.get(mounts)) : read
  if (!measured.ok) {
    if (!isAnyLimit(x)) return { steps: [] }
    const reason = `${measured.why}; nothing is changed on a host that cannot be judged (a limit set to false is not asked)`
    return { steps: [], stop: { reason, rule: ruleAt(x.host, 'stages.monitor.limits', 'unknown') } }
  }
  const findings = [...passingPeaks(measured.value), ...(read.ok ? busyDisks(read.value, x) : [])]
  const notes = findings.map((finding): Observation => ({ kind: 'finding', ...finding }))
  const stop = brokenLimit(x.host, measured.value)
  return { steps: [], notes, ...(stop === undefined ? {} : { stop }) }
}

function readSamples(result: StepResult | undefined): Result<readonly Sample[]> {
  if (result === undefined) return unknown('no samples were taken')
  if (result.outcome !== 'done' || result.exitCode !== 0) return unknown('the samples could not be taken')
  if (result.truncated) return unknown('the samples are too long')
  return parseSamples(result.output)
}

/** Disks that were at work nearly all the time between the first and the last sample. */
function busyDisks(samples: readonly Sample[], x: StageInput): Finding[] {
  const [first, last] = [samples[0]?.busyMs, samples.at(-1)?.busyMs]
  const spanMs = x.host.stages.monitor.sample
  if (samples.length < 2 || !first?.ok || !last?.ok || spanMs === 0) return []
  return [...last.value].flatMap(([device, busyMs]) => {
    const share = (busyMs - (first.value.get(device) ?? busyMs)) / spanMs
    if (share < 0.9) return []
    const what = `${device} was busy ${Math.min(100, Math.round(share * 100))}% of the time`
    return [
      { what, severity: 'warn', advice: 'Find what reads or writes that much; updates and backups will be slow.' },
    ]
  })
}
