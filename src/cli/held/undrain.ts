import { setMaxListeners } from 'node:events'
import type { HostConfig } from '../../config/schema'
import { systemClock } from '../../engine/clock'
import type { EngineIo } from '../../engine/engine-io'
import type { HostEnd } from '../../engine/host-end'
import { HostRun } from '../../engine/host-run'
import { putBack } from '../../engine/put-back'
import { Journal } from '../../journal/journal'
import { closesOf, ledgerKeyOf, nextDueOf } from '../../modes/host-window'
import { LiveLog } from '../../report/log'
import { cancelledBySignal } from '../cancelled-by-signal'
import type { Look } from '../look'

/**
 * Users of a held host, or of one that is merely out, come back through its drivers after one verification: by an open gate
 * as in every run (promise 1). Everything is told while it happens.
 */
export async function undrain(host: HostConfig, look: Look): Promise<HostEnd> {
  const { file, runId, machines, redactor } = look
  // The connections outlive Ctrl-C: what was begun is written down, and the lease goes back.
  const signal = cancelledBySignal()
  // As in a run: Node would warn from the eleventh listener on.
  for (const one of [signal, look.signal]) setMaxListeners(0, one)
  const journal = new Journal({ path: null, run: runId, clock: systemClock, redactor })
  const log = new LiveLog({ line: (text) => console.log(text) }, redactor)
  journal.listen('the log', (event) => log.add(event))
  const now = () => systemClock.now()
  const io: EngineIo = {
    open: (one, until) => machines.open(one, until),
    shared: (place) => machines.shared(place),
    network: machines.network,
    clock: systemClock,
    signal,
    tell: (body, name) => journal.append(body, name),
    mask: (text) => journal.mask(text),
    run: { id: runId, mode: 'recover', url: 'command-line', file: file.file },
    // A person decides when.
    barred: () => null,
    onlyUndo: false,
    closes: (one) => closesOf(one, now()),
    nextDue: (one) => nextDueOf(one, now()),
    ledgerKey: (one) => ledgerKeyOf(file, one, now()),
  }
  await using run = new HostRun(host, io)
  await run.recover(putBack)
  if (run.end === null) throw new Error(`${host.name} ended without a verdict`)
  return run.end
}
