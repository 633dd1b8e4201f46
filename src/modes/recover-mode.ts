import pLimit from 'p-limit'
import { ended } from '../engine/host-end'
import { HostRun } from '../engine/host-run'
import { type End, type Ending, runVerdict } from '../engine/verdict'
import { tellOrphans } from './orphans'
import { dueHosts, type RunContext, tellSkipped } from './run-context'

/** `mode: recover`: settles what earlier runs left on each host, and does nothing else. */
export async function recoverMode(x: RunContext): Promise<Ending> {
  tellSkipped(x)
  const due = [...dueHosts(x, x.io.clock.now()).values()]
  const limit = pLimit(due[0]?.rollout.parallel ?? 20)
  const ends = await Promise.all(
    due.map((host) =>
      limit(async (): Promise<End> => {
        await using run = new HostRun(host, x.io)
        await run.recover()
        return { ...(run.end ?? ended('untouched', 'nothing to recover')), admitted: false }
      }),
    ),
  )
  if (!x.io.onlyUndo) await tellOrphans(x)
  return runVerdict('recover', ends)
}
