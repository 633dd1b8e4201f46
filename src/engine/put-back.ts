import { decideGate } from '../gate/gate'
import type { ShStep } from '../plan/step'
import { sh } from '../shell/sh'
import type { EngineIo } from './engine-io'
import { restState } from './finish'
import { goLive } from './go-live'
import type { HostContext } from './host-context'
import { ended, type HostEnd } from './host-end'
import { runSteps } from './steps'
import { describeEnd } from './steps-end'
import { readTrafficOrWhy } from './traffic-read'
import { runRounds, verificationOf } from './verify-host'

/**
 * By order of a person: users come back to a host that is at rest, and out of service, through an open gate (promise 1). One
 * verification decides; where it does not pass nothing is done. It starts no service, as nobody knows who stopped it.
 */
export async function putBack(x: HostContext, io: EngineIo): Promise<HostEnd> {
  const read = await readTrafficOrWhy(x)
  if (read === null) return ended('untouched', 'no traffic driver of the file can say where its users go')
  x.tell({ type: 'traffic', state: read.state, act: 'read' })
  if (read.state === 'in') return ended('untouched', 'its traffic reads in: there is nothing to put back')
  if (read.state === 'unknown') return ended('untouched', `not put back: its traffic reads unknown: ${read.why}`)
  x.known.baseline = await x.machine.readBaseline(x.signal)
  const verification = verificationOf(x, 'any')
  x.tell({ type: 'stage.begun', stage: 'verify' })
  const checks = await runRounds(x, io, verification)
  const gate = decideGate(checks, { host: x.host.name, run: x.run.id, required: verification.required })
  const reason = gate.open ? null : gate.reason
  x.tell({ type: 'stage.ended', stage: 'verify', outcome: gate.open ? 'done' : 'failed', reason })
  x.tell({ type: 'gate', open: gate.open, reason: gate.reason })
  if (!gate.open) return ended('untouched', `not put back: ${gate.reason}`)
  // From here on whoever comes after a crash has to know that it was out, and is settled by the gate alone.
  const noted = await runSteps(x, 'golive', [NOTE], { phase: 'golive', touched: true, drained: true })
  if (noted.t !== 'ok') return ended('untouched', `not put back: ${describeEnd(noted)}`)
  const end = await goLive(x, io, gate.gate, 'any')
  if (end !== null) return end
  const unwritten = await restState(x, 'golive')
  return unwritten === null
    ? ended('live', `put back by order of a person: ${gate.reason}`)
    : ended('held', `it serves again, but that could not be written down: ${unwritten}`)
}

const NOTE: ShStep = {
  do: 'sh',
  id: 'note-put-back',
  title: 'Note on the host that its users are let back',
  place: 'host',
  required: true,
  disruptive: false,
  changes: true,
  timeoutMs: 60_000,
  output: 'text',
  run: sh`:`,
}
