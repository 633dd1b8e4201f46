import type { Inputs } from '../action/inputs'
import { nearest } from '../config/nearest'
import { systemClock } from '../engine/clock'
import { describeLease } from '../engine/lease-sentence'
import { ConfigError, LockHeldError, MaintenanceError } from '../errors'
import { readFacts } from '../facts/read'
import type { Program, WireItem } from '../host/remote'
import { forgetOwnUndos } from '../host/undo-files'
import type { ShStep } from '../plan/step'
import { ACTOR_GROUP, releaseAndStart, toStart } from '../services/hold'
import { hostLeftovers, type Leftover } from '../services/leftovers'
import { type Sh, sh } from '../shell/sh'
import { withMachines } from './look'

/**
 * A person says that a held host is in order: its state is cleared, the reason is written on the host, traffic is not
 * touched. A host that is still out is found so by the next run.
 * @throws LockHeldError where a run is at work on it
 */
export async function release(inputs: Inputs, env: NodeJS.ProcessEnv, name: string, reason: string): Promise<number> {
  return withMachines({ ...inputs, hosts: null }, env, false, async ({ hosts, machines, signal }) => {
    const host = hosts.find((h) => h.name === name)
    if (host === undefined) {
      const near = nearest(
        name,
        hosts.map((h) => h.name),
      )
      throw new ConfigError([
        {
          message: `there is no host "${name}" in the maintenance file`,
          ...(near === undefined ? {} : { nearest: near }),
        },
      ])
    }
    await using machine = await machines.open(host, signal)
    const lease = await machine.takeLease(signal, { overForged: true })
    if (lease.t !== 'taken')
      throw new LockHeldError(`${name} is not released: ${describeLease(lease, machine.stateDir)}`)
    const before = machine.state
    const entry = `${new Date().toISOString()} released from ${before.phase}: ${reason.replaceAll(/\s+/g, ' ')}`
    const left = (await readFacts(machine, [hostLeftovers], signal, systemClock)).get(hostLeftovers)
    if (!left.ok)
      throw new MaintenanceError(`${name} is not released: what Pitstop holds there is unknown (${left.why})`)
    const failed: string[] = []
    const note = (item: WireItem) => {
      if (item.t === 'end' && item.result.outcome !== 'done') failed.push(`${item.result.id}: ${item.result.tail}`)
    }
    const end = await machine.run(clearing(machine.stateDir, entry, left.value), note, signal)
    await machine.releaseLease(signal)
    if (end.t !== 'over' || failed.length > 0)
      throw new MaintenanceError(
        `${name} is not released: ${failed.join('; ') || `its state could not be written (${end.t})`}`,
      )
    console.log(`${name} is released; its traffic was not touched. Written to ${machine.stateDir}/released.log`)
    const stopped = servicesOf(left.value)
    if (stopped.length > 0) console.log(`Stopped by Pitstop and not started again: ${stopped.join(', ')}`)
    return 0
  })
}

/** Units that stay as they are: whoever wants them starts them, and a reboot does. */
const servicesOf = (left: readonly Leftover[]) =>
  left.filter((one) => one.group !== ACTOR_GROUP && one.was === 'active').map((one) => one.unit)

/**
 * The undo files go too: what a person has put in order must not be "put back" by a later run. So do the holds: nobody
 * could start a held unit by hand. Services are not started, as that may bring users back; paused actors go on.
 */
function clearing(stateDir: string, entry: string, left: readonly Leftover[]): Program {
  const actors = left.filter((one) => one.group === ACTOR_GROUP)
  const services = left.filter((one) => one.group !== ACTOR_GROUP)
  return {
    id: 'release-0',
    state: { phase: 'idle', touched: false, drained: false },
    steps: [
      ...(services.length > 0
        ? [clear('let-go', 'Let go of the stopped services, without starting them', releaseAndStart(services, [], 0))]
        : []),
      ...(actors.length > 0
        ? [clear('resume', 'Resume what was paused', releaseAndStart(actors, toStart(ACTOR_GROUP, actors), RESUME_MS))]
        : []),
      clear(
        'release',
        'Clear the state of a held host',
        sh`printf '%s\n' ${entry} >>${`${stateDir}/released.log`} && { ${forgetOwnUndos(stateDir)}; }`,
      ),
    ],
  }
}

const RESUME_MS = 60_000

function clear(id: string, title: string, run: Sh): ShStep {
  const rest = { place: 'host', required: true, disruptive: false, changes: true, timeoutMs: 120_000 } as const
  return { do: 'sh', id, title, run, output: 'text', ...rest }
}
