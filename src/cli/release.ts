import type { Inputs } from '../action/inputs'
import { nearest } from '../config/nearest'
import type { HostConfig } from '../config/schema'
import { systemClock } from '../engine/clock'
import { describeLease } from '../engine/lease-sentence'
import { ConfigError, LockHeldError, MaintenanceError } from '../errors'
import { readFacts } from '../facts/read'
import type { Machine } from '../host/machine'
import { ACTOR_GROUP } from '../services/hold'
import { hostLeftovers, type Leftover } from '../services/leftovers'
import { withoutControls } from '../show/for-log'
import { undrainCommand } from '../show/own-command'
import { clearing, entering, runSmall } from './held/clear'
import { type TrafficNow, trafficNow } from './held/traffic-now'
import { undrain } from './held/undrain'
import { type Look, withMachines } from './look'

/** What a person orders for one host. */
export interface Release {
  readonly host: string
  readonly reason: string
  /** Its users are let back, too, once it verifies. */
  readonly undrain: boolean
}

/**
 * A person says that a held host is in order: its state is cleared, the reason is written on the host, traffic is not
 * touched; or, with `undrain`, it is verified once and put back.
 * @throws LockHeldError where a run is at work on it
 */
export async function release(inputs: Inputs, env: NodeJS.ProcessEnv, order: Release): Promise<number> {
  return withMachines({ ...inputs, hosts: null }, env, false, async (look) => {
    const host = hostNamed(look, order.host)
    await using machine = await look.machines.open(host, look.signal)
    const lease = await machine.takeLease(look.signal, { overForged: true })
    if (lease.t !== 'taken')
      throw new LockHeldError(`${host.name} is not released: ${describeLease(lease, machine.stateDir)}`)
    try {
      const left = await leftoversOf(host, machine, look)
      const isFree = lease.state !== null && isAtRest(machine) && left.length === 0
      if (order.undrain) return await putBack(host, machine, look, order, isFree)
      const code = isFree ? sayFree(host) : await clear(host, machine, look, order, left)
      tellTraffic(host, await trafficNow(host, machine, look))
      return code
    } finally {
      await machine.releaseLease(look.signal)
    }
  })
}

function hostNamed({ hosts }: Look, name: string): HostConfig {
  const host = hosts.find((h) => h.name === name)
  if (host !== undefined) return host
  const near = nearest(
    name,
    hosts.map((h) => h.name),
  )
  const message = `there is no host "${name}" in the maintenance file`
  throw new ConfigError([{ message, ...(near === undefined ? {} : { nearest: near }) }])
}

async function leftoversOf(host: HostConfig, machine: Machine, look: Look): Promise<readonly Leftover[]> {
  const left = (await readFacts(machine, [hostLeftovers], look.signal, systemClock)).get(hostLeftovers)
  if (left.ok) return left.value
  throw new MaintenanceError(`${host.name} is not released: what Pitstop holds there is unknown (${left.why})`)
}

const isAtRest = ({ state }: Machine) => !state.touched && !state.drained && state.phase !== 'held'

function sayFree({ name }: HostConfig): number {
  console.log(`${name} is not held: there is nothing to release`)
  return 0
}

async function clear(
  { name }: HostConfig,
  machine: Machine,
  look: Look,
  { reason }: Release,
  left: readonly Leftover[],
): Promise<number> {
  const why = await runSmall(
    machine,
    clearing(machine, entryOf(`released from ${machine.state.phase}`, reason), left),
    look.signal,
  )
  if (why !== null) throw new MaintenanceError(`${name} is not released: ${why}`)
  console.log(`${name} is released; its traffic was not touched. Written to ${machine.stateDir}/released.log`)
  const stopped = left.filter((one) => one.group !== ACTOR_GROUP && one.was === 'active').map((one) => one.unit)
  // Units that stay as they are: whoever wants them starts them, and a reboot does.
  if (stopped.length > 0)
    console.log(
      `Stopped by Pitstop and not started again: ${stopped.join(', ')}. Start: systemctl start ${stopped.join(' ')}`,
    )
  return 0
}

const entryOf = (what: string, reason: string) =>
  `${new Date().toISOString()} ${what}: ${reason.replaceAll(/\s+/g, ' ')}`

function tellTraffic({ name }: HostConfig, { state, words }: TrafficNow): void {
  if (state === 'in' || state === null) return
  const which = state === 'out' ? 'is still out' : 'could not be read'
  console.log(
    withoutControls(
      `The traffic of ${name} ${which}: ${words}. Until it is back the next runs leave ${name} alone, and it uses a place of its group.`,
    ),
  )
  console.log(`Put it back, once it verifies: ${undrainCommand(name)}`)
}

/** What was begun on a host is for a run to go on with: only what waits for a person is settled by one. */
async function putBack(
  host: HostConfig,
  machine: Machine,
  look: Look,
  { reason }: Release,
  isFree: boolean,
): Promise<number> {
  const { phase } = machine.state
  if (!isFree && phase !== 'held' && !isAtRest(machine))
    throw new MaintenanceError(
      `${host.name} is not put back: its maintenance was cut in ${phase}. Run \`node dist/cli.js recover --hosts ${host.name}\`, which finishes it`,
    )
  const end = await undrain(host, look)
  const isBack = end.verdict === 'live'
  console.log(
    withoutControls(`${host.name} is ${isBack ? 'put back' : end.verdict}: ${look.redactor.text(end.reason)}`),
  )
  if (!isBack) return 1
  const why = await runSmall(machine, entering(machine, entryOf(`put back from ${phase}`, reason)), look.signal)
  if (why !== null) console.log(`the reason could not be written to ${machine.stateDir}/released.log: ${why}`)
  return 0
}
