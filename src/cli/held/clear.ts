import { disarmDeadMan } from '../../host/dead-man'
import { heldReasonFile } from '../../host/held/notice'
import type { Machine } from '../../host/machine'
import type { Program, WireItem } from '../../host/remote'
import { forgetOwnUndos } from '../../host/undo-files'
import type { ShStep } from '../../plan/step'
import { ACTOR_GROUP, releaseAndStart, toStart } from '../../services/hold'
import type { Leftover } from '../../services/leftovers'
import { type Sh, sh } from '../../shell/sh'

const RESUME_MS = 60_000

/**
 * The undo files go too: what a person has put in order must not be "put back" by a later run. So do the holds: nobody
 * could start a held unit by hand. Services are not started, as that may bring users back; paused actors go on.
 */
export function clearing(machine: Machine, entry: string, left: readonly Leftover[]): Program {
  const { stateDir, rights } = machine
  const actors = left.filter((one) => one.group === ACTOR_GROUP)
  const services = left.filter((one) => one.group !== ACTOR_GROUP)
  const disarm = disarmDeadMan({ stateDir, asRoot: rights === 'root' })
  return {
    id: 'release-0',
    state: { phase: 'idle', touched: false, drained: false },
    steps: [
      ...(services.length > 0
        ? [step('let-go', 'Let go of the stopped services, without starting them', releaseAndStart(services, [], 0))]
        : []),
      ...(actors.length > 0
        ? [step('resume', 'Resume what was paused', releaseAndStart(actors, toStart(ACTOR_GROUP, actors), RESUME_MS))]
        : []),
      step(
        'release',
        'Clear the state of a held host',
        sh`${enter(stateDir, entry)} && { ${forgetOwnUndos(stateDir)}; } && { ${disarm}; } && rm -f ${heldReasonFile(stateDir)}`,
      ),
    ],
  }
}

/** The reason of a person alone. */
export function entering({ stateDir }: Machine, entry: string): Program {
  return { id: 'release-1', state: {}, steps: [step('enter', 'Write down who put it back', enter(stateDir, entry))] }
}

const enter = (stateDir: string, entry: string) => sh`printf '%s\\n' ${entry} >>${`${stateDir}/released.log`}`

function step(id: string, title: string, run: Sh): ShStep {
  const rest = { place: 'host', required: true, disruptive: false, changes: true, timeoutMs: 120_000 } as const
  return { do: 'sh', id, title, run, output: 'text', ...rest }
}

/** null: all of it is done; else why not. */
export async function runSmall(machine: Machine, program: Program, signal: AbortSignal): Promise<string | null> {
  const failed: string[] = []
  const note = (item: WireItem) => {
    if (item.t === 'end' && item.result.outcome !== 'done') failed.push(`${item.result.id}: ${item.result.tail}`)
  }
  const end = await machine.run(program, note, signal)
  if (end.t === 'over' && failed.length === 0) return null
  return failed.join('; ') || `its state could not be written (${end.t})`
}
