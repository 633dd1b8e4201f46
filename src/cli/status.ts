import type { Inputs } from '../action/inputs'
import type { HostConfig } from '../config/schema'
import { MaintenanceError } from '../errors'
import { type HostState, parseState } from '../host/state'
import { sh } from '../shell/sh'
import { forLog } from '../show/for-log'
import { type Look, withMachines } from './look'
import { isRefused } from './refused'

/**
 * What each host remembers. Takes no lease, changes nothing. Exit 1 where a host is held, or could not be asked; 3 where
 * all of them refuse the key, or none was given.
 */
export async function status(inputs: Inputs, env: NodeJS.ProcessEnv): Promise<number> {
  return withMachines(inputs, env, true, async (look) => {
    const answers = await Promise.all(look.hosts.map((host) => ask(look, host)))
    for (const { line, host } of answers) for (const text of forLog(line, host.name, look.redactor)) console.log(text)
    if (answers.every((a) => a.refused)) return 3
    return answers.every((a) => a.calm) ? 0 : 1
  })
}

interface HostAnswer {
  readonly host: HostConfig
  readonly line: string
  readonly calm: boolean
  readonly refused: boolean
}

async function ask(look: Look, host: HostConfig): Promise<HostAnswer> {
  const told = (line: string, calm: boolean, refused = false): HostAnswer => ({ host, line, calm, refused })
  try {
    await using machine = await look.machines.open(host, look.signal)
    const path = `${machine.stateDir}/state`
    const [answer] = await machine.ask(
      [{ id: 'state', sh: sh`[ ! -e ${path} ] || { [ -f ${path} ] && cat ${path}; }`, cap: 65_536 }],
      look.signal,
    )
    const state = answer?.rc === 0 ? parseState(answer.out) : null
    if (state === null) return told(`its state (${path}) cannot be read`, false)
    return told(describe(state), state.phase !== 'held' && !state.touched && !state.drained)
  } catch (error) {
    if (error instanceof MaintenanceError) return told(error.message, false, isRefused(error))
    throw error
  }
}

function describe(state: HostState): string {
  if (state.run === '') return 'never maintained by Pitstop'
  const last = state.lastMaintained === '' ? 'never maintained to the end' : `last maintained ${state.lastMaintained}`
  if (state.phase === 'held') return `HELD since ${state.since} by run ${state.run}; ${last}`
  if (state.touched || state.drained)
    return `in ${state.phase}${state.drained ? ', drained' : ''}${state.touched ? ', touched' : ''}, by run ${state.run}; ${last}`
  return `at rest; ${last}`
}
