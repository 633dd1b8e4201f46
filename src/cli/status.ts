import type { Inputs } from '../action/inputs'
import type { HostConfig } from '../config/schema'
import { MaintenanceError } from '../errors'
import { heldReasonFile } from '../host/held/notice'
import { type HostState, parseState } from '../host/state'
import { sh } from '../shell/sh'
import { forLog } from '../show/for-log'
import { askWhoWorks, whoWorks } from './held/at-work'
import { nextCommand } from './held/next-command'
import { trafficNow } from './held/traffic-now'
import { type Look, withMachines } from './look'
import { isRefused } from './refused'

/**
 * What each host remembers, where its users go now, what still works there, and what to do next. Takes no lease, changes
 * nothing. Exit 1 where a host is held, out of traffic, or could not be asked; 3 where all of them refuse the key, or none
 * was given.
 */
export async function status(inputs: Inputs, env: NodeJS.ProcessEnv): Promise<number> {
  return withMachines(inputs, env, true, async (look) => {
    const answers = await Promise.all(look.hosts.map((host) => ask(look, host)))
    for (const { lines, host } of answers)
      for (const line of lines) for (const text of forLog(line, host.name, look.redactor)) console.log(text)
    if (answers.every((a) => a.refused)) return 3
    return answers.every((a) => a.calm) ? 0 : 1
  })
}

interface HostAnswer {
  readonly host: HostConfig
  readonly lines: readonly string[]
  readonly calm: boolean
  readonly refused: boolean
}

async function ask(look: Look, host: HostConfig): Promise<HostAnswer> {
  const told = (lines: readonly string[], calm: boolean, refused = false): HostAnswer => ({
    host,
    lines,
    calm,
    refused,
  })
  try {
    await using machine = await look.machines.open(host, look.signal)
    const path = `${machine.stateDir}/state`
    const reasonPath = heldReasonFile(machine.stateDir)
    const [state, reason, work] = await machine.ask(
      [
        { id: 'state', sh: sh`[ ! -e ${path} ] || { [ -f ${path} ] && cat ${path}; }`, cap: 65_536 },
        { id: 'reason', sh: sh`[ ! -f ${reasonPath} ] || head -n 1 ${reasonPath}`, cap: 4_096 },
        { id: 'work', sh: askWhoWorks(machine.lockFile), cap: 8_192 },
      ],
      look.signal,
    )
    const read = state?.rc === 0 ? parseState(state.out) : null
    if (read === null) return told([`its state (${path}) cannot be read`], false)
    const leased = (await machine.look(look.signal))?.leased === true
    const traffic = await trafficNow(host, machine, look)
    const works = whoWorks(work?.rc === 0 ? work.out : '')
    const next = nextCommand(host.name, read, traffic, leased ? 'run' : works === null ? null : 'left')
    const isHeld = read.phase === 'held'
    const lines = [
      describe(read),
      ...(isHeld && reason?.rc === 0 && reason.out !== '' ? [`reason: ${reason.out.trim()}`] : []),
      `traffic: ${traffic.words}`,
      ...(leased ? ['a run holds its lease'] : []),
      ...(works === null ? [] : [works]),
      ...(next === null ? [] : [`next: ${next}`]),
    ]
    const isServing = traffic.state === null || traffic.state === 'in'
    return told(lines, !isHeld && !read.touched && !read.drained && isServing)
  } catch (error) {
    if (error instanceof MaintenanceError) return told([error.message], false, isRefused(error))
    throw error
  }
}

function describe(state: HostState): string {
  if (state.run === '') return 'never maintained by Pitstop'
  const last = state.lastMaintained === '' ? 'never maintained to the end' : `last maintained ${state.lastMaintained}`
  if (state.phase === 'held') return `HELD since ${state.since} by run ${state.run}; ${last}`
  if (state.touched || state.drained)
    return `in ${state.phase}${state.drained ? ', drained' : ''}${state.touched ? ', touched' : ''}, by run ${state.run}; ${last}`
  const verdict = state.ledgerVerdict === '' ? '' : `; last verdict ${state.ledgerVerdict} on ${state.since}`
  return `at rest; ${last}${verdict}`
}
