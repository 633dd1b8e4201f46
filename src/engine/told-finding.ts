import { findingsFile, fingerprint, formatFinding, KEPT_FINDINGS, standingFindings } from '../facts/standing-findings'
import { type Sh, sh } from '../shell/sh'
import type { Observation } from '../stages/stage'
import type { HostContext } from './host-context'

/** What is needed of a host to remember what was found on it. */
interface Remembering extends Pick<HostContext, 'clock'> {
  readonly machine: Pick<HostContext['machine'], 'stateDir'>
  readonly known: Pick<HostContext['known'], 'facts' | 'findings' | 'goesOnWith'>
}

/**
 * An observation as it is told: a finding that stood when the host was last maintained says since when. The time comes from
 * the host, so one that is yet to come is none.
 */
export function toldFinding(x: Remembering, what: Observation): Observation {
  if (what.kind !== 'finding') return what
  const print = fingerprint(what)
  const now = x.clock.now().toISOString()
  const since = x.known.facts.or(standingFindings(x.machine.stateDir), []).find((f) => f.print === print)?.since
  const isEarlier = since !== undefined && since < now
  x.known.findings.set(print, isEarlier ? since : (x.known.findings.get(print) ?? now))
  return isEarlier ? { ...what, since } : what
}

/**
 * What was found in this maintenance is remembered beside the state; what no longer stands is forgotten. One that goes on with
 * another's work looked at a part, and leaves it as it is.
 */
export function keepFindings(x: Remembering): Sh {
  if (x.known.goesOnWith !== null) return sh`:`
  const path = findingsFile(x.machine.stateDir)
  const found = [...x.known.findings].slice(0, KEPT_FINDINGS)
  if (found.length === 0) return sh`rm -f ${path}`
  const rows = found.map(([print, since]) => formatFinding({ print, since }))
  return sh`printf '%s\\n' ${rows} >${`${path}.new`} && mv ${`${path}.new`} ${path}`
}
