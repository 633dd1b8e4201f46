import type { Remote } from '../host/remote'
import { type HostState, parseState } from '../host/state'
import { sh } from '../shell/sh'

/** What a host remembers of its maintenances, by a look that takes no lease; null: nothing that can be read. */
export async function readHostState(
  machine: Pick<Remote, 'ask' | 'stateDir'>,
  signal: AbortSignal,
): Promise<HostState | null> {
  const path = `${machine.stateDir}/state`
  // A fifo in its place would keep whoever reads it waiting.
  const question = { id: 'state', sh: sh`[ -f ${path} ] && cat ${path}`, cap: 65_536 }
  const [answer] = await machine.ask([question], signal)
  return answer?.rc === 0 ? parseState(answer.out) : null
}
