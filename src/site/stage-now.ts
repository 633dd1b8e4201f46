import { STAGES, type StageName } from '../plan/step'
import type { HostRecord } from '../report/host-record'

/** The stage a host is in, or the last one it was in; null before its first. */
export function currentStage(host: HostRecord): StageName | null {
  const open = STAGES.findLast((stage) => (host.stages.get(stage)?.openSince ?? null) !== null)
  return open ?? STAGES.findLast((stage) => host.stages.has(stage)) ?? null
}
