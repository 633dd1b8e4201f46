import pLimit from 'p-limit'
import type { HostConfig } from '../config/schema'
import { freshKnowledge, type HostContext } from '../engine/host-context'
import { ended, type HostEnd } from '../engine/host-end'
import { type End, type Ending, runVerdict } from '../engine/verdict'
import { runRounds, verificationOf } from '../engine/verify-host'
import { ConnectError, HostKeyError, LoginRefused, MaintenanceError } from '../errors'
import { readFacts } from '../facts/read'
import { decideGate } from '../gate/gate'
import { hostLeftovers } from '../services/leftovers'
import { dueHosts, type RunContext, tellSkipped } from './run-context'

/** `mode: verify`: would every gate open? Takes no lease and changes nothing; compares with the stored baseline. */
export async function verifyMode(x: RunContext): Promise<Ending> {
  tellSkipped(x)
  const due = [...dueHosts(x, x.io.clock.now()).values()]
  const limit = pLimit(due[0]?.rollout.parallel ?? 20)
  const ends = await Promise.all(
    due.map((host) =>
      limit(async (): Promise<End> => {
        const end = await lookAt(x, host)
        const { verdict, reason, rule } = end
        const nextDue = x.io.nextDue(host)?.toISOString() ?? null
        x.journal.append(
          { type: 'host.ended', verdict, reason, rule, lastMaintained: null, nextDue, overrun: false },
          host.name,
        )
        return { ...end, admitted: false }
      }),
    ),
  )
  return runVerdict('verify', ends)
}

async function lookAt(x: RunContext, host: HostConfig): Promise<HostEnd> {
  try {
    await using machine = await x.machines.open(host, x.io.signal)
    x.journal.append({ type: 'connected', rights: machine.rights, reconnect: false }, host.name)
    const context: HostContext = {
      host,
      machine,
      place: async (place) => (place === 'host' ? machine : x.machines.shared(place)),
      clock: x.io.clock,
      signal: x.io.signal,
      tell: (body) => x.journal.append(body, host.name),
      run: x.io.run,
      mask: x.io.mask,
      mayBegin: () => null,
      ledgerKey: () => null,
      known: freshKnowledge(),
    }
    context.known.baseline = await machine.readBaseline(x.io.signal)
    context.known.facts = await readFacts(machine, [hostLeftovers], x.io.signal, x.io.clock)
    const verification = verificationOf(context, 'any')
    context.tell({ type: 'stage.begun', stage: 'verify' })
    const checks = await runRounds(context, x.io, verification)
    const gate = decideGate(checks, { host: host.name, run: x.io.run.id, required: verification.required })
    const [outcome, reason] = gate.open ? (['done', null] as const) : (['failed', gate.reason] as const)
    context.tell({ type: 'stage.ended', stage: 'verify', outcome, reason })
    context.tell({ type: 'gate', open: gate.open, reason: gate.reason })
    return gate.open
      ? ended('live', 'the gate would open')
      : ended('untouched', `the gate would stay shut: ${gate.reason}`)
  } catch (error) {
    if (error instanceof ConnectError) {
      const key = error instanceof HostKeyError || error instanceof LoginRefused ? { key: true as const } : {}
      return { ...ended('unreachable', error.message), ...key }
    }
    if (error instanceof MaintenanceError) return ended('untouched', error.message)
    throw error
  }
}
