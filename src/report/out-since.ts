import type { HostRecord } from './host-record'
import type { ReportHost } from './report-schema'

/** It was out when the run came to it, and nobody knows since when. */
export const BEFORE_THE_RUN = 'before the run'

/**
 * Since when the users of a host are not served, as far as the run knows (ISO 8601, or BEFORE_THE_RUN); null: they are, or were
 * when the run ended. An exposed host is never taken away from anybody: it is flagged, and still serves (design 1).
 */
export function outSince(host: ReportHost, record: HostRecord | undefined): string | null {
  const { verdict, rule } = host
  if (verdict === 'untouched')
    return rule?.name === 'stages.drain.traffic' && rule.value === 'out' ? BEFORE_THE_RUN : null
  if ((verdict !== 'held' && verdict !== 'unreachable') || host.isolation === 'exposed') return null
  const downtime = record?.downtime
  if (downtime === undefined || downtime.from === null || downtime.backSince !== null) return null
  return new Date(downtime.from).toISOString()
}

/** `12:12` */
export const clockOf = (at: string) => at.slice(11, 16)
