import type { Event } from '../../src/journal/event'
import type { Broken } from './broken'
import type { JournalFile } from './journal-file'
import type { RunEnd } from './pitstop-run'
import { STRUCK, TARGETS, type Target } from './scenario'
import type { SceneRecord } from './scene-record'

/** The journal of the first run is a readable prefix, true as far as it goes; the second run ends with a verdict on every host. */
export function judgeEvents(record: SceneRecord): readonly Broken[] {
  const killed = record.fault?.killsRunner === true
  return [
    ...journalFaults('first', record.first.journal, killed),
    ...journalFaults('second', record.second.journal, false),
    ...TARGETS.flatMap((name) => claimedHooks(record, name)),
    ...TARGETS.flatMap((name) => settled(record, name)),
  ]
}

function journalFaults(run: string, journal: JournalFile, isKilled: boolean): readonly Broken[] {
  const say = (what: string): Broken => ({ promise: 'events', sentence: `journal of the ${run} run: ${what}` })
  const { events } = journal
  const isOrdered = events.every((event, i) => i === 0 || event.seq > (events[i - 1]?.seq ?? 0))
  return [
    ...(journal.unreadable === 0 ? [] : [say(`${journal.unreadable} lines cannot be read`)]),
    ...(events[0] === undefined || events[0].type === 'run.begun' ? [] : [say(`it begins with ${events[0].type}`)]),
    ...(isOrdered ? [] : [say('its numbers do not rise')]),
    ...(isKilled || (events.at(-1)?.type === 'run.ended' && !journal.isTorn)
      ? []
      : [say('it does not end with run.ended')]),
  ]
}

/** A hook that the journal calls done has left its line on the host. */
function claimedHooks(record: SceneRecord, name: Target): readonly Broken[] {
  const lines = record.afterSecond.get(name)?.witness ?? []
  const done = [...record.first.journal.events, ...record.second.journal.events].filter(
    (e): e is Extract<Event, { type: 'step.ended' }> =>
      e.host === name && e.type === 'step.ended' && e.step === 'before-1' && e.outcome === 'done',
  )
  return done
    .filter((e) => !lines.some((line) => line.run === e.run && line.what === `hook.${e.stage}`))
    .map((e) => ({ promise: 'events', sentence: `the hook of ${e.stage} on ${name} is called done, and never ran` }))
}

function settled(record: SceneRecord, name: Target): readonly Broken[] {
  if (record.second.report === null) return []
  if (record.alone && record.secondMode === 'run' && name !== STRUCK) return []
  const verdict = record.second.report.hosts.find((host) => host.name === name)?.verdict
  const phase = record.afterSecond.get(name)?.state.get('phase')
  if (verdict === undefined) return [{ promise: 'events', sentence: `the second run has no verdict on ${name}` }]
  // What a host was only looked at for needs no settling.
  if (phase === undefined || ['idle', 'prepare', 'monitor', 'held'].includes(phase)) return []
  return [{ promise: 'events', sentence: `after the second run the state of ${name} still says ${phase}` }]
}

/** Every run ends by itself, and leaves a report. */
export function judgeEnds(record: SceneRecord): readonly Broken[] {
  const killed = record.fault?.killsRunner === true
  return [...(killed ? [] : endFaults('first', record.first)), ...endFaults('second', record.second)]
}

function endFaults(name: string, run: RunEnd): readonly Broken[] {
  const say = (what: string): Broken => ({ promise: 'end', sentence: `the ${name} run ${what}` })
  if (run.isOvertime) return [say('did not end')]
  return [
    ...(run.exitCode === 0 || run.exitCode === 1 || run.exitCode === 3 ? [] : [say(`ended with ${run.exitCode}`)]),
    ...(run.report === null ? [say('left no report that its schema knows')] : []),
    ...(run.report?.run.verdict === 'failed' && hasInternalError(run) ? [say('met an internal error')] : []),
  ]
}

function hasInternalError(run: RunEnd): boolean {
  return run.report?.hosts.some((host) => host.reason?.startsWith('an internal error') === true) === true
}
