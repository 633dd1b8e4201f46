import type { HostConfig, MaintenanceFile } from '../config/schema'
import { sh } from '../shell/sh'
import { driversOf } from '../traffic/kinds'
import type { RunContext } from './run-context'

/** An undo at a helper: whose drain it would take back. */
export interface Undo {
  readonly host: string
  readonly file: string
}

const UNDO = /^\d+-\d+-([a-z0-9][a-z0-9._-]{0,62})-[a-z]+-\d+-\d+\.sh$/

/** Undos in a listing of a helper's folder that belong to hosts which are none of `known`. Pure. */
export function foreignUndos(listing: string, known: ReadonlySet<string>): readonly Undo[] {
  return listing.split('\n').flatMap((file) => {
    const host = UNDO.exec(file)?.[1]
    return host === undefined || known.has(host) ? [] : [{ host, file }]
  })
}

/**
 * A host that was taken out of the file is never reached again, but a balancer may still keep its users away. What can be
 * done is to say so: only who wrote the file knows whether another file maintains it.
 */
export async function tellOrphans(x: RunContext): Promise<void> {
  const known = new Set(x.file.hosts.keys())
  for (const helper of helpersOf(x.file)) {
    const listing = await undosAt(x, helper).catch(() => '')
    for (const { host, file } of foreignUndos(listing, known)) {
      const sentence = `${helper.name} still holds how ${host} is to be put back (undo/${file}), and ${host} is not in ${x.file.file}. If no other file maintains it, it may still be out of service: put it back at ${helper.name} by hand, or take it into the file again and run \`mode: recover\``
      x.journal.append({ type: 'warning', sentence }, null)
    }
  }
}

/** Helpers at which a host of the file is drained. */
function helpersOf(file: MaintenanceFile): readonly HostConfig[] {
  const run = { id: '', mode: 'recover', now: new Date(0) } as const
  const places = [...file.hosts.values()].flatMap((host) => driversOf({ host, run }).map((driver) => driver.place))
  return [...new Set(places)].flatMap((place) => file.hosts.get(place) ?? [])
}

/** Looked at without a lease: nothing is changed. */
async function undosAt(x: RunContext, helper: HostConfig): Promise<string> {
  await using machine = await x.machines.open(helper, x.io.signal)
  const question = { id: 'undos', sh: sh`ls ${`${machine.stateDir}/undo`}`, cap: 262_144 }
  const [answer] = await machine.ask([question], x.io.signal)
  return answer?.rc === 0 ? answer.out : ''
}
