import type { HostEnd } from './host-end'
import type { Wave } from './waves'

/** Rules by which a canary waits, and which say nothing against the host or the change. */
const OF_THE_CLOCK: ReadonlySet<string> = new Set(['window', 'window.cutoff'])

/** Why nobody behind this wave is admitted: a canary that proved nothing stops its group. null: it proved enough. */
export function whyStopped(wave: Wave, ends: ReadonlyMap<string, HostEnd>): string | null {
  if (!wave.isCanary) return null
  for (const { name } of wave.hosts) {
    const end = ends.get(name)
    if (end !== undefined && stopsGroup(end)) return `the canary ${name} is ${end.verdict}: ${end.reason}`
  }
  return null
}

/**
 * Whether those behind a canary have to stay as they are: unless it is live, it proved nothing. One that is live in this window
 * already has proved it, and one that waits for its own window keeps nobody waiting.
 */
function stopsGroup({ verdict, rule }: HostEnd): boolean {
  if (verdict === 'live') return false
  if (verdict !== 'untouched') return true
  if (rule?.name === 'already-done') return rule.value !== 'live'
  return !OF_THE_CLOCK.has(rule?.name ?? '')
}

/** It is live, in this run or in this window already. */
export function isLive({ verdict, rule }: HostEnd): boolean {
  return verdict === 'live' || (verdict === 'untouched' && rule?.name === 'already-done' && rule.value === 'live')
}
