import type { Inputs } from '../action/inputs'
import { nearest } from '../config/nearest'
import { describeLease } from '../engine/lease-sentence'
import { ConfigError, LockHeldError, MaintenanceError } from '../errors'
import type { Program } from '../host/remote'
import { sh } from '../shell/sh'
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
    const lease = await machine.takeLease(signal)
    if (lease.t !== 'taken')
      throw new LockHeldError(`${name} is not released: ${describeLease(lease, machine.stateDir)}`)
    const before = machine.state
    const entry = `${new Date().toISOString()} released from ${before.phase}: ${reason.replaceAll(/\s+/g, ' ')}`
    const end = await machine.run(clearing(machine.stateDir, entry), () => undefined, signal)
    await machine.releaseLease(signal)
    if (end.t !== 'over')
      throw new MaintenanceError(`${name} is not released: its state could not be written (${end.t})`)
    console.log(`${name} is released; its traffic was not touched. Written to ${machine.stateDir}/released.log`)
    return 0
  })
}

/** The undo files go too: what a person has put in order must not be "put back" by a later run. */
function clearing(stateDir: string, entry: string): Program {
  return {
    id: 'release-0',
    state: { phase: 'idle', touched: false, drained: false },
    steps: [
      {
        do: 'sh',
        id: 'release',
        title: 'Clear the state of a held host',
        place: 'host',
        required: true,
        disruptive: false,
        changes: true,
        timeoutMs: 60_000,
        output: 'text',
        run: sh`printf '%s\n' ${entry} >>${`${stateDir}/released.log`} && rm -f ${`${stateDir}/undo`}/*.sh ${`${stateDir}/undo`}/*.done`,
      },
    ],
  }
}
