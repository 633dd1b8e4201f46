import pLimit from 'p-limit'
import type { EngineIo } from './engine-io'
import type { HostRun } from './host-run'

/**
 * Whoever soaked has to be well after it. Those of the hosts that went live in this run and broke since, each with why it
 * counts as out of service now; every one of them is told.
 */
export async function brokenSince(
  hosts: readonly HostRun[],
  io: EngineIo,
  parallel: number,
): Promise<readonly { readonly run: HostRun; readonly doubt: string }[]> {
  const limit = pLimit(parallel)
  const live = hosts.filter((run) => run.end?.verdict === 'live')
  const looks = live.map((run) =>
    limit(async () => {
      const doubt = io.signal.aborted ? null : await run.lookAtWellBeing()
      if (doubt == null || io.signal.aborted) return []
      io.tell({ type: 'warning', sentence: `it was live, and is not well any more: ${doubt}` }, run.host.name)
      return [{ run, doubt }]
    }),
  )
  return (await Promise.all(looks)).flat()
}
