import type { Event } from '../journal/event'

/** When a host began to be out of service, and since when it is back. Times in milliseconds since 1970. */
export interface Downtime {
  readonly from: number | null
  /** The disruptive drain step that set `from`, until it is known whether it did anything. */
  readonly setBy: string | null
  /** Since when traffic reads back as in, without having been out again. */
  readonly backSince: number | null
  /** When the gate opened: for a host without a traffic driver nothing better is known. */
  readonly gateOpenedAt: number | null
  /** What its traffic was last read as, once it was out. */
  readonly reads: 'in' | 'out' | 'unknown' | null
}

export const NO_DOWNTIME: Downtime = { from: null, setBy: null, backSince: null, gateOpenedAt: null, reads: null }

/** One event of the host. Pure. */
export function foldDowntime(downtime: Downtime, event: Event): Downtime {
  const at = Date.parse(event.at)
  switch (event.type) {
    case 'step.begun':
      return event.stage === 'drain' && event.disruptive ? begin(downtime, at, event.step) : downtime
    case 'step.ended':
      return event.stage === 'drain' && event.step === downtime.setBy ? judge(downtime, event.outcome) : downtime
    case 'reboot.ordered':
      return begin(downtime, at, null)
    case 'traffic':
      return foldTraffic(downtime, event.state, event.act, at)
    case 'gate':
      return event.open && downtime.from !== null ? { ...downtime, gateOpenedAt: at } : downtime
    default:
      return downtime
  }
}

function begin(downtime: Downtime, at: number, setBy: string | null): Downtime {
  return downtime.from === null ? { ...downtime, from: at, setBy } : downtime
}

/** A drain step that found nothing to do took nobody out of service. */
function judge(downtime: Downtime, outcome: string): Downtime {
  return outcome === 'unchanged' || outcome === 'skipped' ? NO_DOWNTIME : { ...downtime, setBy: null }
}

function foldTraffic(downtime: Downtime, state: 'in' | 'out' | 'unknown', act: string, at: number): Downtime {
  const begun = act === 'drained' ? begin(downtime, at, null) : downtime
  if (begun.from === null) return begun
  if (state === 'in') return { ...begun, reads: state, backSince: begun.backSince ?? at }
  return { ...begun, reads: state, backSince: null }
}

/** Milliseconds out of service; a host that did not come back was out until `endedAt`. */
export function downtimeMs(downtime: Downtime, cameBack: boolean, endedAt: number): number {
  if (downtime.from === null) return 0
  const until = cameBack ? (downtime.backSince ?? downtime.gateOpenedAt ?? endedAt) : endedAt
  return Math.max(0, until - downtime.from)
}
